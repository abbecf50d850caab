"""Random real training images, drawn without replacement."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Split
from mps_env.pools.base import RealPool


def choose_random(split: Split, positions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return `count` different images at `positions`, (count, H, W, C)."""
    return split.take(rng.choice(positions, size=count, replace=False))


random_images = RealPool(choose_random)
