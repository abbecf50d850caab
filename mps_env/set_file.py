"""Synthetic sets on disk: one `.npz` that can be used without this package."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from mps_env.atomic import atomic_write
from mps_env.npz import DAMAGE, read_header
from mps_env.pools.catalogue import POOLS
from mps_env.synthetic_set import SyntheticSet

# A set is small by definition; a file that claims to hold more is wrong, and unpacking it could fill the memory.
_MOST_BYTES = 8 << 30
_ARRAYS = ("images", "labels", "meta")

SET_FILE = "synthetic.npz"


def is_set_path(name: str) -> bool:
    """Whether an `init` is meant as the path of a saved set or of a run's folder; a pool's name is not."""
    is_written_as_path = name.endswith(".npz") or os.sep in name
    return is_written_as_path or (name not in POOLS and (Path(name) / SET_FILE).is_file())


def save_set(path: str | os.PathLike[str], synthetic_set: SyntheticSet) -> None:
    """Write `images`, `labels` and a JSON `meta` string; the file appears whole or not at all."""
    meta = json.dumps(synthetic_set.meta, sort_keys=True)
    with atomic_write(path) as file:
        np.savez_compressed(file, images=synthetic_set.images, labels=synthetic_set.labels, meta=np.array(meta))


def load_set(path: str | os.PathLike[str]) -> SyntheticSet:
    """Read and check a saved set, without pickle.

    Args:
        path: A `synthetic.npz`, or the folder of a run, which holds one.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not an npz of a synthetic set; the message names the file and what is wrong.
    """
    path = Path(path)
    if path.is_dir():
        path /= SET_FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"no synthetic set at {path}. Give the path of a {SET_FILE} that `mps distill` wrote, or its run folder."
        )
    try:
        arrays = _read_arrays(path)
        return SyntheticSet.checked(arrays["images"], arrays["labels"], _parse_meta(arrays.get("meta")))
    except DAMAGE as error:
        reason = f"it has no array {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(
            f"{path} is not a usable synthetic set: {reason}"
            f"{'' if reason.endswith('.') else '.'} It must hold images (N, H, W, C) and labels (N, K)."
        ) from None


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    if not zipfile.is_zipfile(path):
        raise ValueError("it is no .npz archive")
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        for name in _ARRAYS:
            if f"{name}.npy" in archive.namelist():
                read_header(archive, name)
    if size > _MOST_BYTES:
        raise ValueError(f"it unpacks to {size} bytes, at most {_MOST_BYTES} are read")
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files if name in _ARRAYS}


def _parse_meta(meta: np.ndarray | None) -> dict[str, Any]:
    if meta is None:
        return {}
    try:
        parsed = json.loads(str(meta[()]))
    except json.JSONDecodeError as error:
        raise ValueError(f"its meta is not JSON ({error.msg})") from None
    if not isinstance(parsed, dict):
        raise ValueError(f"its meta must be a JSON object, got {type(parsed).__name__}")
    if not isinstance(parsed.get("dataset", ""), str):
        raise ValueError(f"its meta must name the data set by a string, got {parsed['dataset']!r}")
    return parsed
