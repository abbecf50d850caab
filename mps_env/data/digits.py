"""The embedded data set: scikit-learn's 1,797 handwritten digits of 8×8 pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mps_env.data.cache import cached_arrays
from mps_env.data.checks import checked_arrays
from mps_env.data.source import Source, source_of_arrays
from mps_env.data.splits import own_test_split

N_TRAIN, N_TEST = 1437, 360
IMAGE_SHAPE = (8, 8, 1)
CLASS_NAMES = tuple(str(digit) for digit in range(10))

_BRIGHTEST = 16


def digits(data_dir: Path | None = None) -> Source:
    """Return the digits, split 80/20 into training and test with a fixed seed; `data_dir` is not used."""
    # Kept in the cache, because importing scikit-learn takes much longer than everything else here.
    return source_of_arrays(cached_arrays("scikit-learn:digits", "", _arrays), CLASS_NAMES)


def _arrays() -> dict[str, np.ndarray]:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = (bunch.images / _BRIGHTEST).astype(np.float32)
    labels = bunch.target.astype(np.int64)
    train, test = own_test_split(labels)
    arrays = {"x_train": images[train], "y_train": labels[train], "x_test": images[test], "y_test": labels[test]}
    return checked_arrays(arrays, where="digits", num_classes=len(CLASS_NAMES))
