"""Statistics against figures of rliable 1.2.0 (with arch 7.2.0), which is no dependency, and against hand-made ones."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from agents.benchmark import statistics

# 5 and 4 runs (rows) of 3 tasks, as rliable takes them; strata are the columns.
X = np.array([[0.10, 0.62, 0.93], [0.42, 0.55, 1.10], [0.25, 0.71, 0.88], [0.33, 0.48, 1.02], [0.51, 0.80, 0.97]])
Y = np.array([[0.20, 0.50, 0.93], [0.15, 0.66, 0.70], [0.28, 0.41, 1.20], [0.05, 0.52, 0.85]])
THRESHOLDS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])

# aggregate_iqm, and get_interval_estimates(..., method="percentile", reps=50_000)
RLIABLE_IQM = {"x": (0.6555555556, 0.59, 0.7144444444), "y": (0.5116666667, 0.4533333333, 0.5816666667)}
# aggregate_optimality_gap
RLIABLE_GAP = {"x": 0.3633333333, "y": 0.4791666667}
# probability_of_improvement(x, y), and its ends for the list [x, y], reps=20_000
RLIABLE_IMPROVEMENT = (0.7416666667, 0.5166666667, 0.9333333333)
# create_performance_profile(..., reps=50_000): the profile and its ends
RLIABLE_PROFILE = {
    "x": (
        [1.0, 0.8666666667, 0.6666666667, 0.4, 0.1333333333],
        [1.0, 0.7333333333, 0.5333333333, 0.3333333333, 0.0],
        [1.0, 1.0, 0.8, 0.5333333333, 0.2666666667],
    ),
    "y": (
        [1.0, 0.75, 0.5, 0.25, 0.0833333333],
        [1.0, 0.6666666667, 0.3333333333, 0.0833333333, 0.0],
        [1.0, 0.9166666667, 0.6666666667, 0.3333333333, 0.25],
    ),
}
SCORES = {"x": list(X.T), "y": list(Y.T)}
# The ends of a percentile interval move a little with the resamples that were drawn.
LUCK = 0.004
# Those of a profile or a probability can only lie on a whole number of runs, or of pairs: it may be the next one.
ONE_RUN = {"x": 1 / 15 + 1e-9, "y": 1 / 12 + 1e-9}
ONE_PAIR = 1 / 60 + 1e-9


@pytest.mark.parametrize("name", ["x", "y"])
def test_interquartile_mean_and_its_interval_are_rliables(name):
    found = statistics.estimate(SCORES[name])
    value, low, high = RLIABLE_IQM[name]
    assert found.value == pytest.approx(value, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), abs=LUCK)


@pytest.mark.parametrize("name", ["x", "y"])
def test_optimality_gap_is_rliables(name):
    assert statistics.optimality_gap(SCORES[name]) == pytest.approx(RLIABLE_GAP[name], abs=1e-9)


def test_probability_of_improvement_and_its_interval_are_rliables():
    found = statistics.estimate([*SCORES["x"], *SCORES["y"]], statistics.probability_of_improvement)
    value, low, high = RLIABLE_IMPROVEMENT
    assert found.value == pytest.approx(value, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), abs=ONE_PAIR)


@pytest.mark.parametrize("name", ["x", "y"])
def test_performance_profile_and_its_band_are_rliables(name):
    profile, low, high = statistics.performance_profile(SCORES[name], THRESHOLDS)
    expected, expected_low, expected_high = RLIABLE_PROFILE[name]
    np.testing.assert_allclose(profile, expected, atol=1e-9)
    np.testing.assert_allclose(low, expected_low, atol=ONE_RUN[name])
    np.testing.assert_allclose(high, expected_high, atol=ONE_RUN[name])


def test_probability_of_improvement_counts_ties_as_scipys_mann_whitney_does():
    x, y = np.array([0.5, 0.5, 0.7]), np.array([0.5, 0.2, 0.9, 0.5])
    expected = mannwhitneyu(x, y).statistic / (len(x) * len(y))
    assert statistics.probability_of_improvement([x, y]) == pytest.approx(expected)


def test_tasks_may_have_unequal_numbers_of_runs():
    found = statistics.estimate([np.array([0.0, 1.0, 2.0, 3.0]), np.array([10.0, 11.0, 12.0, 13.0]), np.array([5.0])])
    # nine runs, two cut at either end: the mean of 2, 3, 5, 10, 11
    assert found.value == pytest.approx(31 / 5)
    assert found.low < found.value < found.high
    assert found.runs == 1
    assert found.is_weak


def test_resampling_stays_within_a_task():
    # However runs are drawn, half of them are 0 and half are 1: an interval across tasks would be wide.
    found = statistics.estimate([np.zeros(5), np.ones(5)], statistics.mean)
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)


def test_two_runs_give_an_interval_and_a_warning():
    found = statistics.estimate([np.array([0.2, 0.4])])
    assert (found.low, found.high) == pytest.approx((0.2, 0.4))
    assert found.has_interval
    assert found.is_weak


def test_one_run_gives_a_figure_without_an_interval():
    found = statistics.estimate([np.array([0.2]), np.array([0.4])])
    assert found.value == pytest.approx(0.3)
    assert not found.has_interval


def test_no_run_gives_no_figure():
    assert np.isnan(statistics.estimate([]).value)
    assert np.isnan(statistics.estimate([np.array([])]).value)


def test_a_second_call_gives_the_same_interval():
    assert statistics.interval(SCORES["x"]) == statistics.interval(SCORES["x"])


def test_points_of_a_curve_are_resampled_together():
    runs = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]).T
    middle, low, high = statistics.curve([runs])
    assert middle.tolist() == [2.0, 2.0]
    assert low[0] == low[1] < high[0] == high[1]


def test_a_curve_begins_where_every_run_has_a_value():
    middle, low, _ = statistics.curve([np.array([[np.nan, 1.0], [0.5, 1.5]])])
    assert np.isnan(middle[0])
    assert np.isnan(low[0])
    assert middle[1] == 1.0


def test_a_value_holds_until_the_next_one():
    held = statistics.hold(np.array([1, 3]), np.array([0.5, 0.8]), np.array([0, 1, 2, 3, 9]))
    np.testing.assert_array_equal(held, [np.nan, 0.5, 0.5, 0.8, 0.8])


def test_normalised_scores_are_0_and_1_at_the_two_ends():
    scores = statistics.normalise(np.array([0.6, 0.75, 0.9, 1.0]), zero=0.6, one=0.9)
    np.testing.assert_allclose(scores, [0, 0.5, 1, 4 / 3])


def test_a_reference_that_is_no_better_is_an_error():
    with pytest.raises(ValueError, match=r"one must be above zero, got 0\.5 and 0\.6\. Choose a reference"):
        statistics.normalise(np.array([0.6]), zero=0.6, one=0.5)
