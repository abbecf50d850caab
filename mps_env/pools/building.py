"""Calling a pool by name: initial sets for the environment, and pools of replacement images."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Dataset
from mps_env.pools.base import Pool, RealPool, available_counts, balanced_counts, classes_of
from mps_env.pools.catalogue import POOLS
from mps_env.synthetic_set import SyntheticSet, one_hot


def initial_set(name: str, dataset: Dataset, n_images: int, rng: np.random.Generator) -> SyntheticSet:
    """Return a balanced set of images from a pool, with hard labels.

    Args:
        name: A registered pool or `"module:attribute"`.
        dataset: Whose training split the images are made from.
        n_images: N >= K; the first classes get one image more where K does not divide it.
        rng: All the randomness there is.

    Raises:
        ValueError: If the pool is unknown, or cannot give that many images.
    """
    images, classes = _called(name, dataset, balanced_counts(n_images, dataset.num_classes), rng)
    meta = {"dataset": dataset.name, "class_names": list(dataset.class_names), "init": name}
    return SyntheticSet.checked(images, one_hot(classes, dataset.num_classes), meta)


def build_pool(name: str, dataset: Dataset, *, per_class: int, rng: np.random.Generator) -> Pool:
    """Return a pool of `per_class` images of every class; of real images fewer, where a class has fewer.

    Raises:
        ValueError: If the pool is unknown, or `per_class` is less than 1.
    """
    if per_class < 1:
        raise ValueError(f"per_class must be >= 1, got {per_class}. Use 64 for the default number of candidates.")
    counts = np.full(dataset.num_classes, per_class, dtype=np.int64)
    if isinstance(POOLS.get(name), RealPool):
        counts = np.minimum(counts, available_counts(dataset))
    return Pool(*_called(name, dataset, counts, rng))


def _called(name: str, dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    images, classes = POOLS.get(name)(dataset, counts, rng)
    expected = (int(counts.sum()), *dataset.image_shape)
    if images.shape != expected or not np.array_equal(classes, classes_of(counts)):
        raise ValueError(
            f"the pool {name!r} must return images of shape {expected} ordered by class with the counts"
            f" asked for, got shape {images.shape}. Mend the function registered under that name."
        )
    if images.dtype != np.float32 or not 0 <= images.min(initial=0) <= images.max(initial=0) <= 1:
        raise ValueError(
            f"the pool {name!r} must return float32 images in [0, 1], got {images.dtype} in"
            f" [{images.min():.4g}, {images.max():.4g}]. Mend the function registered under that name."
        )
    return images, classes
