"""What settings of an agent are worth: the validation accuracy of the set that a run with them chooses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import gymnasium as gym
import numpy as np

from agents.catalogue import make_agent
from agents.runs.config import RunConfig
from agents.runs.listeners import Candidates
from agents.runs.recorder import BudgetSpentError, Recorder, StepRecord
from agents.runs.selection import best_index, score_freshly
from mps_env.env import MPSDistillEnv
from mps_env.task import Task

_CANDIDATES = 16  # as many as a run's


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a trial gave.

    Args:
        val_accuracy: Mean over its runs of the chosen set's accuracy on fresh proxy seeds; None if one failed.
        env_steps: Environment steps of its runs.
        proxy_trainings: Trainings, without the second look's.
        seconds: Wall time.
        error: Why it failed.
    """

    val_accuracy: float | None
    env_steps: int = 0
    proxy_trainings: int = 0
    seconds: float = 0.0
    error: str | None = None


def measure(configs: Sequence[RunConfig], task: Task, *, on_step: Callable[[int], None] = lambda step: None) -> Outcome:
    """Do the runs of a trial, of which nothing is written.

    An agent whose numbers are no longer finite is an outcome, too: settings can be that bad.

    Args:
        configs: The runs.
        task: What they share.
        on_step: Told of every step with the number of steps so far.
    """
    start = time.perf_counter()
    accuracies: list[float] = []
    steps = trainings = 0
    for config in configs:
        try:
            accuracy, recorder = _accuracy_of_run(config, task, counted_from(steps, on_step))
        except ValueError as error:  # torch's distributions and the environment refuse what is not finite
            reason = " ".join(str(error).split())
            return Outcome(val_accuracy=None, error=reason, seconds=time.perf_counter() - start)
        accuracies.append(accuracy)
        steps += recorder.steps
        trainings += recorder.base.proxy_trainings
    return Outcome(
        val_accuracy=float(np.mean(accuracies)),
        env_steps=steps,
        proxy_trainings=trainings,
        seconds=time.perf_counter() - start,
    )


def counted_from(before: int, on_step: Callable[[int], None]) -> Callable[[int], None]:
    """Return `on_step` for a part of the work: it adds what was done before."""
    return lambda step: on_step(before + step)


def make_env(config: RunConfig, task: Task) -> gym.Env:
    """Make the environment of a run."""
    env: gym.Env = MPSDistillEnv.sharing(task)
    return env if config.episode_limit is None else gym.wrappers.TimeLimit(env, config.episode_limit)


def _accuracy_of_run(config: RunConfig, task: Task, on_step: Callable[[int], None]) -> tuple[float, Recorder]:
    """Do a run; return the accuracy on fresh seeds that `mps distill` would find, and who counted its steps."""
    initial = task.initial_set(np.random.default_rng(config.seed))
    candidates = Candidates(_CANDIDATES, lambda score: task.acceptance.rank(score.accuracy, score.loss))
    recorder = Recorder(
        make_env(config, task),
        initial=initial,
        seed=config.seed,
        step_limit=config.step_limit,
        budget_s=None,
        clock=time.perf_counter,
        listeners=[candidates, _StepListener(on_step)],
    )
    agent = make_agent(config.agent, recorder, seed=config.seed, **(config.agent_kwargs or {}))
    assert config.step_limit is not None
    with suppress(BudgetSpentError):
        agent.learn(total_timesteps=config.step_limit)
    fresh = score_freshly(task.proxy, [*candidates.sets, initial], config.seed)
    return fresh[best_index(fresh, task.acceptance.rank)].accuracy, recorder


@dataclass(frozen=True)
class _StepListener:
    """Tells of each step."""

    tell: Callable[[int], None]

    def on_step(self, record: StepRecord) -> None:
        self.tell(record.step)
