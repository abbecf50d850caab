"""The `mosaic` observation: the set as one picture, for CNN policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np

from mps_env.observations.base import Observation
from mps_env.pictures import enlarge, frame_tile, grid_shape, near_square_columns, tile

if TYPE_CHECKING:
    from mps_env.episode import Episode

_SMALLEST_SIDE = 36  # what Stable-Baselines3's NatureCNN can take


class MosaicObservation(Observation):
    """`Box(0, 255, (H', W', C), uint8)`: the images in a near-square grid; the lines around the slot are white."""

    space: gym.spaces.Box

    def __init__(self, n_slots: int, image_shape: tuple[int, int, int], num_classes: int) -> None:
        self._image_shape = image_shape
        self._columns = near_square_columns(n_slots)
        height, width, channels = grid_shape(n_slots, self._columns, image_shape)
        self._scale = -(-_SMALLEST_SIDE // min(height, width))
        self.space = gym.spaces.Box(0, 255, (height * self._scale, width * self._scale, channels), dtype=np.uint8)

    def observe(self, episode: Episode) -> np.ndarray:
        picture = tile(episode.synthetic_set.images, self._columns)
        frame_tile(picture, episode.slot, self._columns, self._image_shape, colour=255)
        return enlarge(picture, self._scale)
