"""A data set whose training images are a fixed few of another's; the test split is the other's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mps_env.data.keras_sets import mnist
from mps_env.data.source import Labelled, Source

SUBSET_SIZE = 1_000
_SUBSET_SEED = 42


def mnist_1000(data_dir: Path | None = None) -> Source:
    """Return MNIST with 1,000 of its training images, 100 of each digit drawn with seed 42, as MPS1 begins from."""
    source = mnist(data_dir)
    return subset(source, SUBSET_SIZE // len(source.class_names), seed=_SUBSET_SEED)


def subset(source: Source, per_class: int, *, seed: int) -> Source:
    """Return a data set with `per_class` random training images of each class of another, in their order there.

    Args:
        source: The other one.
        per_class: At most the number of training images of the smallest class.
        seed: Of the draw.
    """

    def train() -> Labelled:
        images, labels = source.train()
        rng = np.random.default_rng(seed)
        of_class = [np.flatnonzero(labels == label) for label in range(len(source.class_names))]
        rows = np.sort(np.concatenate([rng.choice(rows, size=per_class, replace=False) for rows in of_class]))
        return images[rows], labels[rows]

    return replace(source, train=train)
