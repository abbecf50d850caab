"""What doing a run's work leaves, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from agents.runs.journal import Journal
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


@dataclass(frozen=True, eq=False)
class Work:
    """The sets among which the second look chooses, and what they cost.

    Args:
        sets: At least one, the best first; the last stands unless another is clearly better.
        steps: Environment steps or iterations.
        proxy_trainings: Trainings.
        diverged_at: The iteration whose loss was not finite, or the step after which an agent's weights were found not
            to be; None where all were.
    """

    sets: Sequence[SyntheticSet]
    steps: int
    proxy_trainings: int
    diverged_at: int | None = None


@dataclass(frozen=True, eq=False)
class Job:
    """All that an agent or a distiller needs to do a run's work.

    Args:
        folder: Where tables, events and checkpoints go.
        config: The run's.
        task: Its fixed part, with a journaled proxy.
        initial: The set to begin from.
        journal: Keeps the time.
        quiet: Whether to show no progress.
    """

    folder: RunFolder
    config: RunConfig
    task: Task
    initial: SyntheticSet
    journal: Journal
    quiet: bool
