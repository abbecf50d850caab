"""A run in which an agent acts on the environment and learns, until the budget is spent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any

import gymnasium as gym

from agents.base import Agent
from agents.catalogue import load_agent, make_agent
from agents.runs.config import RunConfig
from agents.runs.display import Progress, progress
from agents.runs.listeners import Candidates, MetricsTable, TensorBoardEvents
from agents.runs.record import Listener, Record
from agents.runs.recorder import BudgetSpentError, Recorder
from agents.runs.trajectory import TrajectoryRecorder
from agents.runs.work import Job, Work
from mps_env.env import MPSDistillEnv
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

CANDIDATES = 16
_TENSORBOARD_POINTS = 2_000
_UNLIMITED = 2**31 - 1
_LARGEST_REHEARSAL = 0.25  # of a budget in time
_STEPS_PER_CHECK = 100


def act(job: Job) -> Work:
    """Let the agent of a run act and learn; it is saved in the run's folder.

    An agent whose weights are not finite any more ends the work; what was found before remains.
    """
    config, folder = job.config, job.folder
    limit = config.step_limit
    candidates = Candidates(CANDIDATES, job.task.rank)
    taken = TrajectoryRecorder()
    rehearsed = _rehearsed(job) if config.rehearsal_steps else None
    with (
        closing(MetricsTable(folder.metrics)) as table,
        closing(TensorBoardEvents(folder.tensorboard, every=1 + (limit or 0) // _TENSORBOARD_POINTS)) as events,
        progress(f"{config.agent} on {config.env.dataset}", limit, "step", quiet=job.quiet) as shown,
    ):
        listeners: list[Listener] = [table, events, candidates, taken, ProgressListener(shown)]
        recorder = record(config, job.task, job.initial, clock=lambda: job.journal.elapsed, listeners=listeners)
        agent = learn(config, recorder, rehearsed)
        taken.trajectory(recorder.base, job.initial).save(folder.trajectory)
        agent.save(folder.path / "agent", with_memory=False)
    sets = [*candidates.sets, job.initial]  # the last stands unless the second look finds another clearly better
    diverged_at = None if agent.is_finite() else recorder.steps
    return Work(sets, recorder.steps, recorder.base.proxy_trainings, diverged_at)


def _rehearsed(job: Job) -> Agent:
    """Return the run's agent after its rehearsal, from the checkpoint where the run is taken up again."""
    config, saved = job.config, job.folder.checkpoint / "rehearsed.npz"
    with suppress(OSError, ValueError):  # none yet, or damaged
        return load_agent(saved)
    if job.journal.is_empty:
        job.journal.go_live()
    with progress(f"{config.agent} rehearses", config.rehearsal_steps, "step", quiet=job.quiet) as shown:
        agent = rehearse(config, job.initial, clock=lambda: job.journal.elapsed, listeners=[ProgressListener(shown)])
    agent.save(saved, with_memory=False)
    return agent


def rehearse(
    config: RunConfig, initial: SyntheticSet, *, clock: Callable[[], float], listeners: Sequence[Listener] = ()
) -> Agent:
    """Return the agent of a run after it has learned on the same task under the ridge proxy.

    A trained proxy's score moves by more than what one edit does for a set, so that a few hundred of its steps do not
    tell good edits from bad ones. Under the ridge proxy they can be told within two thousand, which take as long as a
    few dozen of the others. Of a budget in time it takes a quarter at the most.
    """
    budget_s = None if config.budget_s is None else _LARGEST_REHEARSAL * config.budget_s
    rehearsal = replace(
        config, env=config.env_of_rehearsal, steps=config.rehearsal_steps, budget_s=budget_s, patience=None
    )
    task = Task(config.env_of_rehearsal)
    return learn(rehearsal, record(rehearsal, task, initial, clock=clock, listeners=listeners))


def record(
    config: RunConfig,
    task: Task,
    initial: SyntheticSet,
    *,
    clock: Callable[[], float],
    listeners: Sequence[Listener],
) -> Recorder:
    """Make the environment of a run, watched by listeners and ended by its steps or its budget."""
    env: gym.Env[Any, Any] = MPSDistillEnv.sharing(task)
    if config.episode_limit is not None:
        env = gym.wrappers.TimeLimit(env, config.episode_limit)
    return Recorder(
        env,
        initial=initial,
        seed=config.seed,
        step_limit=config.step_limit,
        budget_s=config.budget_s,
        patience=config.patience,
        clock=clock,
        listeners=listeners,
    )


def learn(config: RunConfig, recorder: Recorder, rehearsed: Agent | None = None) -> Agent:
    """Let an agent, new or rehearsed, act and learn until steps or budget are spent or it diverges, and return it."""
    if rehearsed is None:
        agent = make_agent(config.agent, recorder, seed=config.seed, **(config.agent_kwargs or {}))
    else:
        agent = rehearsed
        agent.move_to(recorder)

    def watch(*_: Any) -> bool:
        if spent := recorder.spent:
            agent.note_spent(spent)
        return recorder.steps % _STEPS_PER_CHECK != 0 or agent.is_finite()

    # An agent that learns in whole rollouts asks for more steps than the budget has; it gets no more.
    try:
        with suppress(BudgetSpentError):
            agent.learn(total_timesteps=config.step_limit or _UNLIMITED, callback=watch)
    except ValueError:  # torch's distributions and the environment refuse what is not finite
        if agent.is_finite():
            raise
    return agent


@dataclass
class ProgressListener:
    """Shows the accuracy, and the best so far."""

    shown: Progress
    best: float = 0.0

    def on_record(self, record: Record) -> None:
        self.best = max(self.best, record.score.accuracy)
        self.shown.advance_to(record.step, f"validation {record.score.accuracy:.1%}, best {self.best:.1%}")
