"""What a data set loader gives: two lazily loaded labelled parts and the class names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

Labelled: TypeAlias = tuple[np.ndarray, np.ndarray]
"""Images (n, H, W) or (n, H, W, C), uint8 or floats in [0, 1], and integer labels (n,) or (n, 1)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """One data set before it is split for validation. A registered loader returns this.

    Args:
        train: Loads the training images and labels; called when they are needed.
        test: Loads the test images and labels; called by the audit alone.
        class_names: One name per class, in label order.
        is_checked: Whether the loader has put both parts through `mps_env.data.checks` itself. Others are
            checked when they are loaded.
    """

    train: Callable[[], Labelled]
    test: Callable[[], Labelled]
    class_names: tuple[str, ...]
    is_checked: bool = False


SourceFactory: TypeAlias = Callable[[Path | None], Source]
"""What is registered: takes the `data_dir` that the caller gave (an existing folder) or None."""


def source_of_arrays(arrays: dict[str, np.ndarray], class_names: tuple[str, ...]) -> Source:
    """Return the source of four checked arrays, `x_train`, `y_train`, `x_test` and `y_test`."""
    return Source(
        train=partial(_labelled, arrays["x_train"], arrays["y_train"]),
        test=partial(_labelled, arrays["x_test"], arrays["y_test"]),
        class_names=class_names,
        is_checked=True,
    )


def _labelled(images: np.ndarray, labels: np.ndarray) -> Labelled:
    return images, labels
