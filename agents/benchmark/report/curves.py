"""Learning curves and sample efficiency: what was found by when, over runs, against each of the three costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.benchmark import statistics
from agents.benchmark.report.reference import Scale
from agents.benchmark.report.results import Curve, Results, Task

COSTS = {"env_steps": "environment steps", "proxy_trainings": "proxy trainings", "seconds": "seconds"}
_POINTS = 60
_MANY_TIMES = 12  # where the longest run costs so many times the shortest, the axis is logarithmic


@dataclass(frozen=True, eq=False)
class Line:
    """An entrant's curve with its band.

    Args:
        entrant: Whose.
        at: (P,) costs.
        middle: (P,) interquartile mean over runs.
        low: (P,) lower end of the 95 % interval; NaN for a single run.
        high: (P,) upper end.
    """

    entrant: str
    at: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class Panel:
    """One set of axes.

    Args:
        title: What is shown.
        slug: The same in a file's or an anchor's name.
        cost: A key of `COSTS`.
        is_log: Whether the costs are on a logarithmic axis.
        lines: At least one.
    """

    title: str
    slug: str
    cost: str
    is_log: bool
    lines: Sequence[Line]


def learning_curves(results: Results, task: Task, cost: str) -> Panel | None:
    """Return the best validation accuracy so far on a task, or None where nothing has a curve."""
    runs = {entrant: [_curves(results, entrant, task, cost)] for entrant in results.entrants}
    return _panel(task.label, task.slug, cost, runs)


def sample_efficiency(results: Results, scales: Mapping[Task, Scale], cost: str) -> Panel | None:
    """Return the same over all tasks that have a scale, normalised, of the entrants with curves for each of them."""
    strata = {
        entrant: [
            [(at, _normalised(values, scales[task])) for at, values in _curves(results, entrant, task, cost)]
            for task in scales
        ]
        for entrant in results.entrants
    }
    return _panel(
        "all tasks", "all", cost, {entrant: of_tasks for entrant, of_tasks in strata.items() if all(of_tasks)}
    )


_Points = tuple[np.ndarray, np.ndarray]  # costs and values of a run


def _curves(results: Results, entrant: str, task: Task, cost: str) -> list[_Points]:
    """Return an entrant's runs; a distiller's have no environment steps to be drawn against."""
    if cost == "env_steps" and not results.acts(entrant):
        return []
    runs = [run for run in results.finished if run.entrant == entrant and run.task == task]
    curves: list[Curve] = [results.curves[run.name] for run in runs if run.name in results.curves]
    return [(getattr(curve, cost), curve.best_val_accuracy) for curve in curves]


def _normalised(values: np.ndarray, scale: Scale) -> np.ndarray:
    return statistics.normalise(values, zero=scale.zero, one=scale.one)


def _panel(title: str, slug: str, cost: str, runs: Mapping[str, Sequence[Sequence[_Points]]]) -> Panel | None:
    ends = {
        entrant: max(at[-1] for of_task in of_tasks for at, _ in of_task)
        for entrant, of_tasks in runs.items()
        if any(len(of_task) for of_task in of_tasks)
    }
    if not ends or max(ends.values()) <= 0:
        return None
    is_log = cost != "env_steps" and max(ends.values()) > _MANY_TIMES * max(min(ends.values()), 1e-3)
    lines = [_line(entrant, runs[entrant], end, is_log) for entrant, end in ends.items() if end > 0]
    lines = [line for line in lines if np.isfinite(line.middle).any()]
    return Panel(title, slug, cost, is_log, lines) if lines else None


def _line(entrant: str, of_tasks: Sequence[Sequence[_Points]], end: float, is_log: bool) -> Line:
    begin = max(at[0] for of_task in of_tasks for at, _ in of_task)
    if is_log:
        begin = max(begin, end / 1e4, 1e-3)
    at = np.geomspace(begin, end, _POINTS) if is_log and begin < end else np.linspace(begin, end, _POINTS)
    at[-1] = end  # which rounding could have put before the last point
    strata = [np.stack([statistics.hold(*points, at) for points in of_task], axis=-1) for of_task in of_tasks]
    return Line(entrant, at, *statistics.curve(strata))
