"""A run in which an agent acts on the environment and learns, until the budget is spent."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import gymnasium as gym

from agents.base import Agent
from agents.catalogue import load_agent, make_agent
from agents.runs.config import RunConfig
from agents.runs.display import Progress, progress
from agents.runs.listeners import Candidates, MetricsTable, TensorBoardEvents
from agents.runs.record import Listener, Record
from agents.runs.recorder import BudgetSpentError, Recorder
from agents.runs.work import Job, Work
from mps_env.env import MPSDistillEnv
from mps_env.task import Task

_CANDIDATES = 16
_TENSORBOARD_POINTS = 2_000
_LARGEST_REHEARSAL = 0.25  # of a budget in time


def act(job: Job) -> Work:
    """Let the agent of a run act and learn; it is saved in the run's folder."""
    config, folder = job.config, job.folder
    limit = config.step_limit
    candidates = Candidates(_CANDIDATES, job.task.rank)
    rehearsed = _rehearsed(job) if config.rehearsal_steps else None
    with (
        closing(MetricsTable(folder.metrics)) as table,
        closing(TensorBoardEvents(folder.tensorboard, every=1 + (limit or 0) // _TENSORBOARD_POINTS)) as events,
        progress(f"{config.agent} on {config.env.dataset}", limit, "step", quiet=job.quiet) as shown,
    ):
        listeners: list[Listener] = [table, events, candidates, ProgressListener(shown)]
        recorder = Recorder(
            make_env(config, job.task),
            initial=job.initial,
            seed=config.seed,
            step_limit=limit,
            budget_s=config.budget_s,
            clock=lambda: job.journal.elapsed,
            listeners=listeners,
        )
        if rehearsed is None:
            agent = make_agent(config.agent, recorder, seed=config.seed, **(config.agent_kwargs or {}))
        else:
            agent = rehearsed
            agent.move_to(recorder)
        _learn(agent, limit)
        agent.save(folder.path / "agent", with_memory=False)
    sets = [*candidates.sets, job.initial]  # so that a run cannot end below where it began, by the second look
    return Work(sets, recorder.steps, recorder.base.proxy_trainings)


def _rehearsed(job: Job) -> Agent:
    """Return the run's agent after it has learned on the same task under the ridge proxy.

    A trained proxy's score moves by more than what one edit does for a set, so that a few hundred of its steps do not
    tell good edits from bad ones. Under the ridge proxy they can be told within two thousand, which take as long as a
    few dozen of the others. The agent is kept in the checkpoint, for a run that is taken up again.
    """
    config, saved = job.config, job.folder.checkpoint / "rehearsed.npz"
    with suppress(OSError, ValueError):  # none yet, or damaged
        return load_agent(saved)
    if job.journal.is_empty:
        job.journal.go_live()
    with progress(f"{config.agent} rehearses", config.rehearsal_steps, "step", quiet=job.quiet) as shown:
        env = Recorder(
            make_env(config, Task(config.env_of_rehearsal)),
            initial=job.initial,
            seed=config.seed,
            step_limit=None,
            budget_s=None if config.budget_s is None else _LARGEST_REHEARSAL * config.budget_s,
            clock=lambda: job.journal.elapsed,
            listeners=[ProgressListener(shown)],
        )
        agent = make_agent(config.agent, env, seed=config.seed, **(config.agent_kwargs or {}))
        with suppress(BudgetSpentError):
            agent.learn(total_timesteps=config.rehearsal_steps)
    agent.save(saved, with_memory=False)
    return agent


def make_env(config: RunConfig, task: Task) -> gym.Env[Any, Any]:
    """Make the environment of a run."""
    env: gym.Env[Any, Any] = MPSDistillEnv.sharing(task)
    if config.episode_limit is not None:
        env = gym.wrappers.TimeLimit(env, config.episode_limit)
    return env


def _learn(agent: Agent, limit: int | None) -> None:
    unlimited = 2**31 - 1
    # An agent that learns in whole rollouts asks for more steps than the budget has; it gets no more.
    with suppress(BudgetSpentError):
        agent.learn(total_timesteps=limit or unlimited)


@dataclass
class ProgressListener:
    """Shows the accuracy, and the best so far."""

    shown: Progress
    best: float = 0.0

    def on_record(self, record: Record) -> None:
        self.best = max(self.best, record.score.accuracy)
        self.shown.advance_to(record.step, f"validation {record.score.accuracy:.1%}, best {self.best:.1%}")
