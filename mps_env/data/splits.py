"""Stratified splits with a fixed seed: the same images are held out in every run, whatever its seed."""

from __future__ import annotations

import math

import numpy as np

TEST_FRACTION = 0.2
"""Share of the images that becomes the test split where a data set comes without one."""

_TEST_SEED = 20_200
_VALIDATION_SEED = 20_201


def validation_split(labels: np.ndarray, val_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows (train, validation) of training labels (n,); the same for every seed of the user."""
    return stratified_split(labels, val_size, np.random.default_rng(_VALIDATION_SEED))


def own_test_split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows (train, test) of a data set that has no test split of its own: 80 % and 20 %."""
    return stratified_split(labels, math.ceil(TEST_FRACTION * len(labels)), np.random.default_rng(_TEST_SEED))


def stratified_split(labels: np.ndarray, n_held: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Hold `n_held` rows out, each class in proportion, with at least one image of each class on both sides.

    Args:
        labels: (n,) int64; every class 0..K-1 occurs at least twice.
        n_held: K <= n_held <= n - K.
        rng: Chooses which images of a class are held out.

    Returns:
        (kept, held): ascending rows, (n - n_held,) and (n_held,) int64.

    Raises:
        ValueError: If a class or `n_held` is too small, or `n_held` too large.
    """
    counts = np.bincount(labels)
    if counts.min() < 2:
        raise ValueError(f"class {counts.argmin()} has {counts.min()} images; a split needs at least 2 of each class.")
    if not len(counts) <= n_held <= len(labels) - len(counts):
        raise ValueError(f"n_held must be in [{len(counts)}, {len(labels) - len(counts)}], got {n_held}.")
    is_held = np.zeros(len(labels), dtype=bool)
    for label, n_of_class in enumerate(shares(counts, n_held)):
        is_held[rng.permutation(np.flatnonzero(labels == label))[:n_of_class]] = True
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def shares(counts: np.ndarray, total: int) -> np.ndarray:
    """Divide `total` in proportion to `counts`, (K,) int64, each share from 1 to its count - 1.

    Largest remainders get the rest, the lower class first where they are equal.
    """
    quotas = total * counts / counts.sum()
    shared = np.clip(np.floor(quotas).astype(np.int64), 1, counts - 1)
    while shared.sum() < total:
        shared[np.where(shared < counts - 1, quotas - shared, -np.inf).argmax()] += 1
    while shared.sum() > total:
        shared[np.where(shared > 1, quotas - shared, np.inf).argmin()] -= 1
    return shared
