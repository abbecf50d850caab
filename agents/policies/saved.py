"""`saved:<file>`: an agent that learned elsewhere, acting as it is; shows what a policy is worth on another task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agents.base import check_same_spaces
from agents.policies.base import Policy


class SavedPolicy(Policy):
    """Acts as a saved agent does, and learns nothing.

    The environment must have the agent's spaces. With `observation="features"`, which means the same on every data
    set, and the same edits, that holds from one data set to another.

    Args:
        env: An environment with the spaces that the agent was saved with.
        path: A file that an agent's `save` wrote, or a run's folder. A Stable-Baselines3 zip runs pickled code: give
            only files you trust.
        seed: Seeds the environment at each reset.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not an agent's, or the spaces differ.
    """

    name = "saved"

    def __init__(self, env: Any, *, path: str, seed: int = 0, **settings: Any) -> None:
        if not path:
            raise ValueError("saved needs an agent's file or a run's folder: saved:runs/digits-ipc10-dqn-seed0.")
        super().__init__(env, seed=seed, **settings)
        self._open(path)
        spaces = [self._agent.observation_space, self._agent.action_space]
        check_same_spaces(f"{str(self._path)!r} was saved for", spaces, env)
        self.name = f"saved:{path}"

    def choose(self, observation: Any, mask: np.ndarray | None, info: dict[str, Any]) -> Any:
        """Return what the saved agent does on the last observation."""
        action, _ = self._agent.predict(observation, action_masks=mask)
        return action

    def state(self) -> dict[str, Any]:
        """Return where the saved agent lies, and what it saw last."""
        seen = None if self.seen is None else self.observation_space.to_jsonable([self.seen])
        return {"path": str(self._path.absolute()), "seen": seen}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` returned."""
        self._open(state["path"])
        if state["seen"] is not None:
            self.seen = self.observation_space.from_jsonable(state["seen"])[0]

    def _open(self, path: str) -> None:
        from agents.catalogue import load_agent

        self._path = saved_agent(Path(path))
        self._agent: Any = load_agent(self._path)


def saved_agent(path: Path) -> Path:
    """Return the agent's file: the path itself, or the one in a run's folder.

    Raises:
        FileNotFoundError: If a folder holds none.
    """
    if not path.is_dir():
        return path
    for suffix in (".npz", ".json", ".zip"):
        if (file := path / f"agent{suffix}").is_file():
            return file
    raise FileNotFoundError(f"{path} holds no agent's file. Give the folder of a run that an agent did, or its file.")
