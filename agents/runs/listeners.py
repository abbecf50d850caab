"""What a run makes of its records: a table, TensorBoard events, the best candidates."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.runs.record import Record
from mps_env.acceptance import Rank
from mps_env.atomic import atomic_write_text
from mps_env.proxies.base import Score
from mps_env.synthetic_set import SyntheticSet
from mps_env.threads import share_cores

_ROWS_PER_FLUSH = 50


class MetricsTable:
    """Writes `metrics.csv`, one row per record.

    Args:
        path: The file.
        keep_until: Keep the rows of an earlier take up to this step; None begins anew.
    """

    def __init__(self, path: Path, keep_until: int | None = None) -> None:
        kept = [] if keep_until is None else _rows_until(path, keep_until)
        text = io.StringIO()
        if kept:
            writer = csv.DictWriter(text, list(kept[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
        atomic_write_text(path, text.getvalue())
        self._has_header = bool(kept)
        self.best = max((float(row["best_val_accuracy"]) for row in kept), default=0.0)
        self._file = path.open("a", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def on_record(self, record: Record) -> None:
        self.best = max(self.best, record.score.accuracy)
        row = {
            "step": record.step,
            **{name: f"{value:.6g}" for name, value in record.values.items()},
            "val_accuracy": f"{record.score.accuracy:.6f}",
            "val_loss": f"{record.score.loss:.6f}",
            "best_val_accuracy": f"{self.best:.6f}",
            "proxy_trainings": record.proxy_trainings,
            "seconds": f"{record.seconds:.3f}",
        }
        if not self._has_header:
            self._writer.writerow(row)
            self._has_header = True
        self._writer.writerow(row.values())
        if record.step % _ROWS_PER_FLUSH == 0:
            self._file.flush()

    def flush(self) -> None:
        """Hand all rows to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TensorBoardEvents:
    """Writes accuracy, loss and the records' values as TensorBoard scalars.

    Args:
        folder: The event files' folder.
        every: Write each n-th step only.
        best: The best accuracy of an earlier take, whose events stay; None empties the folder.
    """

    def __init__(self, folder: Path, every: int = 1, *, best: float | None = None) -> None:
        import tensorflow as tf

        if best is None:
            shutil.rmtree(folder, ignore_errors=True)
        share_cores()  # TensorFlow's threads are settled once it is used, and the audit of this process needs them, too
        self._tf = tf
        self._writer = tf.summary.create_file_writer(str(folder))
        self._every = every
        self._best = best or 0.0

    def on_record(self, record: Record) -> None:
        self._best = max(self._best, record.score.accuracy)
        if record.step % self._every:
            return
        scalar: Any = self._tf.summary.scalar
        with self._writer.as_default(step=record.step):
            scalar("val_accuracy", record.score.accuracy)
            scalar("val_loss", record.score.loss)
            scalar("best_val_accuracy", self._best)
            for name, value in record.values.items():
                scalar(name, value)

    def close(self) -> None:
        """Write what is buffered."""
        self._writer.close()


class Candidates:
    """Keeps the sets with the highest scores of a run, for a second look.

    Args:
        count: How many.
        rank: What scores are compared by.
    """

    def __init__(self, count: int, rank: Callable[[Score], Rank]) -> None:
        self._count = count
        self._rank = rank
        self._best: list[tuple[Rank, SyntheticSet]] = []  # highest first

    def on_record(self, record: Record) -> None:
        self.offer(self._rank(record.score), record.synthetic_set)

    def offer(self, rank: Rank, synthetic_set: SyntheticSet) -> None:
        """Keep a set if it is among the best so far and not there yet."""
        if len(self._best) == self._count and rank <= self._best[-1][0]:
            return
        if any(synthetic_set.fingerprint == kept.fingerprint for _, kept in self._best):
            return
        place = next((i for i, (other, _) in enumerate(self._best) if rank > other), len(self._best))
        self._best.insert(place, (rank, synthetic_set))
        del self._best[self._count :]

    @property
    def ranked(self) -> list[tuple[Rank, SyntheticSet]]:
        """The candidates with their ranks, highest first."""
        return list(self._best)

    @property
    def sets(self) -> list[SyntheticSet]:
        """The candidates, highest score first."""
        return [kept for _, kept in self._best]


def _rows_until(path: Path, step: int) -> list[dict[str, str]]:
    """Read the whole rows of a table up to a step; a row that a kill cut short is left out."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if None not in row and None not in row.values()]
    return [row for row in rows if int(row["step"]) <= step]
