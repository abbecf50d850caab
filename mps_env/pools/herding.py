"""Herding: real images chosen one after the other so that their mean stays closest to the class mean."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Split
from mps_env.pools.base import RealPool


def herd(points: np.ndarray, count: int) -> np.ndarray:
    """Return the rows of `points` (n, d) that follow their mean best, in the order of choice, (count,) int64.

    Welling 2009, "Herding dynamical weights to learn", in the form of Rebuffi et al. 2017 (iCaRL, algorithm 4):
    the next row minimises the distance of the chosen rows' mean to the mean of all. The original takes the
    largest inner product instead, which is the same for rows of equal length and favours bright images otherwise.
    """
    mean = points.mean(axis=0)
    half_norms = 0.5 * np.einsum("nd,nd->n", points, points)
    total = np.zeros_like(mean)
    chosen = np.empty(count, dtype=np.int64)
    for t in range(count):
        # ||(t + 1) mean - total - x||² without what is the same for every x, negated and halved
        gains = points @ ((t + 1) * mean - total) - half_norms
        gains[chosen[:t]] = -np.inf
        chosen[t] = gains.argmax()
        total += points[chosen[t]]
    return chosen


def choose_herded(split: Split, positions: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the herded images of one class in pixel space, (count, H, W, C); nothing in it is random."""
    images = split.take(positions)
    return images[herd(images.reshape(len(images), -1), count)]


herding = RealPool(choose_herded)
