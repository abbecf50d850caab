"""What agents with a loop of their own have in common: one environment, and steps in it one after the other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from agents.base import Agent, check_same_spaces
from agents.callbacks import Callback, run_steps
from agents.single_env import SingleEnv
from agents.spaces import space_from_json

AgentType = TypeVar("AgentType", bound="SingleEnvAgent")


class SingleEnvAgent(Agent):
    """Acts in one environment, step by step. `_step` says what a step is, `_give_up_episode` how one is left early."""

    def _attach(self, env: Any) -> None:
        self.env = env
        self._single = None if env is None else SingleEnv(env)

    def learn(
        self: AgentType,
        total_timesteps: int,
        callback: Callback = None,
        progress_bar: bool = False,
        *,
        reset_num_timesteps: bool = True,
    ) -> AgentType:
        """Take `total_timesteps` steps; see `Agent.learn`.

        `callback` is called when a step is finished, what was learned from it included, so that an agent saved there
        goes on exactly as this one does.

        Raises:
            ValueError: If the agent was loaded without an environment.
        """
        if self._single is None:
            raise ValueError("the agent was loaded without an environment. Load it with env=... to learn.")
        if reset_num_timesteps:
            self.num_timesteps = 0
            self._give_up_episode()
        run_steps(self, total_timesteps, callback, self._step, progress_bar=progress_bar)
        return self

    @abstractmethod
    def _step(self) -> dict[str, Any]:
        """Take one step in the environment, learn from it, and return what a callback may read of it."""

    @abstractmethod
    def _give_up_episode(self) -> None:
        """Begin a new episode at the next step; the one under way counts, so that seeds are not used twice."""

    @classmethod
    def _saved_spaces(cls, path: str | Path, document: Mapping[str, Any], version: int, env: Any) -> list[Any]:
        """Return the observation and the action space of a saved agent.

        Raises:
            ValueError: If the file is another agent's or in another format, or `env` has other spaces.
        """
        if document.get("class") != cls.name or document.get("format") != version:
            raise ValueError(
                f"{str(path)!r} holds a {document.get('class')!r} agent in format {document.get('format')!r}, not"
                f" {cls.name!r} in format {version}. Use load_agent, or the version that wrote it."
            )
        saved = [space_from_json(document[key]) for key in ("observation_space", "action_space")]
        check_same_spaces(f"{str(path)!r} was saved for", saved, env)
        return saved
