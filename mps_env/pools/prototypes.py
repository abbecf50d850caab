"""Prototypes: the k-means centres of a class, each the mean of images that look alike."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Split
from mps_env.k_means import k_means
from mps_env.pools.base import RealPool

_MAX_IMAGES = 1_000
"""Images of a class that k-means looks at, for speed."""


def choose_prototypes(split: Split, positions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the centres of (at most about a thousand images of) one class, (count, H, W, C) in [0, 1]."""
    limit = max(_MAX_IMAGES, 2 * count)
    if len(positions) > limit:
        positions = np.sort(rng.choice(positions, size=limit, replace=False))
    images = split.take(positions)
    centers = k_means(images.reshape(len(images), -1), count, int(rng.integers(2**31)))
    return np.clip(centers, 0, 1).reshape(count, *images.shape[1:])


prototypes = RealPool(choose_prototypes)
