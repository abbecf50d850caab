"""Data sets whose training images are a few of another's."""

from __future__ import annotations

import numpy as np

from mps_env.data.source import Source
from mps_env.data.subset import subset


def source() -> Source:
    labels = np.repeat(np.arange(3), 20)
    images = np.arange(60, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    return Source(train=lambda: (images, labels), test=lambda: (images[:5], labels[:5]), class_names=("a", "b", "c"))


def test_subset_has_as_many_of_each_class_and_the_whole_test_split() -> None:
    made = subset(source(), 4, seed=1)
    images, labels = made.train()
    assert np.bincount(labels).tolist() == [4, 4, 4]
    np.testing.assert_array_equal(images[:, 0, 0, 0] // 20, labels)
    assert len(np.unique(images[:, 0, 0, 0])) == 12
    assert len(made.test()[0]) == 5


def test_subset_is_the_same_for_the_same_seed() -> None:
    first, second, other = (subset(source(), 4, seed=seed).train()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
