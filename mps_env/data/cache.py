"""A cache of decoded data sets: arrays as `.npy` files that are memory-mapped, shared by all processes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

CACHE_VARIABLE = "MPS_CACHE_DIR"

_FORMAT = "1"  # part of every key; change it when the form of the arrays changes
_INDEX = "index.json"
_PARTIAL_PREFIX = ".partial-"
_STALE_S = 86_400.0
_MAPPED_FROM = 1 << 20  # bytes; smaller files (labels) are read and their checksum compared


def cache_dir() -> Path:
    """Return the cache folder: the environment variable MPS_CACHE_DIR, else the user's for this package."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get(CACHE_VARIABLE) or user_cache_dir("mps-distill"))


def cached_arrays(
    origin: str, version: str, build: Callable[[], dict[str, np.ndarray]], *, folder: Path | None = None
) -> dict[str, np.ndarray]:
    """Return named arrays from the cache, or build and store them.

    An entry that is damaged is built anew. Where the cache cannot be written (no permission, disk full) the
    built arrays themselves are returned, so a cache can never be the reason for a failure.

    Args:
        origin: What the arrays are made from, e.g. an absolute path; a new version of it replaces the old one.
        version: Anything that changes when the origin does, e.g. size and time of modification.
        build: Makes the arrays.
        folder: Where the cache is; `cache_dir()` by default.

    Returns:
        Read-only arrays; large ones are memory-mapped.
    """
    folder = cache_dir() / "datasets" if folder is None else folder
    origin_key = f"{_readable(origin)}-{_digest(origin)}"
    entry = folder / f"{origin_key}-{_digest(_FORMAT, version)}"
    stored = _read_entry(entry)
    if stored is not None:
        return stored
    arrays = build()
    with contextlib.suppress(OSError):
        _write_entry(entry, arrays, origin_key)
    return _read_entry(entry) or arrays


def _readable(origin: str) -> str:
    """Return the end of an origin in a form that every file system takes; only for people to recognise."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", Path(origin).stem)[-40:]


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


def _read_entry(entry: Path) -> dict[str, np.ndarray] | None:
    try:
        index = json.loads((entry / _INDEX).read_text())
        return {name: _read_array(entry / f"{name}.npy", **stated) for name, stated in index.items()}
    except (OSError, ValueError, TypeError, AttributeError, EOFError):
        return None  # absent, damaged or being replaced


def _read_array(path: Path, *, size: int, crc: int) -> np.ndarray:
    if path.stat().st_size != size:
        raise ValueError(f"{path} is truncated.")
    if size < _MAPPED_FROM and zlib.crc32(path.read_bytes()) != crc:
        raise ValueError(f"{path} is damaged.")
    # A plain view of the mapping: indexing np.memmap is slower, and nobody needs its extra attributes.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _write_entry(entry: Path, arrays: dict[str, np.ndarray], origin_key: str) -> None:
    """Write to a folder beside `entry` and rename it, so that nobody ever sees half an entry."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(entry.parent, origin_key)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL_PREFIX, dir=entry.parent))
    try:
        index = {name: _write_array(partial / f"{name}.npy", array) for name, array in arrays.items()}
        (partial / _INDEX).write_text(json.dumps(index))
        os.replace(partial, entry)  # fails if another process was faster; its entry is as good
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_array(path: Path, array: np.ndarray) -> dict[str, int]:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())  # a crash must not leave zeros behind a renamed entry
    size = path.stat().st_size
    return {"size": size, "crc": zlib.crc32(path.read_bytes()) if size < _MAPPED_FROM else 0}


def _remove_leftovers(folder: Path, origin_key: str) -> None:
    """Delete older or damaged entries of the same origin, and partial ones of killed processes."""
    for old in folder.glob(f"{origin_key}-*"):
        shutil.rmtree(old, ignore_errors=True)
    for partial in folder.glob(f"{_PARTIAL_PREFIX}*"):
        if time.time() - partial.stat().st_mtime > _STALE_S:
            shutil.rmtree(partial, ignore_errors=True)
