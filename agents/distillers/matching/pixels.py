"""What the matching methods share: standardised pixels moved class by class, by SGD with momentum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agents.distillers.base import Distiller
from agents.distillers.matching.siamese import draw, identity
from mps_env.evaluation.config import FLIPPED_DATASETS
from mps_env.networks import build_network, require_stateless
from mps_env.ridge.store import split_statistics
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

MOMENTUM = 0.5  # of pixels and of the networks' training, in all of the authors' programs


class PixelDistiller(Distiller):
    """Keeps the set as standardised pixels, (N, H, W, C), and its labels as they are.

    Args:
        task: Data set and sizes.
        initial: The set to begin from.
        seed: Of everything random.
        real_batch: Real images of each class a step; fewer where there are not as many.
        is_siamese: Whether real and synthetic images are augmented, alike.
    """

    def __init__(self, task: Task, initial: SyntheticSet, *, seed: int, real_batch: int, is_siamese: bool) -> None:
        super().__init__(task, initial, seed=seed)
        train = task.dataset.train
        self._mean, self._std = split_statistics(train)
        self._rows_of = [np.flatnonzero(train.labels == number) for number in range(task.dataset.num_classes)]
        self.slots_of = [np.flatnonzero(initial.classes == number) for number in range(task.dataset.num_classes)]
        self._real_batch, self._is_siamese = real_batch, is_siamese
        self._flips = task.dataset.name in FLIPPED_DATASETS
        self.pixels = self._standardised(initial.images)
        self._velocity = np.zeros_like(self.pixels)

    def synthetic_set(self) -> SyntheticSet:
        images = np.clip(self.pixels * self._std + self._mean, 0, 1)
        return SyntheticSet.checked(images, self.initial.labels, self.initial.meta)

    def state(self) -> dict[str, np.ndarray]:
        return {"pixels": self.pixels, "velocity": self._velocity}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        self.pixels, self._velocity = state["pixels"].copy(), state["velocity"].copy()

    def real_batches(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Return standardised real images of each class, (B, H, W, C)."""
        drawn = [rng.choice(rows, min(self._real_batch, len(rows)), replace=False) for rows in self._rows_of]
        return [self._standardised(self.task.dataset.train.take(np.sort(rows))) for rows in drawn]

    def change(self, rng: np.random.Generator) -> np.ndarray:
        """Return a siamese change, or the one that changes nothing."""
        if not self._is_siamese:
            return identity()
        return draw(rng, *self.task.dataset.image_shape[:2], flips=self._flips)

    def descend(self, gradients: Sequence[np.ndarray], rate: float) -> None:
        """Move each class's images one step down its gradient."""
        for slots, gradient in zip(self.slots_of, gradients, strict=True):
            self._velocity[slots] = MOMENTUM * self._velocity[slots] + gradient
        self.pixels = self.pixels - np.float32(rate) * self._velocity
        if self.task.small_images.factor > 1:  # projected gradient descent
            self.pixels = self._standardised(self.task.small_images.project(self.pixels * self._std + self._mean))

    def _standardised(self, images: np.ndarray) -> np.ndarray:
        return ((images - self._mean) / self._std).astype(np.float32)


def network_arguments(network: str, given: Mapping[str, object] | None, task: Task) -> dict[str, object]:
    """Return a network's arguments: what was given, or for ConvNet as many of three blocks as the images allow.

    Raises:
        ValueError: If the network cannot take the images or has batch normalisation or dropout.
    """
    shape = task.dataset.image_shape
    if given is None and network == "convnet":
        given = {"depth": min(3, min(shape[:2]).bit_length() - 1)}
    arguments = dict(given or {})
    require_stateless(network, build_network(network, shape, task.dataset.num_classes, arguments))
    return arguments
