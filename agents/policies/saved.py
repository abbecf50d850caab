"""`saved:<file>`: an agent that learned elsewhere, acting as it is; shows what a policy is worth on another task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agents.archive import with_suffix
from agents.base import check_same_spaces
from agents.policies.base import Policy
from agents.single_env import is_batch, seed_of
from mps_env.atomic import atomic_write


class SavedPolicy(Policy):
    """Acts as a saved agent does, and learns nothing. Where it is saved itself, a copy of the other's file lies beside.

    The environment must have the agent's spaces. With `observation="features"`, which means the same on every data
    set, and the same edits, that holds from one data set to another.

    Args:
        env: An environment with the spaces that the agent was saved with.
        path: A file that an agent's `save` wrote, or a run's folder. A Stable-Baselines3 zip runs pickled code: give
            only files you trust.
        seed: Seeds its choices, and the environment at each reset.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not an agent's, or the spaces differ.
    """

    name = "saved"

    def __init__(self, env: Any, *, path: str, seed: int = 0, **settings: Any) -> None:
        if not path:
            raise ValueError("saved needs an agent's file or a run's folder: saved:runs/digits-ipc10-dqn-seed0.")
        super().__init__(env, seed=seed, **settings)
        self._open(Path(path))
        spaces = [self._agent.observation_space, self._agent.action_space]
        check_same_spaces(f"{str(self._path)!r} was saved for", spaces, env)
        self.name = f"saved:{path}"

    def begin_episode(self) -> None:
        """Forget what a recurrent agent has carried along."""
        self._carried: tuple[np.ndarray, ...] | None = None

    def choose(self, observation: Any, mask: np.ndarray | None, info: dict[str, Any]) -> Any:
        """Return what the saved agent does on the last observation, and on those before it if it is recurrent."""
        # By the step alone, so that a run that goes on from a file draws what an undisturbed one does.
        self.reseed(seed_of(self.seed, self.num_timesteps))
        starts = np.array([self._carried is None])
        action, self._carried = self._agent.predict(
            observation, state=self._carried, episode_start=starts, action_masks=mask
        )
        return action

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
        *,
        action_masks: np.ndarray | None = None,
    ) -> tuple[Any, Any]:
        """As the saved agent's `predict`. Without `action_masks`, its environment is asked for them."""
        if action_masks is None and not is_batch(observation, self.observation_space):
            action_masks = self._current_mask()
        return self._agent.predict(observation, state, episode_start, deterministic, action_masks=action_masks)

    def reseed(self, seed: int) -> None:
        """As the saved agent's `reseed`."""
        self._agent.reseed(seed)

    def save(self, path: str | Path, *, with_memory: bool = True) -> Path:
        """Write the JSON file, and beside it a copy of the saved agent's: `agent.json` and `agent.learned.npz`."""
        path = with_suffix(path, ".json")
        with atomic_write(_learned_file(path, self._path.suffix)) as file:
            file.write(self._path.read_bytes())
        return super().save(path, with_memory=with_memory)

    def state(self) -> dict[str, Any]:
        """Return how the saved agent's file ends, what it saw last and what it carries along."""
        seen = None if self.seen is None else self.observation_space.to_jsonable([self.seen])
        carried = None if self._carried is None else [part.tolist() for part in self._carried]
        return {"suffix": self._path.suffix, "seen": seen, "carried": carried}

    def restore(self, state: dict[str, Any], path: Path) -> None:
        """Take over what `state` returned, and the agent beside the file."""
        self._open(_learned_file(path, state["suffix"]))
        if state["seen"] is not None:
            self.seen = self.observation_space.from_jsonable(state["seen"])[0]
        if state["carried"] is not None:
            self._carried = tuple(np.array(part, np.float32) for part in state["carried"])

    def _open(self, path: Path) -> None:
        from agents.catalogue import agent_file, load_agent

        self._path = agent_file(path)
        self._agent: Any = load_agent(self._path)
        if isinstance(self._agent, SavedPolicy):  # what that one acts by
            self._path, self._agent = self._agent._path, self._agent._agent
        self.begin_episode()


def _learned_file(path: Path, suffix: str) -> Path:
    return path.with_suffix(f".learned{suffix}")
