"""All that a report shows, worked out once for both of its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from agents.benchmark.report.best_runs import best_run, trajectory_path
from agents.benchmark.report.charts import Profile, performance_profiles
from agents.benchmark.report.curves import COSTS, Panel, learning_curves, sample_efficiency
from agents.benchmark.report.looks import Look, looks_of
from agents.benchmark.report.player import best_episode, payload
from agents.benchmark.report.reference import Reference, Scale, audit_scales, choose_reference, validation_scales
from agents.benchmark.report.results import Results, Task
from agents.benchmark.report.sheets import Sheet, contact_sheets
from agents.benchmark.report.standings import Improvement, Standing, improvements, leaderboard, scores
from agents.formats import percent
from agents.runs.trajectory import load_trajectory

_EDITED_BYTES = 500_000  # of edited images, all tasks together, so that the page stays about 1.5 MB
_FEWEST_BYTES = 30_000


@dataclass(frozen=True)
class Span:
    """The scores that a table's whiskers reach from and to."""

    low: float
    high: float

    def at(self, score: float) -> float:
        """Return where a score lies in a picture of 144 units with a margin of 6."""
        return round(6 + 132 * (score - self.low) / (self.high - self.low), 1)


@dataclass(frozen=True)
class Board:
    """A leaderboard.

    Args:
        label: Of the task, or of all.
        slug: Its anchor.
        caption: The two ends of its scale, if it has one.
        rows: Best first.
        span: None where there are no scores.
    """

    label: str
    slug: str
    caption: str
    rows: Sequence[Standing]
    span: Span | None


@dataclass(frozen=True, eq=False)
class Contents:
    """What there is to show of a benchmark; each part is worked out when it is first asked for.

    Args:
        results: The benchmark's.
    """

    results: Results

    @cached_property
    def reference(self) -> Reference:
        """Who scores 1."""
        return choose_reference(self.results)

    @cached_property
    def scales(self) -> dict[Task, Scale]:
        """What is 0 and 1 in each task."""
        return audit_scales(self.results, self.reference.entrant)

    @cached_property
    def looks(self) -> dict[str, Look]:
        """How entrants are drawn."""
        return looks_of(self.results.entrants)

    @cached_property
    def overall(self) -> Board:
        """The leaderboard over all tasks."""
        return self._board("All tasks", "all", self.results.tasks)

    @cached_property
    def boards(self) -> list[Board]:
        """The leaderboard of each task."""
        return [self._board(task.label, task.slug, [task]) for task in self.results.tasks]

    @cached_property
    def ranked(self) -> list[str]:
        """The entrants, best first: the order of legends."""
        return [row.entrant for row in self.overall.rows if row.done and not row.is_baseline]

    @cached_property
    def matrix(self) -> list[list[Improvement]]:
        """Each of the overall leaderboard against each, in its order."""
        return improvements(self.results, [row.entrant for row in self.overall.rows if row.done])

    @cached_property
    def curves(self) -> dict[str, list[Panel]]:
        """Learning curves by cost, a panel a task."""
        panels = {cost: [learning_curves(self.results, task, cost) for task in self.results.tasks] for cost in COSTS}
        drawn = {cost: [panel for panel in of_cost if panel is not None] for cost, of_cost in panels.items()}
        return {cost: of_cost for cost, of_cost in drawn.items() if of_cost}

    @cached_property
    def efficiency(self) -> dict[str, Panel]:
        """Sample efficiency by cost."""
        scales = validation_scales(self.results, self.reference.entrant)
        panels = {cost: sample_efficiency(self.results, scales, cost) for cost in COSTS} if scales else {}
        return {cost: panel for cost, panel in panels.items() if panel is not None}

    @cached_property
    def profile(self) -> Profile | None:
        """Performance profiles."""
        tasks = self.results.tasks
        return performance_profiles({name: scores(self.results, name, tasks, self.scales) for name in self.ranked})

    @cached_property
    def sheets(self) -> list[tuple[Task, list[Sheet]]]:
        """Contact sheets of each task that has any."""
        found = [(task, contact_sheets(self.results, task, self.reference.entrant)) for task in self.results.tasks]
        return [(task, sheets) for task, sheets in found if sheets]

    @cached_property
    def episodes(self) -> list[dict[str, Any]]:
        """What the player shows: of each task the best agent's run."""
        runs = [(task, sheets, best_run(self.results, task, with_trajectory=True)) for task, sheets in self.sheets]
        shown = [(task, sheets, run) for task, sheets, run in runs if run is not None]
        room = max(_FEWEST_BYTES, _EDITED_BYTES // max(1, len(shown)))
        episodes = []
        for task, sheets, run in shown:
            trajectory = load_trajectory(trajectory_path(self.results, run))
            episode = best_episode(trajectory)
            if episode is not None:
                data = payload(episode, trajectory.initial_classes, most_bytes=room)
                words = {
                    "task": task.label,
                    "class_names": sheets[0].class_names,
                    "whose": _whose(f"{run.entrant}, seed {run.seed}", data),
                }
                episodes.append(data | words)
        return episodes

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions that the runs were made with; several of one package beside each other."""
        found: dict[str, dict[str, None]] = {}
        for run in self.results.finished:
            folder = self.results.run_folder(run)
            for name, version in (
                (folder.read_summary() if folder.summary.is_file() else {}).get("versions", {}).items()
            ):
                found.setdefault(name, {})[version] = None
        return {name: " / ".join(several) for name, several in found.items()}

    def _board(self, label: str, slug: str, tasks: Sequence[Task]) -> Board:
        rows = leaderboard(self.results, tasks, self.scales, self.reference.entrant)
        scale = self.scales.get(tasks[0]) if len(tasks) == 1 else None
        ends = f"A score of 0 is {percent(scale.zero)} test accuracy, 1 is {percent(scale.one)}." if scale else ""
        return Board(label, slug, ends, rows, _span(rows))


def _span(rows: Sequence[Standing]) -> Span | None:
    ends = [end for row in rows for end in (row.score.value, row.score.low, row.score.high) if np.isfinite(end)]
    return Span(min(0.0, *ends), max(1.0, *ends)) if ends else None


def _whose(run: str, data: Mapping[str, Any]) -> str:
    steps, length, first = len(data["slots"]), data["length"], data["first_step"]
    begins = "the run’s first episode" if first == 0 else f"the episode that begins after {first:,} steps of the run"
    return f"{run}: {begins}" + (f", the first {steps:,} of its {length:,} steps." if steps < length else ".")
