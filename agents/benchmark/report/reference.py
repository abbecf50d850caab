"""Which entrant the scores are measured by: a random set scores 0, the reference scores 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.benchmark.report.results import Results, Task
from agents.benchmark.statistics import interquartile_mean

_BASELINE_DISTILLER = "random"  # its sets are what scores 0


@dataclass(frozen=True)
class Reference:
    """The entrant that scores 1.

    Args:
        entrant: None where nothing was finished.
        reason: Why this one, as half a sentence.
    """

    entrant: str | None
    reason: str


@dataclass(frozen=True)
class Scale:
    """The two accuracies, interquartile means, that a task's scores are measured by; `one` is above `zero`."""

    zero: float
    one: float


def choose_reference(results: Results) -> Reference:
    """Return the reference that the benchmark's config names, or else the best distiller, or else the best agent.

    Best is who has the highest mean validation accuracy, among those with a finished run of the most tasks: the test
    split chooses nothing.
    """
    wanted = results.config.get("reference")
    # A name may have been run in several ways: the first of its entrants is meant.
    named = [run.entrant for run in results.finished if wanted in (run.entrant, run.agent)]
    if wanted and named:
        return Reference(named[0], "named in the benchmark's config")
    candidates = list(dict.fromkeys(run.entrant for run in results.finished))
    distillers = [name for name in candidates if not results.acts(name) and name != _BASELINE_DISTILLER]
    best = _best_by_validation(results, distillers or candidates)
    kind = "distiller" if distillers else "agent"
    reason = f"the {kind} with the highest mean validation accuracy"
    if wanted:
        reason += f", since {wanted}, which the config names, has no finished run"
    return Reference(best, reason)


def audit_scales(results: Results, reference: str | None) -> dict[Task, Scale]:
    """Return the scale of test accuracy of each task in which the reference beats the random sets."""
    ends = {
        task: (random_accuracies(results, task), audited_accuracies(results, reference, task))
        for task in (results.tasks if reference else [])
    }
    return _scales(ends)


def validation_scales(results: Results, reference: str | None) -> dict[Task, Scale]:
    """Return the scale of validation accuracy: 0 is the set that agents begin with, 1 the reference's chosen set."""
    ends = {}
    for task in results.tasks if reference else []:
        curves = [
            results.curves[run.name]
            for run in results.finished
            if run.task == task and run.name in results.curves and results.acts(run.entrant)
        ]
        begins = np.array([curve.val_accuracy[0] for curve in curves if curve.env_steps[0] == 0])
        ends[task] = begins, np.array([found.val_accuracy for found in results.figures_of(reference or "", task)])
    return _scales(ends)


def audited_accuracies(results: Results, entrant: str | None, task: Task) -> np.ndarray:
    """Return the test accuracy of each finished run of an entrant on a task, (n,) by seed."""
    return np.array([found.test_accuracy for found in results.figures_of(entrant or "", task)])


def random_accuracies(results: Results, task: Task) -> np.ndarray:
    """Return that of the random real set of each seed, which all runs of a seed share, (n,) by seed."""
    by_seed: dict[int, list[float]] = {}
    for run in results.finished:
        if run.task == task and run.figures:
            by_seed.setdefault(run.seed, []).append(run.figures.random_test_accuracy)
    return np.array([np.mean(by_seed[seed]) for seed in sorted(by_seed)])


def _scales(ends: Mapping[Task, tuple[np.ndarray, np.ndarray]]) -> dict[Task, Scale]:
    scales = {
        task: Scale(float(interquartile_mean([low])), float(interquartile_mean([high])))
        for task, (low, high) in ends.items()
        if len(low) and len(high)
    }
    return {task: scale for task, scale in scales.items() if scale.one > scale.zero}


def _best_by_validation(results: Results, entrants: Sequence[str]) -> str | None:
    def key(entrant: str) -> tuple[int, float]:
        of_tasks = [results.figures_of(entrant, task) for task in results.tasks]
        means = [np.mean([found.val_accuracy for found in figures]) for figures in of_tasks if figures]
        return len(means), float(np.mean(means))

    return max(entrants, key=key, default=None)
