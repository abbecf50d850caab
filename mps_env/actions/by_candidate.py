"""Actions that put a numbered pool candidate into a chosen slot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import gymnasium as gym
import numpy as np

from mps_env.actions.base import ActionFamily, Application
from mps_env.edits.base import Edit, EditContext
from mps_env.synthetic_set import SyntheticSet

CANDIDATES_PER_CLASS = 64


class ReplaceAction(ActionFamily):
    """`MultiDiscrete([N, 64])`: a slot, and which of its class's first 64 pool images replaces it.

    Where a class has fewer pool images, the missing candidates act as `keep`.
    """

    space: gym.spaces.MultiDiscrete
    moves_cursor = False

    def __init__(self, n_slots: int, edits: Sequence[Edit], pool_per_class: np.ndarray) -> None:
        self.space = gym.spaces.MultiDiscrete([n_slots, CANDIDATES_PER_CLASS])
        available = np.arange(CANDIDATES_PER_CLASS) < pool_per_class.max()
        self._flags = np.concatenate([np.ones(n_slots), available]).astype(np.int8)

    def decode(self, action: Any, cursor: int) -> Application:
        slot, candidate = (int(part) for part in action)
        return Application(slot, _replace_by(candidate), candidate)

    def mask(self, synthetic_set: SyntheticSet, context: EditContext) -> np.ndarray:
        return self._flags.copy()


@cache
def _replace_by(candidate: int) -> Edit:
    def apply(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
        rows = context.pool.of_class(int(synthetic_set.classes[slot]))
        if candidate >= len(rows):
            return synthetic_set
        return synthetic_set.with_slot(slot, context.pool.images[rows[candidate]])

    return Edit(apply)
