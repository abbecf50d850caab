"""The best run of each task, whose pictures the report shows; validation accuracy chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.benchmark.report.results import Results, Run, Task


def best_run(results: Results, task: Task, *, with_trajectory: bool = False) -> Run | None:
    """Return the finished run with the highest validation accuracy, of those that kept their set, or None.

    Args:
        results: The benchmark's.
        task: Which.
        with_trajectory: Whether only runs that kept what was done step by step will do: those of agents.
    """
    runs = [run for run in results.finished if run.task == task and results.run_folder(run).synthetic_set.is_file()]
    if with_trajectory:
        runs = [run for run in runs if trajectory_path(results, run).is_file()]
    return _highest(runs)


def best_run_of(results: Results, task: Task, entrant: str | None) -> Run | None:
    """Return an entrant's finished run with the highest validation accuracy, of those that kept their set, or None."""
    runs = [run for run in results.finished if (run.task, run.entrant) == (task, entrant)]
    return _highest([run for run in runs if results.run_folder(run).synthetic_set.is_file()])


def trajectory_path(results: Results, run: Run) -> Path:
    """Return where a run's trajectory lies, if it has one."""
    return results.run_folder(run).trajectory


def _highest(runs: Sequence[Run]) -> Run | None:
    return max(runs, key=lambda run: run.figures.val_accuracy if run.figures else 0.0, default=None)
