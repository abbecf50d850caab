"""The wrapper through which a run watches every step of whatever agent acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym

from agents.runs.record import Listener, Record
from mps_env.acceptance import Rank
from mps_env.env import MPSDistillEnv
from mps_env.synthetic_set import SyntheticSet


class BudgetSpentError(Exception):
    """Raised into an agent that asks for a step beyond the budget; a run ends by it, it is no failure."""


class Recorder(gym.Wrapper[Any, Any, Any, Any]):
    """Tells listeners of every step, starts every episode from one set, and ends the run when its budget is spent.

    Args:
        env: The environment.
        initial: The set that every episode starts from.
        seed: Seeds the environment at its first reset, whatever seed the agent asks for.
        step_limit: Steps at the most, or None.
        budget_s: Seconds at the most, or None.
        patience: Steps without a better set, by `rank`, after which the run ends, or None.
        clock: Returns the seconds of work so far.
        listeners: Who is told.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        *,
        initial: SyntheticSet,
        seed: int,
        step_limit: int | None,
        budget_s: float | None,
        patience: int | None = None,
        clock: Callable[[], float],
        listeners: Sequence[Listener],
    ) -> None:
        super().__init__(env)
        self._initial = initial
        self._seed: int | None = seed
        self._step_limit = step_limit
        self._budget_s = budget_s
        self._patience = patience
        self._clock = clock
        self._listeners = listeners
        self.steps = 0
        self._episode = -1
        self._episode_step = 0
        self._best: Rank | None = None
        self._best_at = 0

    @property
    def base(self) -> MPSDistillEnv:
        """The environment itself."""
        return self.unwrapped  # type: ignore[return-value]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode from the run's initial set."""
        seed, self._seed = self._seed, None
        observation, info = self.env.reset(seed=seed, options={"set": self._initial})
        self._episode += 1
        self._episode_step = 0
        self._tell(0.0, info)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step, unless the budget is spent.

        Raises:
            BudgetSpentError: If it is.
        """
        if self._is_over():
            raise BudgetSpentError
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.steps += 1
        self._episode_step += 1
        self._tell(float(reward), info, action)
        return observation, reward, terminated, truncated, info

    @property
    def spent(self) -> float | None:
        """The share of a budget in time that is spent, in [0, 1]; None where steps are counted."""
        if self._budget_s is None or self._step_limit is not None:
            return None
        return min(1.0, self._clock() / self._budget_s)

    def _is_over(self) -> bool:
        if self._step_limit is not None and self.steps >= self._step_limit:
            return True
        if self._patience is not None and self.steps - self._best_at >= self._patience:
            return True
        return self._budget_s is not None and self._clock() >= self._budget_s

    def _tell(self, reward: float, info: dict[str, Any], action: Any = None) -> None:
        base = self.base
        rank = base.task.rank(base.episode.score)
        if self._best is None or rank > self._best:
            self._best, self._best_at = rank, self.steps
        record = Record(
            step=self.steps,
            values={
                "episode": self._episode,
                "episode_step": self._episode_step,
                "reward": reward,
                "accepted": int(info["accepted"]),
                "slot": info["slot"],
                "edit": info["edit"],
            },
            proxy_trainings=base.proxy_trainings,
            seconds=self._clock(),
            synthetic_set=base.synthetic_set,
            score=base.episode.score,
            action=action,
        )
        for listener in self._listeners:
            listener.on_record(record)
