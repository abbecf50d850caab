"""A batch in parts that run at the same time, each on a core. Imports TensorFlow: load it late."""

from __future__ import annotations

import itertools

import keras
import tensorflow as tf

from mps_env.threads import SIDE_BY_SIDE


def side_by_side(model: keras.Model, images: tf.Tensor, *, training: bool = False) -> tf.Tensor:
    """Return a model's outputs for a batch, inside a graph.

    The parts do not depend on each other, and so TensorFlow runs them, and their gradients, on different cores. Not
    for networks with batch normalisation in training, whose batches must be whole.

    Args:
        model: What is applied.
        images: (B, ...), of a size known when the graph is built.
        training: As for the model.
    """
    count = images.shape[0]
    ends = [count * part // SIDE_BY_SIDE for part in range(SIDE_BY_SIDE + 1)]
    parts = [images[start:end] for start, end in itertools.pairwise(ends) if end > start]
    return tf.concat([model(part, training=training) for part in parts], axis=0)
