import numpy as np
import pytest

from agents.runs.selection import FRESH_SEEDS, FreshScore, choose, measured_costs, score_freshly
from mps_env.acceptance import by_accuracy, by_loss
from mps_env.proxies.base import Proxy, Score
from mps_env.synthetic_set import SyntheticSet


class SeededProxy(Proxy):
    """Gives every set the mean of its pixels, and every seed an offset of its own."""

    def begin(self, seed):
        return seed

    def score(self, episode, synthetic_set):
        accuracy = float(synthetic_set.images.mean()) + (episode % 3) / 16
        return Score(accuracy, 1 - accuracy, np.zeros(2, np.float32))

    def predict(self, score, images):
        raise AssertionError("not needed")


def a_set(pixel):
    return SyntheticSet(np.full((2, 2, 2, 1), pixel, np.float32), np.eye(2, dtype=np.float32))


def test_all_sets_meet_the_same_fresh_seeds():
    low, high = score_freshly(SeededProxy(), [a_set(0.25), a_set(0.5)], seed=4)
    assert high.accuracy - low.accuracy == pytest.approx(0.25)
    first = (2**31 + 4 * FRESH_SEEDS) % 3
    offsets = [(first + number) % 3 / 16 for number in range(FRESH_SEEDS)]
    assert low.accuracy == pytest.approx(0.25 + sum(offsets) / FRESH_SEEDS)


def test_one_set_more_costs_every_fresh_seed_once_more(monkeypatch):
    now = iter([0.0, 100.0, 200.0, 206.5, 300.0, 302.5])  # compiling; a proxy's first set; one set more
    monkeypatch.setattr("agents.runs.selection.time.perf_counter", lambda: next(now))
    costs = measured_costs(SeededProxy(), a_set(0.25), seed=4)
    assert (costs.fixed, costs.each) == (FRESH_SEEDS * 4.0, FRESH_SEEDS * 2.5)
    assert costs.seconds_of(2) == 12.0 + 15.0
    assert [costs.sets_within(seconds) for seconds in (5.0, 12.0, 26.9, 27.0)] == [0, 0, 1, 2]


def test_costs_are_measured_on_images_that_are_new_to_the_proxy():
    scored = []

    class Noting(SeededProxy):
        def score(self, episode, synthetic_set):
            scored.append(synthetic_set.fingerprint)
            return super().score(episode, synthetic_set)

    rng = np.random.default_rng(0)
    measured_costs(Noting(), SyntheticSet(rng.random((2, 2, 2, 1), np.float32), np.eye(2, dtype=np.float32)), seed=0)
    assert len(set(scored)) == 3


def test_the_best_is_what_the_rule_of_acceptance_ranks_highest():
    scores = [steady(0.5, 0.2), steady(0.75, 0.4), steady(0.75, 0.3), steady(0.4, 0.9)]
    assert choose(scores, by_accuracy) == 2
    assert choose(scores, by_loss) == 0


@pytest.mark.parametrize(
    ("challenger", "chosen"),
    [
        ([0.75, 0.75, 0.75], 0),  # ahead on every seed
        ([0.5, 0.5, 0.5], 1),  # level
        ([0.8, 0.7, 0.9], 0),  # ahead by several times what the differences scatter
        ([0.9, 0.45, 0.3], 1),  # ahead on average, by less than that
        ([0.4, 0.4, 0.4], 1),
    ],
)
def test_the_last_stands_unless_another_is_clearly_better(challenger, chosen):
    losses = np.zeros(3)
    scores = [FreshScore(np.array(challenger), losses), FreshScore(np.full(3, 0.5), losses)]
    assert choose(scores, by_accuracy) == chosen


def test_the_best_of_many_that_are_no_better_seldom_wins():
    rng = np.random.default_rng(0)
    trials = [FreshScore(*rng.normal(size=(2, 3))) for _ in range(17 * 400)]
    chosen = [choose(trials[start : start + 17], by_accuracy) for start in range(0, len(trials), 17)]
    assert np.mean(np.array(chosen) != 16) < 0.1


def test_seeds_may_differ_by_more_than_sets_do():
    seeds, losses = np.array([0.2, 0.5, 0.8]), np.zeros(3)
    better = FreshScore(seeds + np.array([0.02, 0.021, 0.019]), losses)
    assert choose([better, FreshScore(seeds, losses)], by_accuracy) == 0


def steady(accuracy, loss):
    return FreshScore(np.full(3, accuracy), np.full(3, loss))
