"""What a pool is: a function from a data set and counts to images by class, and the images it gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from mps_env.data.dataset import Dataset, Split
from mps_env.synthetic_set import image_key

PoolFunction: TypeAlias = Callable[[Dataset, np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""`(dataset, counts (K,) int64, rng) -> (images (N, H, W, C) float32 in [0, 1], classes (N,) int64)`, ordered
by class, with exactly the number of images per class that `counts` asks for."""

ClassChooser: TypeAlias = Callable[[Split, np.ndarray, int, np.random.Generator], np.ndarray]
"""`(training split, positions of one class in it (n,), count <= n, rng) -> images (count, H, W, C)`."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Images to take replacements from, ordered by class.

    Args:
        images: (N, H, W, C) float32 in [0, 1].
        classes: (N,) int64, ascending.
    """

    images: np.ndarray
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def of_class(self, label: int) -> np.ndarray:
        """Return the positions of the images of one class, ascending int64; empty for an unknown class."""
        low, high = np.searchsorted(self.classes, [label, label + 1])
        return np.arange(low, high)

    @cached_property
    def image_keys(self) -> np.ndarray:
        """The content key of each image, (N,) S8, as `SyntheticSet.image_keys` has them."""
        return np.array([image_key(image) for image in self.images], dtype="S8")


@dataclass(frozen=True)
class RealPool:
    """A pool made from the training images class by class, so that a class gives at most as many as it has.

    Args:
        choose: Makes the images of one class.
    """

    choose: ClassChooser

    def __call__(self, dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return `counts[c]` images of every class c.

        Raises:
            ValueError: If a class has fewer training images than asked for.
        """
        check_available(dataset, counts)
        images = np.empty((int(np.sum(counts)), *dataset.image_shape), dtype=np.float32)
        start = 0
        for label, count in enumerate(counts):
            positions = np.flatnonzero(dataset.train.labels == label)
            if count:
                images[start : start + count] = self.choose(dataset.train, positions, int(count), rng)
            start += count
        return images, classes_of(counts)


def available_counts(dataset: Dataset) -> np.ndarray:
    """Return the number of training images per class, (K,) int64."""
    return np.bincount(dataset.train.labels, minlength=dataset.num_classes)


def check_available(dataset: Dataset, counts: np.ndarray) -> None:
    """Check that each class has as many training images as asked for.

    Raises:
        ValueError: If one has not; the message names it and the largest ipc that is possible.
    """
    available = available_counts(dataset)
    for label in np.flatnonzero(counts > available):
        raise ValueError(
            f"class {label} ({dataset.class_names[label]}) of {dataset.name} has {available[label]} training"
            f" images, fewer than the {counts[label]} asked for. The largest ipc possible is {available.min()};"
            " a smaller val_size leaves more."
        )


def classes_of(counts: np.ndarray) -> np.ndarray:
    """Return the classes of a pool's images, (N,) int64 ascending, for `counts` (K,)."""
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def balanced_counts(n_images: int, num_classes: int) -> np.ndarray:
    """Divide `n_images` over the classes, (K,) int64; the first classes get one more where need be.

    Raises:
        ValueError: If there is less than one image per class.
    """
    if n_images < num_classes:
        raise ValueError(
            f"n_images must be at least {num_classes}, one per class, got {n_images}."
            f" Use n_images={num_classes} or more."
        )
    return n_images // num_classes + (np.arange(num_classes) < n_images % num_classes).astype(np.int64)
