"""Saved agents: one zip of a JSON document and plain arrays, no pickles; NumPy opens it as an `.npz`."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mps_env.atomic import atomic_write
from mps_env.npz import DAMAGE

DOCUMENT = "agent.json"
# Observations hardly differ from step to step, so that the quickest level already saves most of a replay memory.
COMPRESSION: dict[str, Any] = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1}


def write_archive(path: Path, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Path:
    """Write a document and arrays to `path` in one move, so that a kill leaves the old file or the new one.

    Raises:
        OSError: If the folder is missing or the disk is full.
    """
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", **COMPRESSION) as archive:
        add_to_archive(archive, document, arrays)
    return path


def add_to_archive(
    archive: zipfile.ZipFile, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray], prefix: str = ""
) -> None:
    """Add a document and arrays to an open zip; the arrays' names get `prefix`."""
    archive.writestr(DOCUMENT, json.dumps(document, indent=1))
    for name, array in arrays.items():
        with archive.open(f"{prefix}{name}.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)


def read_archive(path: Path, prefix: str = "") -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read back the document and the arrays whose names begin with `prefix` (which is cut off).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such an archive.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"no saved agent at {str(path)!r}. Give the file that `save` returned, suffix included."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            document = json.loads(archive.read(DOCUMENT))
            names = [name for name in archive.namelist() if name.startswith(prefix) and name.endswith(".npy")]
            arrays = {
                name[len(prefix) : -len(".npy")]: np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in names
            }
    except DAMAGE as error:
        raise ValueError(
            f"{str(path)!r} is not a saved agent ({error}). Give a file written by an agent's `save`."
        ) from None
    return document, arrays


def with_suffix(path: str | Path, suffix: str) -> Path:
    """Return the path with `suffix` added where it lacks it."""
    path = Path(path)
    return path if path.suffix == suffix else path.with_name(path.name + suffix)
