"""The settings of the GAN and its training."""

from __future__ import annotations

from dataclasses import dataclass

from mps_env.checks import require_whole
from mps_env.training.config import TrainConfig


@dataclass(frozen=True, kw_only=True)
class GanConfig:
    """Sizes and batch are those of MPS1 with GAN; the rest makes its samples good."""

    latent: int = 100  # random numbers that an image is made from
    generator_widths: tuple[int, ...] = (256, 512)  # units of the hidden layers
    discriminator_widths: tuple[int, ...] = (512, 256)
    max_images: int = 20_000  # training images looked at, an equal share per class
    batch_size: int = 32
    epochs: int = 60  # passes over those images, unless `max_steps` is reached before
    max_steps: int = 12_000  # optimiser steps of each network
    learning_rate: float = 2e-3  # of both, falling to 0 along a cosine
    gradient_penalty: float = 1.0  # weight of R1, see `GanTraining`
    seed: int = 0  # fixes the training; what is sampled afterwards is the caller's to seed

    def __post_init__(self) -> None:
        names = ("latent", "max_images", "batch_size", "epochs", "max_steps")
        require_whole(1, **{name: getattr(self, name) for name in names})

    def training_of(self, num_images: int) -> TrainConfig:
        """Return how to train on so many images."""
        batch_size = min(self.batch_size, num_images)
        steps = min(self.max_steps, max(1, self.epochs * num_images // batch_size))
        return TrainConfig(steps=steps, batch_size=batch_size, learning_rate=self.learning_rate, schedule="cosine")
