"""`fixed:<edit>`: one edit for ever, slot after slot; what an edit is worth by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agents.policies.base import Policy
from agents.policies.edit_actions import EditActions, edit_actions_of


class FixedEditPolicy(Policy):
    """Applies the same edit at every step; where an action chooses the slot, to slot 0, 1, 2, ... in turn.

    Args:
        env: An environment whose actions name edits.
        edit: The edit's name, as in `env.unwrapped.edit_names`.
        seed: Seeds the environment at each reset.

    Raises:
        ValueError: If the environment has no such edit, or its actions name no edits.
    """

    name = "fixed"

    def __init__(self, env: Any, *, edit: str, seed: int = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        actions = edit_actions_of(env)
        if actions is None:
            raise ValueError(
                f"fixed:<edit> needs an environment whose actions name edits, got {env.action_space}."
                " Use action='edit', 'select' or 'flat'."
            )
        if not edit:
            raise ValueError(f"fixed needs the name of an edit: fixed:<edit>, one of {', '.join(actions.names)}.")
        self._actions, self._edit = actions, actions.index(edit)
        self.name = f"fixed:{edit}"
        self._turn = 0

    def choose(self, observation: Any, mask: np.ndarray | None, info: dict[str, Any]) -> Any:
        """Return the edit, applied to the next slot."""
        slot = self._turn % max(self._actions.n_slots, 1)
        self._turn += 1
        return self._actions.action(self._edit, slot)

    def begin_episode(self) -> None:
        """Begin at slot 0 again."""
        self._turn = 0

    def state(self) -> dict[str, Any]:
        """Return the edit, the layout of the actions, and the turn."""
        return {"edit": self._edit, "turn": self._turn, "layout": self._actions.to_json()}

    def restore(self, state: dict[str, Any], path: Path) -> None:
        """Take over what `state` returned."""
        self._actions = EditActions.from_json(state["layout"])
        self._edit, self._turn = state["edit"], state["turn"]
