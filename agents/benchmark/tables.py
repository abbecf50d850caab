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
from mps_env.atomic import atomic_write_text

DONE, FAILED = "done", "failed"
RESULT_COLUMNS = (
    "run", "agent", "dataset", "ipc", "n_images", "action", "proxy", "accept", "seed", "status", "error", "env_steps",
    "iterations", "proxy_trainings", "seconds", "audit_seconds", "val_accuracy", "test_accuracy_mean",
    "test_accuracy_std", "baseline_random_test_accuracy", "baseline_initial_test_accuracy", "network", "audit_seeds",
)  # fmt: skip
CURVE_COLUMNS = (
    "run", "agent", "dataset", "ipc", "action", "seed", "step", "proxy_trainings", "seconds", "val_accuracy",
    "best_val_accuracy",
)  # fmt: skip
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


def _curve_rows(folder: BenchmarkFolder, cell: Cell) -> list[dict[str, Any]]:
    """Return evenly spaced points of a run's table, the first and the last among them, without later resets."""
    with folder.run(cell).metrics.open(newline="") as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
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
