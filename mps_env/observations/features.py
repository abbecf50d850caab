"""The `features` observation: a short vector that means the same on every data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np

from mps_env.observations.base import Observation

if TYPE_CHECKING:
    from mps_env.episode import Episode

FEATURE_NAMES = (
    "accuracy",  # of the set
    "best_accuracy",  # of the episode so far
    "class_accuracy",  # on the slot's class
    "class_deficit",  # that, relative to the set's accuracy
    "label_confidence",  # the largest entry of the slot's label
    "margin",  # leave-one-out margin of the slot under the ridge bank
    "influence",  # how much the bank's loss rises, relatively, when the slot is left out
    "mean_distance",  # to the class mean, in units of twice the class's spread
    "neighbour_distance",  # to the nearest other image of the set, in the same unit
    "last_gain",  # of accuracy, newest first, in tenths
    "second_last_gain",
    "third_last_gain",
    "progress",
)
_GAIN_UNIT = 0.1
_INFLUENCE_UNIT = 0.05


class FeaturesObservation(Observation):
    """`Box(-1, 1, (13,))`; `FEATURE_NAMES` says what each entry is. Entries are fractions, or ratios clipped to
    [-1, 1] whose unit is the data set's own, so that one policy can be carried from one data set to another."""

    space: gym.spaces.Box

    def __init__(self, n_slots: int, image_shape: tuple[int, int, int], num_classes: int) -> None:
        self.space = gym.spaces.Box(-1.0, 1.0, (len(FEATURE_NAMES),), dtype=np.float32)

    def observe(self, episode: Episode) -> np.ndarray:
        state, slot, score = episode.synthetic_set, episode.slot, episode.score
        own_class = int(state.classes[slot])
        advisor = episode.advisor
        unit = 2 * float(episode.task.statistics.spreads[own_class])
        class_accuracy = float(score.class_accuracy[own_class])
        vector = np.array(
            [
                score.accuracy,
                episode.best_score.accuracy,
                class_accuracy,
                class_accuracy - score.accuracy,
                state.labels[slot, own_class],
                advisor.margin(state, slot),
                advisor.influence(state, slot) / _INFLUENCE_UNIT,
                _distance(state.images[slot], episode.task.statistics.means[own_class]) / unit,
                _nearest_distance(state.images, slot) / unit,
                *(gain / _GAIN_UNIT for gain in episode.last_gains),
                episode.progress,
            ],
            dtype=np.float32,
        )
        return np.clip(vector, -1, 1)


def _distance(image: np.ndarray, other: np.ndarray) -> float:
    difference = (image - other).ravel()
    return float(np.sqrt(difference @ difference))


def _nearest_distance(images: np.ndarray, slot: int) -> float:
    """The distance from one image of a set to the nearest other one; 0 in a set of one."""
    if len(images) == 1:
        return 0.0
    difference = (images - images[slot]).reshape(len(images), -1)
    squared = np.einsum("nd,nd->n", difference, difference)
    squared[slot] = np.inf
    return float(np.sqrt(squared.min()))
