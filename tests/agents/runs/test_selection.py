import numpy as np
import pytest

from agents.runs.selection import FRESH_SEEDS, FreshScore, best_index, score_freshly
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


def test_the_best_is_what_the_rule_of_acceptance_ranks_highest():
    scores = [FreshScore(0.5, 0.2), FreshScore(0.75, 0.4), FreshScore(0.75, 0.3)]
    assert best_index(scores, by_accuracy) == 2
    assert best_index(scores, by_loss) == 0
