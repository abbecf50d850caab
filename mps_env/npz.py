"""What an `.npz` file says of its arrays before they are unpacked, and what reading a damaged one raises."""

from __future__ import annotations

import lzma
import math
import tokenize
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tokenize.TokenError,
    EOFError,
    ValueError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    OSError,
)
"""What reading a damaged, encrypted or oddly packed zip file raises."""


@dataclass(frozen=True)
class Header:
    """What one array says of itself.

    Args:
        shape: Its shape.
        dtype: Its dtype; it may be one of pickled objects.
    """

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def n_bytes(self) -> int:
        """What it takes when it is unpacked."""
        return self.dtype.itemsize * math.prod(self.shape)


def read_header(archive: zipfile.ZipFile, name: str) -> Header:
    """Return what an array says of itself.

    Args:
        archive: An open `.npz` file.
        name: The array's name.

    Raises:
        ValueError: If it promises more than the file holds, which would make NumPy allocate all of it; and whatever
            else of `DAMAGE`.
    """
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(member)
    header = Header(shape, dtype)
    if not dtype.hasobject and header.n_bytes > archive.getinfo(f"{name}.npy").file_size:
        raise ValueError(f"{name} is shorter than its header says")
    return header
