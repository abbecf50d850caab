"""`greedy`: local search. Try an edit, keep it if the score does not fall; the yardstick of every learner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agents.policies.base import Policy
from agents.policies.edit_actions import EditActions, edit_actions_of

UNDO = "undo"
NEVER_TRIED = ("keep", "stop", UNDO)  # edits that cannot raise the score


class GreedyPolicy(Policy):
    """Proposes random allowed actions; where the environment keeps every edit, takes the worsening ones back.

    With `accept="improve"` or `"descend"` the environment takes worsening edits back by itself, and proposing is all
    there is to do. With `accept="always"` a step that lowered the score is followed by the edit `undo`, which costs a
    step but no proxy training. The score is (val_accuracy, -val_loss), as it is for the environment.

    Args:
        env: An `MPSDistill-v0`; of any action family where it takes edits back, else with an `undo` edit.
        seed: Seeds its proposals, and the environment at each reset.

    Raises:
        ValueError: If the environment keeps every edit and has no `undo`.
    """

    name = "greedy"

    def __init__(self, env: Any, *, seed: int = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        self._actions = edit_actions_of(env)
        self._takes_back = not _env_climbs(env)
        if self._takes_back and (self._actions is None or UNDO not in self._actions.names):
            raise ValueError(
                f"greedy must take back edits that lower the score, and {env.action_space} has no edit {UNDO!r}."
                " Make the environment with accept='improve'."
            )

    def _attach(self, env: Any) -> None:
        super()._attach(env)
        self._best: tuple[float, float] | None = None

    def choose(self, observation: Any, mask: np.ndarray | None, info: dict[str, Any]) -> Any:
        """Return `undo` after a step that lowered the score, else a random allowed edit."""
        score = _score(info) if info else _current_score(self.env)
        worsened = self._takes_back and self._best is not None and score is not None and score < self._best
        if worsened and self._can_undo(mask):
            assert self._actions is not None
            return self._actions.action(self._actions.index(UNDO), int(info.get("slot", 0)))
        self._best = score
        return self.sample(self._proposals(mask))

    def begin_episode(self) -> None:
        """Forget the last episode's score."""
        self._best = None

    def state(self) -> dict[str, Any]:
        """Return the score to beat and how actions are laid out."""
        layout = None if self._actions is None else self._actions.to_json()
        return {"best": self._best, "takes_back": self._takes_back, "layout": layout}

    def restore(self, state: dict[str, Any], path: Path) -> None:
        """Take over what `state` returned."""
        self._actions = None if state["layout"] is None else EditActions.from_json(state["layout"])
        self._takes_back = state["takes_back"]
        self._best = None if state["best"] is None else (state["best"][0], state["best"][1])

    def _can_undo(self, mask: np.ndarray | None) -> bool:
        assert self._actions is not None
        return mask is None or bool(self._actions.edit_flags(mask)[self._actions.index(UNDO)])

    def _proposals(self, mask: np.ndarray | None) -> np.ndarray | None:
        """The mask without the edits that are never worth trying, unless those are all there are."""
        if self._actions is None:
            return mask
        if mask is None:
            mask = self._actions.all_allowed()
        idle = [self._actions.index(name) for name in NEVER_TRIED if name in self._actions.names]
        proposals = self._actions.without(mask, idle)
        return proposals if self._actions.edit_flags(proposals).any() else mask


def _env_climbs(env: Any) -> bool:
    """Whether the environment takes worsening edits back by itself."""
    task = getattr(getattr(env, "unwrapped", env), "task", None)
    return bool(getattr(getattr(task, "acceptance", None), "takes_back", False))


def _score(info: dict[str, Any]) -> tuple[float, float] | None:
    if "val_accuracy" not in info:
        return None
    return float(info["val_accuracy"]), -float(info.get("val_loss", 0.0))


def _current_score(env: Any) -> tuple[float, float] | None:
    """The score of the environment's present set, for `predict`, which is given no `info`."""
    try:
        score = getattr(getattr(getattr(env, "unwrapped", env), "episode", None), "score", None)
    except RuntimeError:  # not reset yet
        return None
    return None if score is None else (float(score.accuracy), -float(score.loss))
