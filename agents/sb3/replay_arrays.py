"""Stable-Baselines3's replay buffers as plain arrays, in place of its pickles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_COLUMNS = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


def buffer_to_arrays(buffer: Any) -> dict[str, np.ndarray]:
    """Return the filled rows of every column, by name (`observations/slot` for a part of a Dict)."""
    n = buffer.size()
    columns = {name: column[:n] for name, column in _columns_of(buffer).items()}
    return {**columns, "position": np.array([buffer.pos, buffer.full], np.int64)}


def restore_buffer(buffer: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Take over what `buffer_to_arrays` gave of a buffer of the same size and spaces.

    Raises:
        ValueError: If a column is missing or does not fit.
    """
    for name, column in _columns_of(buffer).items():
        stored = arrays.get(name)
        if stored is None or stored.shape[1:] != column.shape[1:] or len(stored) > len(column):
            shape = None if stored is None else stored.shape
            raise ValueError(
                f"saved replay column {name!r} has shape {shape}, the buffer's is {column.shape}."
                " Load it with the settings and spaces it was saved with."
            )
        column[: len(stored)] = stored
    position, full = arrays["position"].tolist()
    buffer.pos, buffer.full = position, bool(full)


def _columns_of(buffer: Any) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for name in _COLUMNS:
        column = getattr(buffer, name)
        if isinstance(column, dict):
            columns |= {f"{name}/{key}": part for key, part in column.items()}
        else:
            columns[name] = column
    return columns
