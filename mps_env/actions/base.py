"""What an action family is: a space, and the edit of a slot that each of its actions stands for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

from mps_env.edits.base import Edit, EditContext
from mps_env.synthetic_set import SyntheticSet


@dataclass(frozen=True)
class Application:
    """One edit of one slot.

    Args:
        slot: Position, 0 <= slot < N.
        edit: What is done there.
        index: The number of the edit (or candidate) that was chosen, for `info["edit"]`.
    """

    slot: int
    edit: Edit
    index: int


class ActionFamily(ABC):
    """Maps actions to edits of slots.

    Args:
        n_slots: N.
        edits: The edits an agent may choose from, in action order; families with edits of their own ignore them.
        pool_per_class: The number of pool images of each class, (K,).
    """

    space: gym.Space[Any]
    moves_cursor: ClassVar[bool] = True
    """Whether actions act on the slot under the cursor, which then visits the slots in the episode's order."""

    @abstractmethod
    def __init__(self, n_slots: int, edits: Sequence[Edit], pool_per_class: np.ndarray) -> None: ...

    @abstractmethod
    def decode(self, action: Any, cursor: int) -> Application:
        """Return what a valid action of `space` stands for."""

    def mask(self, synthetic_set: SyntheticSet, context: EditContext) -> np.ndarray | None:
        """Return the int8 flags of possible actions, in sb3-contrib's form, or None for continuous spaces."""
        return None

    def check(self, action: Any) -> None:
        """Check an action from outside.

        Raises:
            ValueError: If the action is not in the space.
        """
        if not self.space.contains(action):
            shape = f" of shape {np.shape(action)}" if np.ndim(action) else ""
            raise ValueError(
                f"action {np.array2string(np.asarray(action), threshold=8)}{shape} ({_type_name(action)}) is not in"
                f" {self.space}. Sample one with env.action_space.sample() to see the form."
            )


def edit_flags(edits: Sequence[Edit], synthetic_set: SyntheticSet, context: EditContext) -> np.ndarray:
    """Return one int8 flag per edit: whether it can do anything now."""
    return np.array(
        [edit.is_possible is None or edit.is_possible(synthetic_set, context) for edit in edits],
        dtype=np.int8,
    )


def _type_name(action: Any) -> str:
    return str(action.dtype) if isinstance(action, np.ndarray | np.generic) else type(action).__name__
