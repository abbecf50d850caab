"""Images that a class-conditional GAN makes, after the training images."""

from __future__ import annotations

import numpy as np

from mps_env.data.dataset import Dataset
from mps_env.gan import trained_generator
from mps_env.pools.base import check_available, classes_of
from mps_env.pools.random_images import random_images

_MOST_PIXELS = 64 * 64 * 3  # H * W * C; dense layers for more would train for hours, and to no good


def gan(dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return `counts[c]` generated images of every class c; there is no end of them.

    The GAN is trained when a data set is first asked for (seconds on digits, one to two minutes on MNIST, about
    six on CIFAR, on two cores) with a seed of its own; `rng` draws the noise that the images are made from.

    Raises:
        ValueError: If a class has no training image that its images could be modelled on, or the images are too large.
        RuntimeError: If the training diverges.
    """
    pixels = int(np.prod(dataset.image_shape))
    if pixels > _MOST_PIXELS:
        raise ValueError(
            f"the pool 'gan' makes images of at most {_MOST_PIXELS} numbers, got {pixels} for {dataset.image_shape}."
            " Use smaller images, or another pool."
        )
    check_available(dataset, np.minimum(counts, 1))
    classes = classes_of(counts)
    return trained_generator(dataset).sample(classes, rng), classes


def random_and_gan(dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return of every class half random real images, one more where a half is none, and half generated ones.

    Raises:
        ValueError: If a class has too few images, or as `gan` does.
        RuntimeError: As `gan` does.
    """
    generated = counts // 2
    parts = [random_images(dataset, counts - generated, rng), gan(dataset, generated, rng)]
    images = np.concatenate([images for images, _ in parts])
    classes = np.concatenate([classes for _, classes in parts])
    order = np.argsort(classes, kind="stable")
    return images[order], classes[order]
