import numpy as np
import pytest

from mps_env.proxies.base import Score
from mps_env.rewards import REWARDS, Transition
from mps_env.synthetic_set import SyntheticSet


def a_set(pixel):
    return SyntheticSet(np.full((1, 2, 2, 1), pixel, np.float32), np.array([[0.0, 1.0]], np.float32))


def a_transition(predicted=(0.0, 1.0)):
    scores = [Score(accuracy, 0.1, np.zeros(2, np.float32)) for accuracy in (0.5, 0.75)]
    return Transition(a_set(0.0), a_set(0.25), 0, *scores, predict=lambda images: np.array([predicted]))


def test_accuracy_is_that_of_the_set_that_was_kept():
    assert REWARDS.get("accuracy")(a_transition()) == 0.75


def test_gain_is_its_change():
    assert REWARDS.get("gain")(a_transition()) == 0.25


def test_similarity_is_half_closeness_and_half_a_right_prediction():
    assert REWARDS.get("similarity")(a_transition()) == pytest.approx(0.5 / 1.25 + 0.5)


def test_similarity_without_a_right_prediction_is_closeness_alone():
    assert REWARDS.get("similarity")(a_transition(predicted=(1.0, 0.0))) == pytest.approx(0.5 / 1.25)
