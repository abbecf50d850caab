"""The gradient distance of one class, and the network's own training. Imports TensorFlow: load it late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from agents.distillers.matching import siamese
from agents.distillers.matching.class_program import ClassProgram
from mps_env.training.losses import mean_loss
from mps_env.training.side_by_side import side_by_side


class GradientProgram(ClassProgram):
    """Compares the gradients that real and synthetic images give the network.

    Args:
        network: A registered network without batch normalisation.
        network_kwargs: Its arguments.
        image_shape: (H, W, C).
        num_classes: K.
        momentum: Of the network's training.
    """

    def __init__(
        self,
        network: str,
        network_kwargs: Mapping[str, Any],
        image_shape: tuple[int, int, int],
        num_classes: int,
        *,
        momentum: float,
    ) -> None:
        super().__init__(network, network_kwargs, image_shape, num_classes)
        self._momentum = momentum
        self._velocities = [tf.Variable(tf.zeros_like(weight), trainable=False) for weight in self.weights]
        self._train = tf.function(self._train_graph, autograph=False)

    def start(self, seeds: np.random.SeedSequence) -> None:
        super().start(seeds)
        for velocity in self._velocities:
            velocity.assign(tf.zeros_like(velocity))

    def train(self, images: np.ndarray, labels: np.ndarray, change: np.ndarray, rate: float) -> None:
        """Train the network one step on a batch of the set."""
        self._train(*map(tf.convert_to_tensor, (images, labels, change, np.float32(rate))))

    def match_graph(
        self, real: tf.Tensor, synthetic: tf.Tensor, number: tf.Tensor, change: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        goals = [tf.stop_gradient(gradient) for gradient in self._class_gradients(real, number, change)]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(synthetic)
            gradients = self._class_gradients(synthetic, number, change)
            pairs = zip(gradients, goals, strict=True)
            # Biases and scales have no direction to compare; the authors leave them out, too.
            distance = tf.add_n([layer_distance(ours, goal) for ours, goal in pairs if goal.shape.rank > 1])
        return distance, tape.gradient(distance, synthetic)

    def _class_gradients(self, images: tf.Tensor, number: tf.Tensor, change: tf.Tensor) -> list[tf.Tensor]:
        labels = tf.one_hot(tf.fill((images.shape[0],), number), self.model.output_shape[-1])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self.weights)
            loss = mean_loss("cross_entropy", self.model(siamese.apply(images, change), training=True), labels)
        return tape.gradient(loss, self.weights)

    def _train_graph(self, images: tf.Tensor, labels: tf.Tensor, change: tf.Tensor, rate: tf.Tensor) -> None:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self.weights)
            outputs = side_by_side(self.model, siamese.apply(images, change), training=True)
            loss = mean_loss("cross_entropy", outputs, labels)
        gradients = tape.gradient(loss, self.weights)
        for weight, velocity, gradient in zip(self.weights, self._velocities, gradients, strict=True):
            velocity.assign(self._momentum * velocity + gradient)
            weight.assign_sub(rate * velocity)


def layer_distance(ours: tf.Tensor, goal: tf.Tensor) -> tf.Tensor:
    """Return one layer's distance: over its outputs, the sum of 1 - cosine of the gradients that flow into each.

    Zhao, Mopuri, Bilen, ICLR 2021, equation 10. Keras keeps outputs in the last axis.
    """
    rows, goals = (tf.reshape(gradient, (-1, gradient.shape[-1])) for gradient in (ours, goal))
    products = tf.reduce_sum(rows * goals, axis=0)
    # The small numbers keep the gradient of a norm finite at zero.
    norms = tf.sqrt(tf.reduce_sum(rows * rows, axis=0) + 1e-24) * tf.sqrt(tf.reduce_sum(goals * goals, axis=0))
    return tf.reduce_sum(1 - products / (norms + 1e-6))
