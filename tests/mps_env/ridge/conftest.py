import numpy as np
import pytest

from mps_env.data.dataset import Dataset, Split
from mps_env.synthetic_set import SyntheticSet, one_hot

_CLASSES = 3


def blob_split(count, seed):
    """Images of 3 classes: a bright square in one of three corners, in noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % _CLASSES
    images = 0.5 * rng.random((count, 8, 8, 1), dtype=np.float32)
    for image, label in zip(images, labels, strict=True):
        row, column = ((0, 0), (0, 4), (4, 0))[label]
        image[row : row + 3, column : column + 3] += 0.4
    return Split(images, np.arange(count), labels.astype(np.int64))


@pytest.fixture(scope="session")
def blobs():
    return Dataset("blobs", blob_split(90, seed=0), blob_split(30, seed=1), ("a", "b", "c"))


@pytest.fixture
def blob_set(blobs):
    """6 training images, two per class."""
    return SyntheticSet(blobs.train.take(slice(0, 6)), one_hot(blobs.train.labels[:6], _CLASSES))
