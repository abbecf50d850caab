"""Training losses on soft labels."""

from __future__ import annotations

import tensorflow as tf


def mean_loss(name: str, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Return the mean loss of a batch.

    Args:
        name: "cross_entropy" (of the softmax of the logits) or "mse" (squared error, summed over the classes).
        logits: (B, K) float32.
        labels: (B, K) float32, rows summing to 1.
    """
    if name == "mse":
        return tf.reduce_mean(tf.reduce_sum(tf.math.squared_difference(logits, labels), axis=1))
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits))
