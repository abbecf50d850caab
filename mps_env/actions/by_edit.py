"""Actions that name an edit: of the slot under the cursor, of a chosen slot, or both in one number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from mps_env.actions.base import ActionFamily, Application, edit_flags
from mps_env.edits.base import Edit, EditContext
from mps_env.synthetic_set import SyntheticSet


class EditAction(ActionFamily):
    """`Discrete(K_edits)`: an edit of the slot under the cursor."""

    space: gym.spaces.Discrete

    def __init__(self, n_slots: int, edits: Sequence[Edit], pool_per_class: np.ndarray) -> None:
        self.edits = edits
        self.space = gym.spaces.Discrete(len(edits))

    def decode(self, action: Any, cursor: int) -> Application:
        return Application(cursor, self.edits[int(action)], int(action))

    def mask(self, synthetic_set: SyntheticSet, context: EditContext) -> np.ndarray:
        return edit_flags(self.edits, synthetic_set, context)


class SelectAction(ActionFamily):
    """`MultiDiscrete([N, K_edits])`: a slot and an edit of it."""

    space: gym.spaces.MultiDiscrete
    moves_cursor = False

    def __init__(self, n_slots: int, edits: Sequence[Edit], pool_per_class: np.ndarray) -> None:
        self.edits = edits
        self.space = gym.spaces.MultiDiscrete([n_slots, len(edits)])
        self._slot_flags = np.ones(n_slots, dtype=np.int8)

    def decode(self, action: Any, cursor: int) -> Application:
        slot, index = (int(part) for part in action)
        return Application(slot, self.edits[index], index)

    def mask(self, synthetic_set: SyntheticSet, context: EditContext) -> np.ndarray:
        return np.concatenate([self._slot_flags, edit_flags(self.edits, synthetic_set, context)])


class FlatAction(ActionFamily):
    """`Discrete(N * K_edits)`: `SelectAction` in one number, slot * K_edits + edit."""

    space: gym.spaces.Discrete
    moves_cursor = False

    def __init__(self, n_slots: int, edits: Sequence[Edit], pool_per_class: np.ndarray) -> None:
        self.edits = edits
        self.n_slots = n_slots
        self.space = gym.spaces.Discrete(n_slots * len(edits))

    def decode(self, action: Any, cursor: int) -> Application:
        slot, index = divmod(int(action), len(self.edits))
        return Application(slot, self.edits[index], index)

    def mask(self, synthetic_set: SyntheticSet, context: EditContext) -> np.ndarray:
        return np.tile(edit_flags(self.edits, synthetic_set, context), self.n_slots)
