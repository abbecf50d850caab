"""What a benchmark shows while it runs: a live table on a terminal, a line a run elsewhere, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import TYPE_CHECKING, TextIO

from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Cell
from agents.benchmark.jobs import first_line
from agents.benchmark.running import RUNNING, Progress
from agents.benchmark.tables import DONE, FAILED
from agents.formats import duration

if TYPE_CHECKING:
    from rich.table import Table

_REFRESHES_PER_S = 2


class BenchmarkDisplay:
    """Remembers when runs began and ended, and draws the table.

    Args:
        folder: Where the runs' figures and errors are.
        workers: Runs at once.
    """

    def __init__(self, folder: BenchmarkFolder, workers: int) -> None:
        self._folder = folder
        self._workers = workers
        self._begun = time.monotonic()
        self._began: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self.progress = Progress([])

    def on_change(self, progress: Progress) -> None:
        """Take note of a run that began or ended."""
        if progress.changed is None:
            self._took = {cell.id: seconds for cell in progress.cells if (seconds := self._recorded(cell))}
        elif progress.status[progress.changed.id] == RUNNING:
            self._began[progress.changed.id] = time.monotonic()
        else:
            self._took[progress.changed.id] = time.monotonic() - self._began[progress.changed.id]
        self.progress = progress

    def line(self) -> str:
        """Return what there is to tell of the last change; empty for a run that only began."""
        cell = self.progress.changed
        if cell is None:
            done = len(self.progress.having(DONE))
            return f"{len(self.progress.cells)} runs, {done} of them done already" if done else ""
        status = self.progress.status[cell.id]
        if status == RUNNING:
            return ""
        over = len(self.progress.having(DONE)) + len(self.progress.having(FAILED))
        return f"{over}/{len(self.progress.cells)} {cell.title}: {self._outcome(cell, status)}{self._left()}"

    def table(self) -> Table:
        """Return the live table: a row per agent, and what is left in the caption."""
        from rich.table import Table

        table = Table(title=f"{self._folder.path}", caption=self._caption(), caption_justify="left")
        for heading in ("agent", DONE, RUNNING, FAILED, "waiting"):
            table.add_column(heading, justify="left" if heading == "agent" else "right")
        for name, counts in _counts(self.progress).items():
            table.add_row(name, *(str(count) if count else "" for count in counts))
        return table

    def _caption(self) -> str:
        over = len(self.progress.having(DONE)) + len(self.progress.having(FAILED))
        elapsed = duration(time.monotonic() - self._begun)
        return f"{over} of {len(self.progress.cells)} runs, {elapsed} so far{self._left()}"

    def _left(self) -> str:
        now = time.monotonic()
        running = {cell.id: now - self._began[cell.id] for cell in self.progress.having(RUNNING)}
        left = seconds_left(self.progress, self._took, running, max(self._workers, len(running)))
        return "" if left is None or not left else f", about {duration(left)} left"

    def _outcome(self, cell: Cell, status: str) -> str:
        took = duration(self._took[cell.id])
        if status == FAILED:
            return f"failed after {took}: {first_line(self._folder.error(cell).read_text())}"
        return f"{self._folder.run(cell).read_summary()['test_accuracy_mean']:.1%} in {took}"

    def _recorded(self, cell: Cell) -> float:
        """Return what a run of an earlier call took, 0 where it is not done."""
        try:
            summary = json.loads(self._folder.run(cell).summary.read_text())
            return float(summary["seconds"]) + float(summary["audit_seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0.0


@contextmanager
def shown(
    display: BenchmarkDisplay, *, quiet: bool = False, stream: TextIO | None = None
) -> Iterator[Callable[[Progress], None]]:
    """Show a benchmark's progress on standard error while the block runs; yields who is to be told of changes."""
    stream = stream or sys.stderr
    if quiet:
        yield display.on_change
    elif stream.isatty():
        from rich.console import Console
        from rich.live import Live

        with Live(
            get_renderable=display.table, console=Console(file=stream), refresh_per_second=_REFRESHES_PER_S
        ) as live:

            def redraw(progress: Progress) -> None:
                display.on_change(progress)
                if progress.changed is not None and progress.status[progress.changed.id] == FAILED:
                    live.console.print(display.line(), highlight=False, markup=False)

            yield redraw
    else:

        def say(progress: Progress) -> None:
            display.on_change(progress)
            if line := display.line():
                print(line, file=stream, flush=True)

        yield say


def seconds_left(
    progress: Progress, took: Mapping[str, float], running: Mapping[str, float], workers: int
) -> float | None:
    """Estimate the wall time that is left; None while nothing is known.

    A run is expected to take what the same agent's took, on tasks of the same data set and size if there are such.

    Args:
        progress: Where the benchmark stands.
        took: Seconds of the runs that are over, by id.
        running: Seconds so far of those under way.
        workers: Runs at once.
    """
    if not took:
        return None
    over = [cell for cell in progress.cells if cell.id in took]
    left = 0.0
    for cell in progress.cells:
        if progress.status.get(cell.id) not in (DONE, FAILED):
            left += max(0.0, _expected(cell, over, took) - running.get(cell.id, 0.0))
    return left / workers


def _expected(cell: Cell, over: Sequence[Cell], took: Mapping[str, float]) -> float:
    same_agent = [other for other in over if other.agent == cell.agent]
    env = cell.config.env
    same_task = [
        other for other in same_agent if (other.config.env.dataset, other.config.env.ipc) == (env.dataset, env.ipc)
    ]
    return fmean(took[other.id] for other in same_task or same_agent or over)


def _counts(progress: Progress) -> dict[str, list[int]]:
    """Return by agent how many runs are done, running, failed and waiting."""
    columns = (DONE, RUNNING, FAILED, None)
    counts: dict[str, list[int]] = {}
    for cell in progress.cells:
        row = counts.setdefault(cell.agent, [0] * len(columns))
        row[columns.index(progress.status.get(cell.id))] += 1
    return counts
