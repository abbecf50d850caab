"""K-center: real images chosen so that no image of the class is far from all of them."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Split
from mps_env.pools.base import RealPool


def farthest_points(points: np.ndarray, count: int) -> np.ndarray:
    """Return rows of `points` (n, d): the one nearest to the mean, then always the farthest from those chosen.

    Gonzalez 1985, a 2-approximation of the k-center problem; the start at the mean is that of Sener and Savarese's
    coresets as the distillation literature uses them. Rows are never chosen twice, equal ones apart.

    Returns:
        (count,) int64 in the order of choice.
    """
    chosen = np.empty(count, dtype=np.int64)
    chosen[0] = _squared_distances(points, points.mean(axis=0)).argmin()
    distances = np.full(len(points), np.inf)
    for t in range(1, count):
        newest = chosen[t - 1]
        distances = np.minimum(distances, _squared_distances(points, points[newest]))
        distances[newest] = -1.0  # below every other, so duplicates come last but one row only once
        chosen[t] = distances.argmax()
    return chosen


def choose_centers(split: Split, positions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the k-center images of one class in pixel space, (count, H, W, C); nothing in it is random."""
    images = split.take(positions)
    return images[farthest_points(images.reshape(len(images), -1), count)]


def _squared_distances(points: np.ndarray, center: np.ndarray) -> np.ndarray:
    difference = points - center
    return np.einsum("nd,nd->n", difference, difference)


kcenter = RealPool(choose_centers)
