"""Uniform noise in the shape of the data set's images: the start that knows nothing."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Dataset
from mps_env.pools.base import classes_of


def noise(dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return `counts[c]` images of every class c, each pixel uniform in [0, 1)."""
    images = rng.random((int(counts.sum()), *dataset.image_shape), dtype=np.float32)
    return images, classes_of(counts)
