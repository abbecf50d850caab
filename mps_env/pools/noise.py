"""Uniform noise in the shape of the data set's images: the start that knows nothing."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Dataset


def noise(dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return `counts[c]` images of every class c, each pixel uniform in [0, 1)."""
    images = rng.random((int(counts.sum()), *dataset.image_shape), dtype=np.float32)
    return images, np.repeat(np.arange(len(counts)), counts)
