"""One training from scratch of an audit, measured at evenly spaced points."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from mps_env.evaluation.config import AuditConfig
from mps_env.evaluation.result import SeedResult
from mps_env.synthetic_set import SyntheticSet
from mps_env.training.config import TrainConfig
from mps_env.training.metrics import measure
from mps_env.training.program import TrainingProgram, training_program
from mps_env.training.randomness import draw_randomness


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingRun:
    """Everything that the trainings of one audit share.

    Args:
        config: The audit's recipe.
        train_config: The same in the trainer's terms.
        synthetic_set: What is trained on.
        test_images: (n, H, W, C) float32, of the set's image shape.
        test_classes: (n,) int64.
    """

    config: AuditConfig
    train_config: TrainConfig
    synthetic_set: SyntheticSet
    test_images: np.ndarray
    test_classes: np.ndarray

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
            accuracy=rows[-1]["test_accuracy"],
            seconds=time.perf_counter() - started,
            rows=tuple(rows),
        )

    def _program(self) -> TrainingProgram:
        return training_program(
            self.config.network,
            self.config.network_kwargs,
            self.synthetic_set.image_shape,
            self.synthetic_set.num_classes,
            self.train_config,
        )

    def _measure(self, program: TrainingProgram, number: int, step: int) -> dict[str, float]:
        train = measure(program.logits(self.synthetic_set.images), self.synthetic_set.labels, self.train_config.loss)
        test = measure(program.logits(self.test_images), self.test_classes, self.train_config.loss)
        num_images = len(self.synthetic_set)
        return {
            "seed": number,
            "step": step,
            "epoch": step * min(self.config.batch_size, num_images) / num_images,
            "train_loss": train.loss,
            "train_accuracy": train.accuracy,
            "test_loss": test.loss,
            "test_accuracy": test.accuracy,
        }
