import numpy as np
import pytest

from agents.runs.journal import Journal, JournaledProxy
from mps_env.proxies.base import Proxy, Score
from mps_env.synthetic_set import SyntheticSet


@pytest.fixture
def opened():
    """Open journals, and close them all at the end."""
    journals = []

    def open_journal(path):
        journals.append(Journal(path))
        return journals[-1]

    yield open_journal
    for journal in journals:
        journal.close()


KEY, OTHER = b"k" * 16, b"o" * 16


class CountingProxy(Proxy):
    """Answers from the set's mean pixel, and counts how often it was asked."""

    def __init__(self):
        self.scores = self.predictions = 0

    def begin(self, seed):
        return seed

    def score(self, episode, synthetic_set):
        self.scores += 1
        mean = float(synthetic_set.images.mean())
        return Score(mean, 1 / 3, np.array([mean, 0.1], np.float32), model=mean)

    def predict(self, score, images):
        self.predictions += 1
        return np.full((len(images), 2), score.model, np.float32)


def a_set(pixel):
    return SyntheticSet(np.full((2, 2, 2, 1), pixel, np.float32), np.eye(2, dtype=np.float32))


def test_values_come_back_bit_for_bit(opened, tmp_path):
    journal = opened(tmp_path / "j")
    journal.put(KEY, np.array([1 / 3, np.pi]))
    journal.close()
    assert opened(tmp_path / "j").get(KEY).tolist() == [1 / 3, np.pi]


def test_what_is_not_on_record_is_none(opened, tmp_path):
    assert opened(tmp_path / "j").get(KEY) is None


@pytest.mark.parametrize("cut", [1, 8, 30])
def test_a_record_that_a_kill_cut_short_is_dropped(opened, tmp_path, cut):
    journal = opened(tmp_path / "j")
    journal.put(KEY, np.array([1.0, 2.0]))
    journal.put(OTHER, np.array([3.0, 4.0]))
    journal.close()
    (tmp_path / "j").write_bytes((tmp_path / "j").read_bytes()[:-cut])
    reopened = opened(tmp_path / "j")
    assert reopened.get(KEY).tolist() == [1.0, 2.0]
    assert reopened.get(OTHER) is None
    reopened.put(OTHER, np.array([5.0]))
    reopened.close()
    assert opened(tmp_path / "j").get(OTHER).tolist() == [5.0]


def test_a_score_on_record_is_not_computed_again(opened, tmp_path):
    first, second = CountingProxy(), CountingProxy()
    journal = opened(tmp_path / "j")
    proxy = JournaledProxy(first, journal)
    asked = proxy.score(proxy.begin(1), a_set(0.3))
    journal.close()
    proxy = JournaledProxy(second, opened(tmp_path / "j"))
    read = proxy.score(proxy.begin(1), a_set(0.3))
    assert (read.accuracy, read.loss) == (asked.accuracy, asked.loss)
    assert np.array_equal(read.class_accuracy, asked.class_accuracy)
    assert (first.scores, second.scores) == (1, 0)


def test_of_several_sets_only_those_are_scored_that_are_not_on_record_and_once(opened, tmp_path):
    inner = CountingProxy()
    proxy = JournaledProxy(inner, opened(tmp_path / "j"))
    trial = proxy.begin(1)
    proxy.score(trial, a_set(0.5))
    scores = proxy.score_batch([trial] * 4, [a_set(0.25), a_set(0.5), a_set(0.75), a_set(0.25)])
    assert [score.accuracy for score in scores] == [0.25, 0.5, 0.75, 0.25]
    assert inner.scores == 3


def test_another_seed_is_another_record(opened, tmp_path):
    inner = CountingProxy()
    proxy = JournaledProxy(inner, opened(tmp_path / "j"))
    for seed in (1, 2):
        proxy.score(proxy.begin(seed), a_set(0.3))
    assert inner.scores == 2


def test_a_prediction_trains_the_model_only_where_it_is_not_on_record(opened, tmp_path):
    images = np.zeros((3, 2, 2, 1), np.float32)
    journal = opened(tmp_path / "j")
    proxy = JournaledProxy(CountingProxy(), journal)
    score = proxy.score(proxy.begin(1), a_set(0.25))
    expected = proxy.predict(score, images)
    journal.close()

    inner = CountingProxy()
    proxy = JournaledProxy(inner, opened(tmp_path / "j"))
    score = proxy.score(proxy.begin(1), a_set(0.25))
    assert np.array_equal(proxy.predict(score, images), expected)
    assert inner.scores == inner.predictions == 0
    proxy.predict(score, images + 1)
    assert (inner.scores, inner.predictions) == (1, 1)


def test_time_stands_still_until_something_is_not_on_record(opened, tmp_path):
    journal = opened(tmp_path / "j")
    journal.go_live()
    journal.put(KEY, np.array([1.0]))
    recorded = journal.elapsed
    journal.close()
    reopened = opened(tmp_path / "j")
    assert reopened.elapsed == 0
    reopened.get(KEY)
    assert 0 < reopened.elapsed <= recorded
    assert reopened.elapsed == reopened.elapsed
