"""Prototypes: the k-means centres of a class, each the mean of images that look alike."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Split
from mps_env.pools.base import RealPool

_MAX_IMAGES = 1_000
"""Images of a class that k-means looks at, for speed."""


def cluster_centers(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return k-means centres of `points` (n, d), count <= n, as (count, d) float32.

    Where there are no more different points than centres, the points themselves are the centres, some of them
    more than once.
    """
    seed = int(rng.integers(2**31))
    distinct = list({row.tobytes(): row for row in points}.values())  # np.unique would sort, which takes longer
    if len(distinct) <= count:
        return np.stack([distinct[index % len(distinct)] for index in range(count)])

    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # On several threads the partial sums are added in any order, and the last bits of the centres change.
    with threadpool_limits(limits=1):
        centers = KMeans(n_clusters=count, n_init=1, random_state=seed).fit(points).cluster_centers_
    return centers.astype(np.float32)


def choose_prototypes(split: Split, positions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the centres of (at most about a thousand images of) one class, (count, H, W, C) in [0, 1]."""
    limit = max(_MAX_IMAGES, 2 * count)
    if len(positions) > limit:
        positions = np.sort(rng.choice(positions, size=limit, replace=False))
    images = split.take(positions)
    centers = cluster_centers(images.reshape(len(images), -1), count, rng)
    return np.clip(centers, 0, 1).reshape(count, *images.shape[1:])


prototypes = RealPool(choose_prototypes)
