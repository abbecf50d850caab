"""A program that compares real and synthetic images class by class. Imports TensorFlow: load it late."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from mps_env.networks import build_network
from mps_env.threads import SIDE_BY_SIDE, share_cores

share_cores()


class ClassProgram(ABC):
    """One network with weights drawn anew again and again, under which classes are compared side by side.

    Args:
        network: A registered network without batch normalisation.
        network_kwargs: Its arguments.
        image_shape: (H, W, C).
        num_classes: K.
    """

    def __init__(
        self, network: str, network_kwargs: Mapping[str, Any], image_shape: tuple[int, int, int], num_classes: int
    ) -> None:
        self.model = build_network(network, image_shape, num_classes, network_kwargs)
        self.weights = [variable.value for variable in self.model.trainable_variables]
        self._match = tf.function(self._match_together, autograph=False)

    @abstractmethod
    def match_graph(
        self, real: tf.Tensor, synthetic: tf.Tensor, number: tf.Tensor, change: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the distance of class `number` and its gradient by the synthetic images."""

    def start(self, seeds: np.random.SeedSequence) -> None:
        """Begin with fresh weights, drawn as PyTorch does: uniform within the root of the fan-in's inverse."""
        rng = np.random.default_rng(seeds)
        fan_in = 1
        for weight, variable in zip(self.weights, self.model.trainable_variables, strict=True):
            shape = tuple(weight.shape)
            if variable.name in ("gamma", "beta"):
                weight.assign(np.full(shape, float(variable.name == "gamma"), np.float32))
                continue
            fan_in = int(np.prod(shape[:-1])) if len(shape) > 1 else fan_in  # a bias takes its kernel's
            weight.assign(rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(fan_in)))

    def match(
        self, real: Sequence[np.ndarray], synthetic: Sequence[np.ndarray], changes: Sequence[np.ndarray]
    ) -> tuple[float, list[np.ndarray]]:
        """Return the distances summed over the classes, and for each class the gradient by its images.

        Args:
            real: For each class (B, H, W, C) standardised real images.
            synthetic: For each class (n, H, W, C) standardised synthetic images.
            changes: For each class the siamese change, (12,).
        """

        found: list[tuple[tf.Tensor, tf.Tensor]] = []
        for first in range(0, len(real), SIDE_BY_SIDE):
            numbers = range(first, min(first + SIDE_BY_SIDE, len(real)))
            parts = [(real[n], synthetic[n], np.int32(n), changes[n]) for n in numbers]
            found += self._match([tuple(map(tf.convert_to_tensor, part)) for part in parts])
        return sum(float(distance) for distance, _ in found), [gradient.numpy() for _, gradient in found]

    def _match_together(self, parts: list[tuple[tf.Tensor, ...]]) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Match several classes in one graph, whose branches TensorFlow runs on different cores.

        One graph called from several threads would not do: TensorFlow sums large gradients in temporary variables,
        which calls that overlap would share.
        """
        return [self.match_graph(*part) for part in parts]
