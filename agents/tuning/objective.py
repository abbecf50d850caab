"""What settings of an agent are worth: the validation accuracy of the set that a run with them chooses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.runs.acting import CANDIDATES, learn, record, rehearse
from agents.runs.config import RunConfig
from agents.runs.listeners import Candidates
from agents.runs.record import Listener, Record
from agents.runs.recorder import Recorder
from agents.runs.selection import leader, score_freshly
from mps_env.task import Task


@dataclass(frozen=True, kw_only=True)
class TrialOutcome:
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


def measure(
    configs: Sequence[RunConfig], task: Task, *, on_step: Callable[[int], None] = lambda step: None
) -> TrialOutcome:
    """Do the runs of a trial, of which nothing is written.

    An agent whose numbers are no longer finite is an outcome, too: settings can be that bad.

    Args:
        configs: The runs.
        task: What they share.
        on_step: Told of every step with the number of steps so far.
    """
    start = time.perf_counter()
    accuracies: list[float] = []
    error: str | None = None
    steps = trainings = 0
    for config in configs:
        run = _Run(config, task, counted_from(steps, on_step))
        try:
            accuracies.append(run.accuracy())
        except ValueError as problem:
            error = " ".join(str(problem).split())
        steps += run.recorder.steps
        trainings += run.recorder.base.proxy_trainings
        if error is not None:
            break
    return TrialOutcome(
        val_accuracy=float(np.mean(accuracies)) if error is None else None,
        env_steps=steps,
        proxy_trainings=trainings,
        seconds=time.perf_counter() - start,
        error=error,
    )


def counted_from(before: int, on_step: Callable[[int], None]) -> Callable[[int], None]:
    """Return `on_step` for a part of the work: it adds what was done before."""
    return lambda step: on_step(before + step)


class _Run:
    """One run of a trial, and who counts its steps, whatever becomes of it."""

    def __init__(self, config: RunConfig, task: Task, on_step: Callable[[int], None]) -> None:
        self._config, self._task = config, task
        self._initial = task.initial_set(np.random.default_rng(config.seed))
        self._candidates = Candidates(CANDIDATES, task.rank)
        listeners: list[Listener] = [self._candidates, _StepListener(on_step)]
        self.recorder: Recorder = record(config, task, self._initial, clock=time.perf_counter, listeners=listeners)

    def accuracy(self) -> float:
        """Do it, and return the accuracy of its best set on fresh seeds.

        The best, not what `mps distill` would choose, which is the initial set where no lead is clear.
        """
        config, task = self._config, self._task
        rehearsed = rehearse(config, self._initial, clock=time.perf_counter) if config.rehearsal_steps else None
        agent = learn(config, self.recorder, rehearsed)
        if not agent.is_finite():
            raise ValueError(f"the agent's weights were not finite after {self.recorder.steps} steps")
        fresh = score_freshly(task.proxy, [*self._candidates.sets, self._initial], config.seed)
        return fresh[leader(fresh, task.acceptance.rank)].accuracy


@dataclass(frozen=True)
class _StepListener:
    """Tells of each step."""

    tell: Callable[[int], None]

    def on_record(self, record: Record) -> None:
        self.tell(record.step)
