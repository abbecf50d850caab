"""The `mosaic` observation: the set as one picture, for CNN policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium as gym
import numpy as np

from mps_env.observations.base import Observation

if TYPE_CHECKING:
    from mps_env.episode import Episode

_SMALLEST_SIDE = 36  # what Stable-Baselines3's NatureCNN can take


class MosaicObservation(Observation):
    """`Box(0, 255, (H', W', C), uint8)`: the images in a near-square grid; the lines around the slot are white."""

    space: gym.spaces.Box

    def __init__(self, n_slots: int, image_shape: tuple[int, int, int], num_classes: int) -> None:
        height, width, channels = image_shape
        self.columns = int(np.ceil(np.sqrt(n_slots)))
        rows = -(-n_slots // self.columns)
        self._cell = (height + 1, width + 1)
        self._grid = (rows * self._cell[0] + 1, self.columns * self._cell[1] + 1, channels)
        self._scale = -(-_SMALLEST_SIDE // min(self._grid[:2]))
        shape = (self._grid[0] * self._scale, self._grid[1] * self._scale, channels)
        self.space = gym.spaces.Box(0, 255, shape, dtype=np.uint8)

    def observe(self, episode: Episode) -> np.ndarray:
        images = episode.synthetic_set.images
        count, height, width, channels = images.shape
        rows, columns = self._grid[0] // self._cell[0], self.columns
        cells = np.zeros((rows * columns, *self._cell, channels), dtype=np.uint8)
        cells[:count, 1:, 1:] = np.rint(images * 255)
        picture = np.zeros(self._grid, dtype=np.uint8)
        tiled = cells.reshape(rows, columns, *self._cell, channels).swapaxes(1, 2)
        picture[:-1, :-1] = tiled.reshape(rows * self._cell[0], columns * self._cell[1], channels)
        _frame(picture, *np.multiply(divmod(episode.slot, columns), self._cell), height + 1, width + 1)
        return picture.repeat(self._scale, axis=0).repeat(self._scale, axis=1)


def _frame(picture: np.ndarray, top: int, left: int, height: int, width: int) -> None:
    """Draw white lines in place around the cell whose grid lines begin at (top, left)."""
    picture[[top, top + height], left : left + width + 1] = 255
    picture[top : top + height + 1, [left, left + width]] = 255
