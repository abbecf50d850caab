"""The distance between the mean embeddings of one class. Imports TensorFlow: load it late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from agents.distillers.matching import siamese
from agents.distillers.matching.class_program import ClassProgram
from mps_env.networks.parts import below_head


class EmbeddingProgram(ClassProgram):
    """Compares what goes into the network's last layer, on average over real and over synthetic images.

    Args:
        network: A registered network without batch normalisation.
        network_kwargs: Its arguments.
        image_shape: (H, W, C).
        num_classes: K.
    """

    def __init__(
        self, network: str, network_kwargs: Mapping[str, Any], image_shape: tuple[int, int, int], num_classes: int
    ) -> None:
        super().__init__(network, network_kwargs, image_shape, num_classes)
        self._embed = below_head(self.model)

    def match_graph(
        self, real: tf.Tensor, synthetic: tf.Tensor, number: tf.Tensor, change: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        goal = self._mean_embedding(real, change)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(synthetic)
            distance = tf.reduce_sum(tf.square(self._mean_embedding(synthetic, change) - goal))
        return distance, tape.gradient(distance, synthetic)

    def _mean_embedding(self, images: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(self._embed(siamese.apply(images, change), training=True), axis=0)
