"""Actions that stand for edits, whichever of the families `edit`, `select` and `flat` the environment has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from mps_env.registry import nearest_names

EDIT, SELECT, FLAT = "edit", "select", "flat"


class EditActions:
    """Turns the name of an edit into an action, and flags of edits into flags of actions.

    Args:
        names: The edits, in action order.
        n_slots: N; 0 where the environment chooses the slot.
        family: `edit`, `select` or `flat`.
    """

    def __init__(self, names: tuple[str, ...], n_slots: int, family: str) -> None:
        self.names, self.n_slots, self.family = names, n_slots, family

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {"names": list(self.names), "n_slots": self.n_slots, "family": self.family}

    @classmethod
    def from_json(cls, layout: Mapping[str, Any]) -> EditActions:
        """Rebuild it."""
        return cls(tuple(layout["names"]), layout["n_slots"], layout["family"])

    def index(self, name: str) -> int:
        """Return the number of an edit.

        Raises:
            ValueError: If the environment has no edit of that name.
        """
        if name not in self.names:
            raise ValueError(
                f"unknown edit {name!r}.{nearest_names(name, self.names)} The environment has: {', '.join(self.names)}."
            )
        return self.names.index(name)

    def action(self, edit: int, slot: int) -> Any:
        """Return the action that applies an edit, to `slot` where the action chooses one."""
        if self.family == SELECT:
            return np.array([slot, edit])
        return np.int64(edit if self.family == EDIT else slot * len(self.names) + edit)

    def edit_flags(self, mask: np.ndarray) -> np.ndarray:
        """Return one flag per edit from the environment's mask."""
        return np.asarray(mask)[-len(self.names) :] if self.family == SELECT else np.asarray(mask)[: len(self.names)]

    def all_allowed(self) -> np.ndarray:
        """Return the mask that forbids nothing, in the environment's form."""
        n = len(self.names)
        size = {EDIT: n, SELECT: self.n_slots + n, FLAT: self.n_slots * n}[self.family]
        return np.ones(size, np.int8)

    def without(self, mask: np.ndarray, edits: list[int]) -> np.ndarray:
        """Return a copy of the environment's mask that also forbids the given edits."""
        mask = np.array(mask)
        flags = mask[-len(self.names) :] if self.family == SELECT else mask.reshape(-1, len(self.names))
        flags[..., edits] = 0
        return mask


def edit_actions_of(env: Any) -> EditActions | None:
    """Return the edit actions of an environment; None where its actions name no edits."""
    unwrapped = getattr(env, "unwrapped", env)
    names = tuple(getattr(unwrapped, "edit_names", ()) or ())
    family, n_slots = _family(unwrapped, len(names))
    return None if not names or family is None else EditActions(names, n_slots, family)


def _family(unwrapped: Any, n_edits: int) -> tuple[str | None, int]:
    """The family as the environment's config says, or else by the shape of its action space; and N."""
    config = getattr(getattr(unwrapped, "task", None), "config", None)
    said = getattr(config, "action", None)
    space = getattr(unwrapped, "action_space", None)
    if not n_edits or said not in (None, EDIT, SELECT, FLAT):
        return None, 0
    if isinstance(space, spaces.MultiDiscrete) and space.nvec.shape == (2,) and space.nvec[1] == n_edits:
        return SELECT, int(space.nvec[0])
    if isinstance(space, spaces.Discrete) and space.n % n_edits == 0:
        is_flat = said == FLAT or (said is None and space.n > n_edits)
        return (FLAT, int(space.n) // n_edits) if is_flat else (EDIT, 0)
    return None, 0
