"""What a run makes of its steps: a table, TensorBoard events, the best candidates."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.runs.recorder import StepRecord
from mps_env.acceptance import Rank
from mps_env.proxies.base import Score
from mps_env.synthetic_set import SyntheticSet

METRICS = (
    "step",
    "episode",
    "episode_step",
    "val_accuracy",
    "val_loss",
    "best_val_accuracy",
    "reward",
    "accepted",
    "slot",
    "edit",
    "proxy_trainings",
    "seconds",
)
_ROWS_PER_FLUSH = 50


class MetricsTable:
    """Writes `metrics.csv`, one row a step, from the start: a continued run takes all its steps again.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(METRICS)
        self._best = 0.0

    def on_step(self, record: StepRecord) -> None:
        info = record.info
        self._best = max(self._best, info["val_accuracy"])
        self._writer.writerow(
            (
                record.step,
                record.episode,
                record.episode_step,
                f"{info['val_accuracy']:.6f}",
                f"{info['val_loss']:.6f}",
                f"{self._best:.6f}",
                f"{record.reward:.6f}",
                int(info["accepted"]),
                info["slot"],
                info["edit"],
                record.proxy_trainings,
                f"{record.seconds:.3f}",
            )
        )
        if record.step % _ROWS_PER_FLUSH == 0:
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TensorBoardEvents:
    """Writes accuracy, loss and reward as TensorBoard scalars.

    Args:
        folder: The event files' folder; emptied, because a continued run writes all its steps again.
        every: Write each n-th step only.
    """

    def __init__(self, folder: Path, every: int = 1) -> None:
        import tensorflow as tf

        shutil.rmtree(folder, ignore_errors=True)
        self._tf = tf
        self._writer = tf.summary.create_file_writer(str(folder))
        self._every = every

    def on_step(self, record: StepRecord) -> None:
        if record.step % self._every:
            return
        scalar: Any = self._tf.summary.scalar
        with self._writer.as_default(step=record.step):
            scalar("val_accuracy", record.info["val_accuracy"])
            scalar("val_loss", record.info["val_loss"])
            scalar("best_val_accuracy", record.info["best_val_accuracy"])
            scalar("reward", record.reward)

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

    def on_step(self, record: StepRecord) -> None:
        rank = self._rank(record.score)
        if len(self._best) == self._count and rank <= self._best[-1][0]:
            return
        if any(record.synthetic_set.fingerprint == kept.fingerprint for _, kept in self._best):
            return
        place = next((i for i, (other, _) in enumerate(self._best) if rank > other), len(self._best))
        self._best.insert(place, (rank, record.synthetic_set))
        del self._best[self._count :]

    @property
    def sets(self) -> list[SyntheticSet]:
        """The candidates, highest score first."""
        return [kept for _, kept in self._best]
