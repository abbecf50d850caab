"""What a loaded data set is: a training and a validation split, and no test split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of an image array that may be larger, memory-mapped and shared with other splits.

    Args:
        source: (M, H, W, C), uint8 in [0, 255] or float32 in [0, 1].
        rows: (n,) int64, the rows of `source` that belong to this split.
        labels: (n,) int64 classes of those rows.
    """

    source: np.ndarray
    rows: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def __deepcopy__(self, memo: dict[int, Any]) -> Split:
        """Return the split itself: it never changes, and copies of an environment would copy megabytes."""
        return self

    def take(self, indices: np.ndarray | slice) -> np.ndarray:
        """Return images of this split by position, (n, H, W, C) float32 in [0, 1]."""
        images = self.source[self.rows[indices]]
        if images.dtype == np.uint8:
            return images.astype(np.float32) / np.float32(255)
        return np.ascontiguousarray(images, dtype=np.float32)

    @cached_property
    def images(self) -> np.ndarray:
        """All images, (n, H, W, C) float32 in [0, 1]; kept once asked for, so meant for small splits."""
        return self.take(slice(None))


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set as distillation sees it. The test split is not part of it: only the audit loads that.

    Args:
        name: The registered name or the path it was loaded from.
        train: What synthetic sets may be made from.
        validation: What rewards are measured on; carved out of the training data with a fixed seed.
        class_names: One name per class, in label order.
    """

    name: str
    train: Split
    validation: Split
    class_names: tuple[str, ...]

    @property
    def num_classes(self) -> int:
        """K."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        return self.train.source.shape[1:]
