"""Loading a data set for distillation: training and validation splits, never the test split."""

from __future__ import annotations

import os

import numpy as np

from mps_env.data.catalogue import find_source
from mps_env.data.checks import check_classes, check_part
from mps_env.data.dataset import Dataset, Split
from mps_env.data.source import Labelled, Source
from mps_env.data.splits import validation_split

_LARGEST_DEFAULT = 1_000
_DEFAULT_DIVISOR = 5


def load_dataset(
    name_or_path: str | os.PathLike[str],
    *,
    data_dir: str | os.PathLike[str] | None = None,
    val_size: int | None = None,
) -> Dataset:
    """Load a data set and carve the validation split out of its training data, stratified, with a fixed seed.

    Args:
        name_or_path: A registered name, an `.npz` file with `x_train, y_train, x_test, y_test`, a folder of
            class folders, or `"module:attribute"`.
        data_dir: Folder in which files are looked for first; else the environment variable MPS_DATA_DIR.
        val_size: Number of validation images; the smaller of 1,000 and a fifth of the training data where None.

    Raises:
        FileNotFoundError: If the file or folder does not exist; the message says where it was looked for.
        ValueError: If the name is unknown, the data cannot be used, or `val_size` is too small or too large.
    """
    name, source = find_source(name_or_path, data_dir)
    images, labels = _training_part(source, name)
    size = _checked_val_size(val_size, labels, name)
    train, validation = validation_split(labels, size)
    return Dataset(
        name=name,
        train=Split(source=images, rows=train, labels=labels[train]),
        validation=Split(source=images, rows=validation, labels=labels[validation]),
        class_names=source.class_names,
    )


def _training_part(source: Source, name: str) -> Labelled:
    images, labels = source.train()
    if not source.is_checked:
        images, labels = check_part(images, labels, where=name, part="train")
        check_classes(labels, where=name, num_classes=len(source.class_names))
    return images, labels


def _checked_val_size(val_size: int | None, labels: np.ndarray, name: str) -> int:
    counts = np.bincount(labels)
    if counts.min() < 2:
        raise ValueError(
            f"{name}: class {counts.argmin()} has one training image; at least 2 are needed, one to"
            " train on and one to validate on. Add images of it."
        )
    smallest, largest = len(counts), len(labels) - len(counts)
    size = min(_LARGEST_DEFAULT, len(labels) // _DEFAULT_DIVISOR) if val_size is None else val_size
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not smallest <= size <= largest:
        given = f"{size!r}" if val_size is not None else f"the default {size}, a fifth of the training images"
        raise ValueError(
            f"val_size must be an integer from {smallest} to {largest} for {name}, which has"
            f" {len(labels)} training images of {len(counts)} classes; got {given}."
            " Both splits need one image of each class."
        )
    return int(size)
