"""The recipe of an audit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mps_env.checks import require_whole
from mps_env.networks import check_network_name
from mps_env.training.config import PRESETS, Augmentation, TrainConfig, loss_for

if TYPE_CHECKING:
    from mps_env.synthetic_set import SyntheticSet

# Mirrored clothes and photographs are still what they were; mirrored digits are not.
FLIPPED_DATASETS = ("cifar10", "cifar100", "fashion_mnist")
_CHECKPOINTS = ("last", "best")


@dataclass(frozen=True, kw_only=True)
class AuditConfig:
    """How an audit trains. The defaults are the standard recipe, the same for every method and baseline."""

    network: str = "mps_cnn"  # a registered network
    network_kwargs: Mapping[str, Any] = field(default_factory=dict)  # its own arguments, JSON
    seeds: int = 5  # trainings from scratch
    steps: int = 1000  # optimiser steps of each
    batch_size: int = 100  # images; no more than the set has
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    loss: str = "auto"  # of a training: "mse", "cross_entropy", or what suits the number of classes
    augment: str | bool | Mapping[str, Any] = "auto"  # "auto": light shift-rotate-zoom, mirrored where it is safe
    eval_points: int = 10  # measurements of each training, evenly spaced, the last one at its end; at most one per step
    checkpoint: str = (
        "last"  # whose test accuracy counts: the last measurement's, or that of the "best" on validation data
    )
    val_size: int | None = None  # validation images that "best" looks at; None: the data set's default

    def __post_init__(self) -> None:
        check_network_name(self.network)
        require_whole(1, seeds=self.seeds, eval_points=self.eval_points)
        if self.checkpoint not in _CHECKPOINTS:
            raise ValueError(f"checkpoint must be {' or '.join(_CHECKPOINTS)}, got {self.checkpoint!r}.")
        if self.val_size is not None:
            require_whole(1, val_size=self.val_size)
        self.train_config("", 2)  # checks the rest

    @property
    def measured_steps(self) -> list[int]:
        """The steps after which a training is measured."""
        points = min(self.eval_points, self.steps)
        return [round(self.steps * (point + 1) / points) for point in range(points)]

    def augmentation(self, dataset_name: str) -> Augmentation:
        """Return the augmentation for a data set; "auto" depends on its name."""
        if self.augment == "auto":
            return PRESETS["light_flip" if dataset_name in FLIPPED_DATASETS else "light"]
        if isinstance(self.augment, str) and self.augment not in PRESETS:
            raise ValueError(f"an audit's augment must be auto or one of {', '.join(PRESETS)}, got {self.augment!r}.")
        return Augmentation.parse(self.augment)

    def train_config(self, dataset_name: str, num_classes: int) -> TrainConfig:
        """Return the same recipe in the trainer's terms."""
        return TrainConfig(
            steps=self.steps,
            batch_size=self.batch_size,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            schedule=self.schedule,
            loss=loss_for(num_classes) if self.loss == "auto" else self.loss,
            augmentation=self.augmentation(dataset_name),
        )

    def recipe(self, dataset_name: str, synthetic_set: SyntheticSet) -> dict[str, Any]:
        """Return the recipe as JSON-able values, to be stored beside the figure it gave."""
        training = self.train_config(dataset_name, synthetic_set.num_classes)
        return {
            "network": self.network,
            "network_kwargs": dict(self.network_kwargs),
            "seeds": self.seeds,
            "steps": self.steps,
            "batch_size": min(self.batch_size, len(synthetic_set)),
            "optimizer": training.optimizer,
            "learning_rate": training.learning_rate,
            "schedule": training.schedule,
            "loss": training.loss,
            "augmentation": dataclasses.asdict(training.augmentation),
            "eval_points": len(self.measured_steps),
            "checkpoint": self.checkpoint,
            "dataset": dataset_name,
            "split": "test",
        }
