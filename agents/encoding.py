"""Observations as float32 vectors: what a plain dense network can read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from agents.single_env import is_batch

_SET_PARTS = ("images", "labels", "slot")


@dataclass(frozen=True)
class _Leaf:
    """One array of an observation: where it is, where it goes, and its scaling `(x - shift) * scale`."""

    path: tuple[Any, ...]
    start: int
    size: int
    shift: np.ndarray | None
    scale: np.ndarray | np.float32 | None


class ObservationEncoder:
    """Flattens observations into float32 vectors, Dict and Tuple parts in the space's own order.

    Pixels of type uint8 are divided by 255; an index out of n (`Discrete`, each entry of `MultiDiscrete`)
    becomes (index - start) / n; floats and flags stay as they are.

    Args:
        space: Box, Discrete, MultiDiscrete or MultiBinary, or a Dict or Tuple of such.

    Raises:
        ValueError: If the space is of another kind.
    """

    def __init__(self, space: gym.Space) -> None:
        self.space = space
        self._leaves = tuple(_leaves(space))
        self.size = sum(leaf.size for leaf in self._leaves)

    def encode(self, observation: Any) -> np.ndarray:
        """Return one observation as a fresh (size,) float32 vector."""
        vector = np.empty(self.size, np.float32)
        for leaf in self._leaves:
            vector[leaf.start : leaf.start + leaf.size] = _scaled(
                leaf, np.asarray(_part(observation, leaf)).reshape(-1)
            )
        return vector

    def encode_batch(self, observations: Any) -> np.ndarray:
        """Return n observations, stacked part by part, as (n, size) float32."""
        parts = [np.asarray(_part(observations, leaf)) for leaf in self._leaves]
        return np.concatenate(
            [
                _scaled(leaf, part.reshape(len(part), -1)).astype(np.float32)
                for leaf, part in zip(self._leaves, parts, strict=True)
            ],
            axis=1,
        )

    def encode_any(self, observation: Any) -> np.ndarray:
        """Return (size,) for one observation, (n, size) for a batch of them."""
        return self.encode_batch(observation) if is_batch(observation, self.space) else self.encode(observation)


class SlotEncoder(ObservationEncoder):
    """Of an observation of a whole set, encodes what the MPS family's agents see: the slot under the cursor.

    That is its image, its label and whatever else is small, such as accuracy and progress. A replay memory of whole
    sets would hold the same hundred images over and over, and a network of two dozen units cannot read them. Pixels are
    divided by the root of their number, so that an image weighs as much as a label does: else a small network learns
    the few hundred images it has seen by heart, before what actions do on all of them.

    Args:
        space: A Dict with `images` (N, H, W, C), `labels` (N, K) and `slot`, and any other parts.
    """

    def __init__(self, space: spaces.Dict) -> None:
        self._set_space = space
        others = {key: part for key, part in space.spaces.items() if key not in _SET_PARTS}
        self._pixel_scale = np.float32(1 / np.sqrt(math.prod(_row(space["images"]).shape)))
        super().__init__(spaces.Dict({"image": _row(space["images"]), "label": _row(space["labels"]), **others}))

    def encode(self, observation: Any) -> np.ndarray:
        return super().encode(self._at_slot(observation, observation["slot"]))

    def encode_batch(self, observations: Any) -> np.ndarray:
        slots = np.asarray(observations["slot"]).reshape(-1)
        return super().encode_batch(self._at_slot(observations, (np.arange(len(slots)), slots)))

    def encode_any(self, observation: Any) -> np.ndarray:
        many = is_batch(observation, self._set_space)
        return self.encode_batch(observation) if many else self.encode(observation)

    def _at_slot(self, observation: Any, index: Any) -> dict[str, Any]:
        others = {key: part for key, part in observation.items() if key not in _SET_PARTS}
        images, labels = np.asarray(observation["images"]), np.asarray(observation["labels"])
        return {"image": images[index] * self._pixel_scale, "label": labels[index], **others}


def encoder_for(space: gym.Space) -> ObservationEncoder:
    """Return the encoder of a space: of the slot where the space shows a whole set and names one, else of all of it."""
    if isinstance(space, spaces.Dict) and set(space.spaces) >= set(_SET_PARTS):
        return SlotEncoder(space)
    return ObservationEncoder(space)


def _row(space: gym.Space) -> spaces.Box:
    """Return the space of one row of a Box."""
    assert isinstance(space, spaces.Box)
    return spaces.Box(space.low[0], space.high[0], dtype=space.dtype.type)


def _part(observation: Any, leaf: _Leaf) -> Any:
    for key in leaf.path:
        observation = observation[key]
    return observation


def _scaled(leaf: _Leaf, values: np.ndarray) -> np.ndarray:
    if leaf.shift is not None:
        values = values - leaf.shift
    return values if leaf.scale is None else values * leaf.scale


def _leaves(space: gym.Space) -> Iterator[_Leaf]:
    start = 0
    for path, part in _simple_parts(space, ()):
        size = int(np.prod(part.shape or ()))
        yield _Leaf(path, start, size, *_scaling(part))
        start += size


def _simple_parts(space: gym.Space, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], gym.Space]]:
    if isinstance(space, spaces.Dict):
        for key, part in space.spaces.items():
            yield from _simple_parts(part, (*path, key))
    elif isinstance(space, spaces.Tuple):
        for index, part in enumerate(space.spaces):
            yield from _simple_parts(part, (*path, index))
    elif isinstance(space, (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)):
        yield path, space
    else:
        raise ValueError(
            f"observations must be Box, Discrete, MultiDiscrete, MultiBinary, or a Dict or Tuple of these, got"
            f" {type(space).__name__}. Wrap the environment."
        )


def _scaling(space: gym.Space) -> tuple[np.ndarray | None, np.ndarray | np.float32 | None]:
    """Return the (shift, scale) of one simple space."""
    if isinstance(space, spaces.Box):
        return None, (np.float32(1 / 255) if space.dtype == np.uint8 else None)
    if isinstance(space, spaces.Discrete):
        return np.array([space.start]), np.float32(1 / space.n)
    if isinstance(space, spaces.MultiDiscrete):
        return space.start.reshape(-1), (1 / space.nvec.reshape(-1)).astype(np.float32)
    return None, None
