"""The test split. Only the audit (`mps_env.evaluation`) may import this; a test of the project sees to it."""

from __future__ import annotations

import os

import numpy as np

from mps_env.data.catalogue import find_source
from mps_env.data.checks import check_part, check_test_labels
from mps_env.data.dataset import Split

__all__ = ["load_test_split"]


def load_test_split(name_or_path: str | os.PathLike[str], *, data_dir: str | os.PathLike[str] | None = None) -> Split:
    """Load the test images of a data set.

    Args:
        name_or_path: As for `mps_env.data.load_dataset`.
        data_dir: As there.

    Raises:
        FileNotFoundError: If the file or folder does not exist.
        ValueError: If the name is unknown or the data cannot be used.
    """
    name, source = find_source(name_or_path, data_dir)
    images, labels = source.test()
    if not source.is_checked:
        images, labels = check_part(images, labels, where=name, part="test")
        check_test_labels(labels, where=name, num_classes=len(source.class_names))
    return Split(source=images, rows=np.arange(len(labels)), labels=labels)
