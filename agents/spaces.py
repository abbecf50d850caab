"""Gymnasium spaces as JSON, so that a saved agent knows what it sees and does without pickles."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces


def space_to_json(space: spaces.Space) -> dict[str, Any]:
    """Return a JSON-able description of a space.

    Raises:
        ValueError: If the space is of a kind that agents do not handle.
    """
    if isinstance(space, spaces.Box):
        bounds = {"low": _bound_to_json(space.low), "high": _bound_to_json(space.high)}
        return {"kind": "Box", "shape": list(space.shape), "dtype": str(space.dtype), **bounds}
    if isinstance(space, spaces.Discrete):
        return {"kind": "Discrete", "n": int(space.n), "start": int(space.start)}
    if isinstance(space, spaces.MultiDiscrete):
        return {"kind": "MultiDiscrete", "nvec": space.nvec.tolist(), "start": space.start.tolist()}
    if isinstance(space, spaces.MultiBinary):
        return {"kind": "MultiBinary", "n": space.n if isinstance(space.n, int) else list(space.n)}
    if isinstance(space, spaces.Dict):
        return {"kind": "Dict", "spaces": {key: space_to_json(part) for key, part in space.spaces.items()}}
    if isinstance(space, spaces.Tuple):
        return {"kind": "Tuple", "spaces": [space_to_json(part) for part in space.spaces]}
    raise ValueError(
        f"agents handle Box, Discrete, MultiDiscrete, MultiBinary, Dict and Tuple spaces, got {type(space).__name__}."
        " Wrap the environment so that it uses these."
    )


def space_from_json(description: dict[str, Any]) -> spaces.Space:
    """Return the space that `space_to_json` described."""
    kind = description["kind"]
    if kind == "Box":
        shape, dtype = tuple(description["shape"]), np.dtype(description["dtype"])
        low, high = (_bound_from_json(description[key], shape, dtype) for key in ("low", "high"))
        return spaces.Box(low, high, shape, dtype.type)
    if kind == "Discrete":
        return spaces.Discrete(description["n"], start=description["start"])
    if kind == "MultiDiscrete":
        return spaces.MultiDiscrete(description["nvec"], start=description["start"])
    if kind == "MultiBinary":
        return spaces.MultiBinary(description["n"])
    if kind == "Dict":
        return spaces.Dict({key: space_from_json(part) for key, part in description["spaces"].items()})
    if kind == "Tuple":
        return spaces.Tuple(tuple(space_from_json(part) for part in description["spaces"]))
    raise ValueError(f"unknown kind of space {kind!r} in a saved agent. It was written by a newer version.")


def _bound_to_json(bound: np.ndarray) -> Any:
    """One number where the bound is the same everywhere, so that image spaces stay short."""
    first = bound.flat[0]
    return first.item() if (bound == first).all() else bound.tolist()


def _bound_from_json(bound: Any, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.broadcast_to(np.asarray(bound, dtype=dtype), shape)
