"""One training from scratch of an audit, measured at evenly spaced points."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mps_env.evaluation.config import AuditConfig
from mps_env.evaluation.result import SeedResult
from mps_env.synthetic_set import SyntheticSet
from mps_env.training.config import TrainConfig
from mps_env.training.metrics import measure
from mps_env.training.program import TrainingProgram, training_program
from mps_env.training.randomness import draw_randomness


@dataclass(frozen=True, eq=False)
class Measured:
    """Images that a network is measured on.

    Args:
        images: (n, H, W, C) float32, of the set's image shape.
        classes: (n,) int64.
    """

    images: np.ndarray
    classes: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingRun:
    """Everything that the trainings of one audit share.

    Args:
        config: The audit's recipe.
        train_config: The same in the trainer's terms.
        synthetic_set: What is trained on.
        test: What every measurement measures on.
        validation: What chooses among the measurements; None where the last one counts.
    """

    config: AuditConfig
    train_config: TrainConfig
    synthetic_set: SyntheticSet
    test: Measured
    validation: Measured | None = None

    def train(self, number: int, seeds: np.random.SeedSequence) -> SeedResult:
        """Train once, with everything random drawn from `seeds`."""
        images, labels = self.synthetic_set.images, self.synthetic_set.labels
        program = self._program()
        with program.lock:
            draws = draw_randomness(program, self.train_config, len(images), seeds)
            started = time.perf_counter()
            program.start(draws.weights)
            rows = []
            stops = self.config.measured_steps
            for start, stop in zip([0, *stops], stops, strict=False):
                program.train(images, labels, draws.plan.part(start, stop), draws.augmentation_seed)
                rows.append(self._measure(program, number, stop))
        return SeedResult(
            seed=number,
            accuracy=self._counting(rows)["test_accuracy"],
            seconds=time.perf_counter() - started,
            rows=tuple(rows),
        )

    def _counting(self, rows: Sequence[dict[str, float]]) -> dict[str, float]:
        """Return the measurement that counts: the last, or of those with the highest validation accuracy the last."""
        return rows[-1] if self.validation is None else max(reversed(rows), key=lambda row: row["val_accuracy"])

    def _program(self) -> TrainingProgram:
        return training_program(
            self.config.network,
            self.config.network_kwargs,
            self.synthetic_set.image_shape,
            self.synthetic_set.num_classes,
            self.train_config,
        )

    def _measure(self, program: TrainingProgram, number: int, step: int) -> dict[str, float]:
        loss = self.train_config.loss
        train = measure(program.logits(self.synthetic_set.images), self.synthetic_set.labels, loss)
        test = measure(program.logits(self.test.images), self.test.classes, loss)
        num_images = len(self.synthetic_set)
        row = {
            "seed": number,
            "step": step,
            "epoch": step * min(self.config.batch_size, num_images) / num_images,
            "train_loss": train.loss,
            "train_accuracy": train.accuracy,
            "test_loss": test.loss,
            "test_accuracy": test.accuracy,
        }
        if self.validation is not None:
            row["val_accuracy"] = measure(
                program.logits(self.validation.images), self.validation.classes, loss
            ).accuracy
        return row
