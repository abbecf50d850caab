"""Continuous actions: a step in the principal directions of the slot's class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from mps_env.actions.base import ActionFamily, Application
from mps_env.edits.base import Edit, EditContext
from mps_env.synthetic_set import SyntheticSet

DIRECTIONS = 16
# Half a standard deviation along each direction at the most: an episode of edits can cross a class, one edit cannot.
_REACH = 0.5


class PerturbAction(ActionFamily):
    """`Box(-1, 1, (16,))`: coefficients in the PCA basis of the class of the slot under the cursor."""

    space: gym.spaces.Box

    def __init__(self, n_slots: int, edits: Sequence[Edit], pool_per_class: np.ndarray) -> None:
        self.space = gym.spaces.Box(-1.0, 1.0, (DIRECTIONS,), dtype=np.float32)

    def decode(self, action: Any, cursor: int) -> Application:
        return Application(cursor, Edit(_Step(np.array(action, dtype=np.float32))), 0)


class _Step:
    """The edit that adds a linear combination of the class's principal directions."""

    def __init__(self, coefficients: np.ndarray) -> None:
        self.coefficients = coefficients

    def __call__(
        self, synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator
    ) -> SyntheticSet:
        basis = context.statistics.basis(int(synthetic_set.classes[slot]), DIRECTIONS)
        step = np.tensordot(_REACH * self.coefficients, basis, axes=1)
        return synthetic_set.with_slot(slot, np.clip(synthetic_set.images[slot] + step, 0, 1))
