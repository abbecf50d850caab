"""The leaderboards: every entrant's figures on one task or on all, with the random set's beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.benchmark import statistics
from agents.benchmark.entries import RANDOM_SET
from agents.benchmark.report.reference import Scale, audited_accuracies, random_accuracies
from agents.benchmark.report.results import Figures, Results, Task
from agents.benchmark.statistics import Estimate


@dataclass(frozen=True)
class Standing:
    """A row of a leaderboard.

    Args:
        entrant: Who.
        kind: `agent`, `distiller`, `baseline` or `no finished run`.
        is_reference: Whether it is what scores 1.
        score: Interquartile mean of the normalised score.
        accuracy: Interquartile mean of the test accuracy.
        gap: Optimality gap of the normalised score.
        mean: Mean over the tasks of the mean test accuracy.
        std: Standard deviation over the runs of a task (its root mean square over several tasks); NaN for one run.
        done: Finished runs.
        failed: Failed runs.
        tasks: Tasks with a finished run.
        missing_tasks: Tasks without one.
        env_steps: Mean of a run.
        iterations: Mean of a run, of a distiller.
        proxy_trainings: Mean of a run.
        seconds: Mean of a run, the audit apart.
    """

    entrant: str
    kind: str
    is_reference: bool
    score: Estimate
    accuracy: Estimate
    gap: float
    mean: float
    std: float
    done: int
    failed: int
    tasks: int
    missing_tasks: int
    env_steps: float
    iterations: float
    proxy_trainings: float
    seconds: float

    @property
    def is_baseline(self) -> bool:
        """Whether it is the random set."""
        return self.kind == "baseline"


@dataclass(frozen=True)
class Improvement:
    """How likely a run of one entrant beats one of another on the same task."""

    of: str
    over: str
    estimate: Estimate


def leaderboard(
    results: Results, tasks: Sequence[Task], scales: Mapping[Task, Scale], reference: str | None
) -> list[Standing]:
    """Return the rows, best first; whoever lacks a task comes after those who lack none."""
    rows = [_standing(results, entrant, tasks, scales, reference) for entrant in [*results.entrants, RANDOM_SET]]

    def key(row: Standing) -> tuple[float, ...]:
        figures = (row.score.value, row.accuracy.value)
        return row.missing_tasks, *(np.inf if np.isnan(figure) else -figure for figure in figures)

    return sorted((row for row in rows if row.done or row.failed), key=key)


def accuracies(results: Results, entrant: str, task: Task) -> np.ndarray:
    """Return test accuracies by run, (n,): an entrant's, or those of the random sets."""
    if entrant == RANDOM_SET:
        return random_accuracies(results, task)
    return audited_accuracies(results, entrant, task)


def scores(results: Results, entrant: str, tasks: Sequence[Task], scales: Mapping[Task, Scale]) -> list[np.ndarray]:
    """Return normalised scores by run, (n_i,) for each task that has a scale."""
    return [
        statistics.normalise(accuracies(results, entrant, task), zero=scales[task].zero, one=scales[task].one)
        for task in tasks
        if task in scales
    ]


def improvements(results: Results, entrants: Sequence[str]) -> list[list[Improvement]]:
    """Return the probability that the row's entrant beats the column's, over the tasks that both have finished."""
    return [[_improvement(results, of, over) for over in entrants] for of in entrants]


def _improvement(results: Results, of: str, over: str) -> Improvement:
    pairs = [(accuracies(results, of, task), accuracies(results, over, task)) for task in results.tasks]
    shared = [pair for pair in pairs if len(pair[0]) and len(pair[1])]
    strata = [x for x, _ in shared] + [y for _, y in shared]
    return Improvement(of, over, statistics.estimate(strata, statistics.probability_of_improvement))


def _standing(
    results: Results, entrant: str, tasks: Sequence[Task], scales: Mapping[Task, Scale], reference: str | None
) -> Standing:
    strata = [accuracies(results, entrant, task) for task in tasks]
    filled = [stratum for stratum in strata if len(stratum)]
    normalised = scores(results, entrant, tasks, scales)
    figures = [found for task in tasks for found in results.figures_of(entrant, task)]
    variances = [stratum.var(ddof=1) for stratum in filled if len(stratum) > 1]  # as the audits do
    return Standing(
        entrant=entrant,
        kind=_kind(results, entrant),
        is_reference=entrant == reference,
        score=statistics.estimate(normalised),
        accuracy=statistics.estimate(strata),
        gap=float(statistics.optimality_gap(scored)) if (scored := [one for one in normalised if len(one)]) else np.nan,
        mean=float(np.mean([stratum.mean() for stratum in filled])) if filled else np.nan,
        std=float(np.sqrt(np.mean(variances))) if variances else np.nan,
        done=sum(len(stratum) for stratum in filled),
        failed=sum(run.entrant == entrant and run.task in tasks for run in results.failed),
        tasks=len(filled),
        missing_tasks=len(tasks) - len(filled),
        env_steps=_mean(figures, "env_steps"),
        iterations=_mean(figures, "iterations"),
        proxy_trainings=_mean(figures, "proxy_trainings"),
        seconds=_mean(figures, "seconds"),
    )


def _kind(results: Results, entrant: str) -> str:
    if entrant == RANDOM_SET:
        return "baseline"
    if not any(run.entrant == entrant for run in results.finished):
        return "no finished run"
    return "agent" if results.acts(entrant) else "distiller"


def _mean(figures: Sequence[Figures], name: str) -> float:
    return float(np.mean([getattr(found, name) for found in figures])) if figures else np.nan
