"""Data sets in one `.npz` file with `x_train`, `y_train`, `x_test` and `y_test`, as Keras writes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from mps_env.data.cache import cached_arrays
from mps_env.data.checks import ARRAY_NAMES, checked_arrays
from mps_env.data.source import Source, source_of_arrays
from mps_env.npz import DAMAGE, Header, read_header

_CACHED_FROM = 4 << 20  # bytes unpacked; below this, reading the file is as fast as the cache


def npz_source(path: Path, class_names: tuple[str, ...] | None = None) -> Source:
    """Return the data set in an `.npz` file; a large one is unpacked once, into the cache.

    Args:
        path: The file.
        class_names: One a class; `"0"`, `"1"`, ... where not given.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file, or its arrays are not as `mps_env.data.checks` wants them.
    """
    headers = read_headers(path)
    stat = path.stat()

    def build() -> dict[str, np.ndarray]:
        return checked_arrays(_read_arrays(path), where=str(path))

    if sum(header.n_bytes for header in headers.values()) < _CACHED_FROM:
        arrays = build()
    else:
        arrays = cached_arrays(str(path.resolve()), f"{stat.st_size} {stat.st_mtime_ns}", build)
    num_classes = int(arrays["y_train"].max()) + 1
    if class_names is not None and num_classes != len(class_names):
        raise ValueError(f"{path}: y_train must have {len(class_names)} classes, got {num_classes}. Use another file.")
    return source_of_arrays(arrays, class_names or tuple(str(label) for label in range(num_classes)))


def read_headers(path: Path) -> dict[str, Header]:
    """Return the shapes and dtypes of the four arrays without unpacking them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file, or an array is missing or holds pickled objects.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}. Give the path of an .npz file with {', '.join(ARRAY_NAMES)}.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            missing = [name for name in ARRAY_NAMES if f"{name}.npy" not in members]
            headers = {name: read_header(archive, name) for name in ARRAY_NAMES if name not in missing}
    except PermissionError:
        raise
    except DAMAGE as error:
        raise ValueError(_damage_message(path, error)) from None
    if missing:
        found = ", ".join(repr(name.removesuffix(".npy")) for name in sorted(members)) or "nothing"
        raise ValueError(f"{path}: lacks {', '.join(missing)}, holds {found}. Save {', '.join(ARRAY_NAMES)} in it.")
    for name, header in headers.items():
        if header.dtype.hasobject:
            raise ValueError(
                f"{path}: {name} holds pickled objects, which are never read."
                " Save it as a plain array, e.g. with .astype('uint8')."
            )
    return headers


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in ARRAY_NAMES}
    except PermissionError:
        raise
    except DAMAGE as error:
        raise ValueError(_damage_message(path, error)) from None


def _damage_message(path: Path, error: Exception) -> str:
    cause = " ".join(str(error).split()) or type(error).__name__
    return f"{path}: not a readable .npz file ({cause.rstrip('.')}). Delete it and copy or download it again."
