"""K-center: real images chosen so that no image of the class is far from all of them."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Split
from mps_env.pools.base import RealPool


def farthest_points(points: np.ndarray, count: int) -> np.ndarray:
    """Return rows of `points` (n, d): the one nearest to the mean, then the farthest from those chosen, and so on.

    Gonzalez 1985, a 2-approximation of the k-center problem, started near the mean so that nothing is random.
    No row is chosen twice.

    Returns:
        (count,) int64 in the order of choice.
    """
    squared_norms = np.einsum("nd,nd->n", points, points)
    chosen = np.empty(count, dtype=np.int64)
    # Squared distances up to what all rows share; a product with a matrix is much faster than differences.
    chosen[0] = (squared_norms - 2 * (points @ points.mean(axis=0))).argmin()
    distances = np.full(len(points), np.inf)
    for t in range(1, count):
        newest = chosen[t - 1]
        to_newest = squared_norms - 2 * (points @ points[newest]) + squared_norms[newest]
        distances = np.minimum(distances, np.maximum(to_newest, 0))
        distances[newest] = -1.0  # below every other: duplicates come last, but no row twice
        chosen[t] = distances.argmax()
    return chosen


def choose_centers(split: Split, positions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the k-center images of one class in pixel space, (count, H, W, C); nothing in it is random."""
    images = split.take(positions)
    return images[farthest_points(images.reshape(len(images), -1), count)]


kcenter = RealPool(choose_centers)
