"""Edits that leave the images alone: keep, stop, and undo."""

from __future__ import annotations

import numpy as np

from mps_env.edits.base import Edit, EditContext
from mps_env.synthetic_set import SyntheticSet


def keep(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Change nothing."""
    return synthetic_set


def _undo(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Take the last edit back, wherever it was made; without one, change nothing."""
    return synthetic_set if context.previous is None else context.previous


def _can_undo(synthetic_set: SyntheticSet, context: EditContext) -> bool:
    return context.previous is not None


undo = Edit(_undo, is_possible=_can_undo)
stop = Edit(keep, ends_episode=True)
