"""A benchmark from its config to its tables: whatever of the grid is missing is done, and nothing twice."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from agents.benchmark.config import BenchmarkConfig
from agents.benchmark.engines import ENGINES, Ended, EngineOptions
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Cell, grid_of
from agents.benchmark.jobs import Job, keep_error
from agents.benchmark.tables import DONE, damage, status_of, write_curves, write_results
from agents.runs.folder import create_folder

RUNNING = "running"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """Where a benchmark stands.

    Args:
        cells: All of its cells.
        status: By a run's id: done, failed, running; a run that waits has none.
        changed: The cell whose status is new; None at the beginning.
    """

    cells: Sequence[Cell]
    status: Mapping[str, str] = field(default_factory=dict)
    changed: Cell | None = None

    def with_status(self, cell: Cell, status: str) -> Progress:
        """Return the progress after a change."""
        return Progress(self.cells, {**self.status, cell.id: status}, cell)

    def having(self, status: str) -> list[Cell]:
        """Return the cells of a status."""
        return [cell for cell in self.cells if self.status.get(cell.id) == status]


def missing_cells(folder: BenchmarkFolder, cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that are not done: new, interrupted or failed, or with a file that cannot be used any more."""
    return [cell for cell in cells if status_of(folder, cell) != DONE or damage(folder, cell)]


def run_benchmark(
    config: BenchmarkConfig,
    out: Path,
    *,
    engine: str = "local",
    options: EngineOptions | None = None,
    on_change: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Do what is missing of a benchmark; a run that was interrupted goes on, one that failed is tried again.

    Processes are spawned, so that a script calls this below `if __name__ == "__main__":`.

    Args:
        config: The grid. Where the folder holds a benchmark already, the grid is added to that one.
        out: The benchmark's folder; made when missing.
        engine: Where the runs are done.
        options: How many at once, on what.
        on_change: Told at the beginning, and of each run that begins or ends.

    Returns:
        Where it stands in the end: every cell is done or failed.

    Raises:
        ValueError: If the folder holds a benchmark with another budget or task, or a config is not allowed.
        FileExistsError: If it holds something else.
        BlockingIOError: If another process works on it.
        ModuleNotFoundError: If the engine needs something that is not installed.
    """
    options = options or EngineOptions()
    worker = ENGINES.get(engine)(options)
    folder = BenchmarkFolder(out)
    grid_of(folder.joined(config))  # all that can be wrong with it is told before anything is written
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.locked():
        config = folder.joined(config)
        cells = grid_of(config).cells
        folder.write_config(config)
        missing = {cell.id: cell for cell in missing_cells(folder, cells)}
        progress = Progress(cells, {cell.id: DONE for cell in cells if cell.id not in missing})
        on_change(progress)
        # Workers may have another working directory.
        seen_from_anywhere = BenchmarkFolder(out.resolve())
        jobs = {cell.id: _job(seen_from_anywhere, cell, options) for cell in missing.values()}
        try:
            with closing(worker.run(list(jobs.values()))) as events:
                for event in events:
                    cell, status = missing[event.id], RUNNING
                    if isinstance(event, Ended):
                        status = _settle(folder, cell, jobs[cell.id], event.error)
                        write_results(folder, cells)
                    progress = progress.with_status(cell, status)
                    on_change(progress)
        finally:
            write_results(folder, cells)
            write_curves(folder, cells)
    return progress


def _job(folder: BenchmarkFolder, cell: Cell, options: EngineOptions) -> Job:
    """Return the work that is left of a cell, whose folder is made where it is missing."""
    run = folder.run(cell)
    if problem := damage(folder, cell):
        kept = _set_aside(run.path)
        _log.warning("%s: it is done anew, and what was there is kept as %s", problem.rstrip("."), kept)
    if not run.config.exists():
        create_folder(run.path, cell.config)
    return folder.job(cell, options.cores_per_job)


def _set_aside(path: Path) -> Path:
    """Give a run's folder a name that is free, and return it."""
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in itertools.count(1))
    return path.rename(next(name for name in names if not name.exists()))


def _settle(folder: BenchmarkFolder, cell: Cell, job: Job, error: str | None) -> str:
    """Leave a run's error where it failed, nothing besides its folder where it is done, and return its status.

    What counts is the folder: a process may die of its libraries' clean-up after all work is done.
    """
    if folder.run(cell).is_finished:
        job.error.unlink(missing_ok=True)
        job.log.unlink(missing_ok=True)
    else:
        keep_error(job, error or f"the run ended without its summary; what it printed is in {job.log.name}")
    status = status_of(folder, cell)
    assert status is not None
    return status
