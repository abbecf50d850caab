"""Trained generators on disk, in the user's cache folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mps_env.atomic import atomic_write
from mps_env.data.cache import cache_dir
from mps_env.gan.generator import Generator

_MOST_FILES = 32  # of 2 MB each on MNIST


def generator_path(key: str) -> Path:
    """Return where the generator of a key is kept."""
    return cache_dir() / "gans" / f"{key}.npz"


def write_generator(path: Path, generator: Generator) -> None:
    """Write a generator's layers, whole or not at all, and delete the oldest of too many files.

    Raises:
        OSError: If the folder cannot be written.
    """
    arrays: dict[str, np.ndarray] = {}
    for index, (kernel, bias) in enumerate(generator.layers):
        arrays |= {f"kernel_{index}": kernel, f"bias_{index}": bias}
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
    by_age = sorted(path.parent.glob("*.npz"), key=lambda kept: kept.stat().st_mtime)
    for old in by_age[:-_MOST_FILES]:
        old.unlink()


def read_generator(path: Path, num_classes: int, image_shape: tuple[int, int, int]) -> Generator | None:
    """Return the generator in a file, or None where there is none that can be used for such images."""
    try:
        # Opened here, because np.load leaves the file open where it is no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            layers = [(arrays[f"kernel_{index}"], arrays[f"bias_{index}"]) for index in range(len(arrays.files) // 2)]
        return Generator(layers, num_classes, image_shape)
    except Exception:
        return None  # damage makes zipfile and NumPy raise nearly anything, and training anew is always right
