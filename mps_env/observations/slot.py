"""The `slot` observation: one image and its label, as the MPS family's agents see it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np

from mps_env.observations.base import Observation

if TYPE_CHECKING:
    from mps_env.episode import Episode


class SlotObservation(Observation):
    """`Box(0, 1, (H*W*C + K,))`: the flat image under the cursor, then its label."""

    space: gym.spaces.Box

    def __init__(self, n_slots: int, image_shape: tuple[int, int, int], num_classes: int) -> None:
        self.space = gym.spaces.Box(0.0, 1.0, (prod(image_shape) + num_classes,), dtype=np.float32)

    def observe(self, episode: Episode) -> np.ndarray:
        state = episode.synthetic_set
        return np.concatenate([state.images[episode.slot].ravel(), state.labels[episode.slot]])
