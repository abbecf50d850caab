"""A program that compares real and synthetic images class by class. Imports TensorFlow: load it late."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
        self._match = tf.function(self.match_graph, autograph=False)
        self._threads = ThreadPoolExecutor(SIDE_BY_SIDE)

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

        def one(number: int) -> tuple[float, np.ndarray]:
            arguments = (real[number], synthetic[number], np.int32(number), changes[number])
            distance, gradient = self._match(*map(tf.convert_to_tensor, arguments))
            return float(distance), gradient.numpy()

        found = list(self._threads.map(one, range(len(real))))
        return sum(distance for distance, _ in found), [gradient for _, gradient in found]
