"""The interface that all agents share: learn, predict, save, load."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from agents.callbacks import Callback, RunLogger

AgentType = TypeVar("AgentType", bound="Agent")


class Agent(ABC):
    """A policy with a way to learn; the signatures are Stable-Baselines3's.

    Agents that run their own loop call `callback` once per step and offer it what SB3's callbacks read of a
    model: `num_timesteps`, `logger`, `get_env()`.
    """

    #: Whether `load` runs pickled code, so that only trusted files may be opened.
    saves_pickles: ClassVar[bool] = False

    #: The name it was made by, as `make_agent` knows it.
    name: str
    env: Any
    num_timesteps: int

    @abstractmethod
    def learn(
        self: AgentType,
        total_timesteps: int,
        callback: Callback = None,
        progress_bar: bool = False,
        *,
        reset_num_timesteps: bool = True,
    ) -> AgentType:
        """Act in the environment for `total_timesteps` steps and learn from them.

        Args:
            total_timesteps: Environment steps, exactly; fewer only if a callback stops the run.
            callback: An SB3 `BaseCallback`, a function of (locals, globals) that returns False to stop, a list
                of these, or None.
            progress_bar: Draw a progress bar.
            reset_num_timesteps: False continues the count, and the episode under way.

        Returns:
            The agent itself.
        """

    @abstractmethod
    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
        *,
        action_masks: np.ndarray | None = None,
    ) -> tuple[Any, Any]:
        """Return (action, state) for one observation, or a batch of actions for a batch of observations.

        Args:
            observation: In the environment's observation space, or a batch with one more leading axis.
            state: What the last call returned, for recurrent policies.
            episode_start: (n,) bool, where an episode begins, for recurrent policies.
            deterministic: Act greedily, without exploring.
            action_masks: (m,) or (n, m) flags of allowed actions; agents that cannot mask ignore it.
        """

    @abstractmethod
    def save(self, path: str | Path, *, with_memory: bool = True) -> Path:
        """Write everything that going on needs to a file, and return its path (a missing suffix is added).

        Args:
            path: The file.
            with_memory: False leaves a replay memory out: a small file, for an agent that is to predict.
        """

    @classmethod
    @abstractmethod
    def load(cls: type[AgentType], path: str | Path, env: Any = None, *, force_reset: bool = True) -> AgentType:
        """Read an agent back.

        Args:
            path: A file that `save` wrote.
            env: The environment to go on in; None for an agent that only predicts.
            force_reset: Begin a new episode. False continues the episode under way when the agent was saved,
                which needs an `env` restored to that same moment.
        """

    def move_to(self, env: Any) -> None:
        """Go on in another environment with the same spaces: keep what was learned, forget what was seen.

        Raises:
            TypeError: If this agent cannot.
        """
        raise TypeError(f"agent {self.name!r} cannot move to another environment. Make it anew, or use 'dqn'.")

    def note_spent(self, share: float) -> None:  # noqa: B027 - most agents have no schedule
        """Take note that a share of the budget, in (0, 1], is spent.

        A run that is bounded by time cannot say beforehand how many steps it has: what falls over the steps (an
        exploration rate, a learning rate) falls over the budget instead.
        """

    def reseed(self, seed: int) -> None:  # noqa: B027 - an agent may have nothing to draw
        """Draw what is random in `predict` from a seed from here on."""

    def is_finite(self) -> bool:
        """Whether all that it has learned are finite numbers; a learning rate far too high makes NaN of them."""
        return True

    def get_env(self) -> Any:
        """Return the environment (callbacks ask for it by this name)."""
        return self.env

    @property
    def logger(self) -> RunLogger:
        """Where callbacks record values: kept in memory, by name."""
        if not hasattr(self, "_logger"):
            self._logger = RunLogger()
        return self._logger


def check_same_spaces(whose: str, spaces: list[Any], env: Any) -> None:
    """Refuse an environment whose spaces are not those of an agent.

    Args:
        whose: How the message begins: `'dqn' acts in`.
        spaces: The agent's observation and action space.
        env: The environment; None has none to differ.

    Raises:
        ValueError: If they differ.
    """
    if env is None:
        return
    for what, before, now in zip(
        ("observation", "action"), spaces, (env.observation_space, env.action_space), strict=True
    ):
        if before != now:
            raise ValueError(
                f"{whose} the {what} space {before}, the environment has {now}."
                " Make the environment with the same arguments."
            )
