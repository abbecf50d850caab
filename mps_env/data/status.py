"""What can be loaded, from where, and what is missing; nothing is downloaded or unpacked to find out."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from mps_env.data import digits
from mps_env.data.catalogue import DATASETS, existing_folder
from mps_env.data.keras_sets import CLASS_NAMES, KERAS_FOLDERS, keras_cache, npz_places
from mps_env.data.npz import read_headers
from mps_env.data.subset import SUBSET_SIZE


@dataclass(frozen=True, kw_only=True)
class DatasetStatus:
    """One known data set.

    Args:
        name: The registered name.
        is_available: Whether it can be loaded without a download.
        where: The file or folder it comes from; empty where it is not available.
        n_train: Number of training images, validation included; None where finding out is not cheap.
        n_test: Number of test images, or None.
        image_shape: (H, W, C), or None.
        num_classes: K, or None.
        note: What is missing and where it was looked for, or what else there is to know.
    """

    name: str
    is_available: bool
    where: str = ""
    n_train: int | None = None
    n_test: int | None = None
    image_shape: tuple[int, ...] | None = None
    num_classes: int | None = None
    note: str = ""


def dataset_status(data_dir: str | os.PathLike[str] | None = None) -> list[DatasetStatus]:
    """Return the status of every registered data set, in the order of registration.

    Raises:
        FileNotFoundError: If `data_dir` is given and does not exist.
    """
    folder = existing_folder(data_dir)
    return [_status(name, folder) for name in DATASETS.names()]


def _status(name: str, data_dir: Path | None) -> DatasetStatus:
    if name == "digits":
        return _digits_status()
    if name in CLASS_NAMES:
        return _keras_set_status(name, data_dir)
    if name == "mnist_1000":
        return _subset_status(_keras_set_status("mnist", data_dir))
    return DatasetStatus(name=name, is_available=True, where="registered by its own loader")


def _digits_status() -> DatasetStatus:
    return DatasetStatus(
        name="digits",
        is_available=True,
        where="scikit-learn",
        n_train=digits.N_TRAIN,
        n_test=digits.N_TEST,
        image_shape=digits.IMAGE_SHAPE,
        num_classes=len(digits.CLASS_NAMES),
    )


def _subset_status(whole: DatasetStatus) -> DatasetStatus:
    return replace(whole, name="mnist_1000", n_train=SUBSET_SIZE if whole.is_available else None)


def _keras_set_status(name: str, data_dir: Path | None) -> DatasetStatus:
    places = npz_places(name, data_dir)
    for path in places:
        if path.is_file():
            return _npz_status(name, path)
    num_classes = len(CLASS_NAMES[name])
    download = keras_cache() / KERAS_FOLDERS.get(name, f"{name}.npz")
    if download.exists():
        return DatasetStatus(name=name, is_available=True, where=str(download), num_classes=num_classes)
    looked_at = ", ".join(map(str, [*places, *([download] if download not in places else [])]))
    note = f"{name}.npz not found (looked at {looked_at}); Keras will try to download it"
    return DatasetStatus(name=name, is_available=False, num_classes=num_classes, note=note)


def _npz_status(name: str, path: Path) -> DatasetStatus:
    num_classes = len(CLASS_NAMES[name])
    try:
        headers = read_headers(path)
    except (ValueError, OSError) as error:
        return DatasetStatus(name=name, is_available=False, num_classes=num_classes, note=str(error))
    shape = headers["x_train"].shape
    return DatasetStatus(
        name=name,
        is_available=True,
        where=str(path),
        n_train=shape[0],
        n_test=headers["x_test"].shape[0],
        image_shape=shape[1:] if len(shape) == 4 else (*shape[1:], 1),
        num_classes=num_classes,
    )
