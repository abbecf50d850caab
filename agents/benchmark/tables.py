"""`results.csv` and `curves.csv`, made anew from the run folders."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Cell
from agents.benchmark.jobs import first_line
from agents.runs.trajectory import load_trajectory
from mps_env.atomic import atomic_write_text
from mps_env.set_file import load_set

DONE, FAILED = "done", "failed"
RESULT_COLUMNS = (
    "run", "agent", "dataset", "ipc", "n_images", "action", "proxy", "accept", "seed", "status", "error", "env_steps",
    "iterations", "rehearsal_steps", "proxy_trainings", "seconds", "audit_seconds", "val_accuracy",
    "test_accuracy_mean", "test_accuracy_std", "baseline_random_test_accuracy", "baseline_initial_test_accuracy",
    "network", "audit_seeds",
)  # fmt: skip
CURVE_COLUMNS = (
    "run", "agent", "dataset", "ipc", "action", "seed", "step", "proxy_trainings", "seconds", "val_accuracy",
    "best_val_accuracy",
)  # fmt: skip
_FIGURES_OF_A_POINT = CURVE_COLUMNS[CURVE_COLUMNS.index("step") :]
MOST_POINTS = 200


def write_results(folder: BenchmarkFolder, cells: Sequence[Cell]) -> None:
    """Write `results.csv`, one row per run that is done or failed."""
    rows = [row for cell in cells if (row := result_row(folder, cell)) is not None]
    _write(folder.results, RESULT_COLUMNS, rows)


def write_curves(folder: BenchmarkFolder, cells: Sequence[Cell]) -> None:
    """Write `curves.csv`, at most 200 points a run that is done."""
    done = [cell for cell in cells if folder.run(cell).is_finished and folder.run(cell).metrics.exists()]
    _write(folder.curves, CURVE_COLUMNS, (row for cell in done for row in _curve_rows(folder, cell)))


def result_row(folder: BenchmarkFolder, cell: Cell) -> dict[str, Any] | None:
    """Return a cell's row; None while there is nothing to tell."""
    status = status_of(folder, cell)
    if status is None:
        return None
    row = {**cell.keys, "proxy": cell.config.env.proxy, "accept": cell.config.env.accept, "status": status}
    if status == FAILED:
        return {**row, "error": first_line(folder.error(cell).read_text())}
    summary = folder.run(cell).read_summary()
    return {**{name: summary[name] for name in RESULT_COLUMNS if name in summary}, **row}


def status_of(folder: BenchmarkFolder, cell: Cell) -> str | None:
    """Return whether a cell is done or failed; None where it is neither, or not yet."""
    if folder.run(cell).is_finished:
        return DONE
    return FAILED if folder.error(cell).exists() else None


def damage(folder: BenchmarkFolder, cell: Cell) -> str:
    """Return what is wrong with a run's folder, in a line; empty where nothing is, or there is none.

    Of a run that is not finished only the config is looked at, for the rest is the run's own to go on from.
    """
    run = folder.run(cell)
    try:
        if not run.path.exists():
            return ""
        if run.read_config() != cell.config:
            return f"{run.config} is not that of its place in the grid"
        if run.is_finished:
            result_row(folder, cell)
            load_set(run.synthetic_set)
            if run.trajectory.exists():
                load_trajectory(run.trajectory)
            if run.metrics.exists():
                _curve_rows(folder, cell)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return first_line(str(error))
    return ""


def _curve_rows(folder: BenchmarkFolder, cell: Cell) -> list[dict[str, Any]]:
    """Return evenly spaced points of a run's table, the first and the last among them, without later resets."""
    with folder.run(cell).metrics.open(newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        for row in rows:
            for name in _FIGURES_OF_A_POINT:
                float(row[name])
        steps = [int(row["step"]) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder.run(cell).metrics} cannot be read: {error}") from None
    points = [row for row, step, before in zip(rows, steps, [-1, *steps], strict=False) if step > before]
    if len(points) > MOST_POINTS:
        points = [points[index] for index in np.linspace(0, len(points) - 1, MOST_POINTS).round().astype(int)]
    return [{**cell.keys, **{name: row[name] for name in CURVE_COLUMNS if name in row}} for row in points]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    atomic_write_text(path, text.getvalue())
