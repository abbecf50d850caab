"""Common random numbers: everything random in a training, fixed by one integer seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mps_env.training.batches import BatchPlan, plan_batches
from mps_env.training.config import TrainConfig
from mps_env.training.program import TrainingProgram


@dataclass(frozen=True, eq=False)
class TrainingRandomness:
    """What two trainings must share for their results to compare.

    Args:
        weights: Initial values of the model's variables.
        plan: The batches.
        augmentation_seed: (2,) int32.
    """

    weights: list[np.ndarray]
    plan: BatchPlan
    augmentation_seed: np.ndarray


def draw_randomness(
    program: TrainingProgram, config: TrainConfig, num_images: int, seeds: np.random.SeedSequence
) -> TrainingRandomness:
    """Draw the random numbers of one training; equal seeds give equal bits in every process."""
    for_weights, for_batches, for_augmentation = _children(seeds, 3)
    return TrainingRandomness(
        weights=program.initial_weights(for_weights),
        plan=plan_batches(config, num_images, np.random.default_rng(for_batches)),
        augmentation_seed=(for_augmentation.generate_state(2, np.uint32) >> 2).astype(np.int32),
    )


def _children(seeds: np.random.SeedSequence, count: int) -> list[np.random.SeedSequence]:
    # SeedSequence.spawn counts its calls; this does not, so drawing twice gives the same.
    return [np.random.SeedSequence(seeds.entropy, spawn_key=(*seeds.spawn_key, i)) for i in range(count)]
