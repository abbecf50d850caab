"""The random bank as compiled TensorFlow programs of fixed shapes. Imports TensorFlow: load it late."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from mps_env.ridge.forward import LEVELS, MAX_ACTIVATION, MIN_VARIANCE
from mps_env.threads import share_cores

share_cores()


class CompiledBank:
    """A forward program for one batch size, and a backward program for a single image.

    Args:
        filters: One array a block, (nets, 3, 3, channels in, channels out) float32.
        pools: For each block, whether it ends with 2x2 average pooling.
        feature_norm: The norm of the features that `gradient` differentiates.
        batch_size: Images of a forward call, which is padded to it.
    """

    def __init__(
        self,
        filters: Sequence[np.ndarray],
        pools: Sequence[bool],
        feature_norm: float,
        batch_size: int,
    ) -> None:
        self._filters = [[tf.constant(net) for net in block] for block in filters]
        self._pools = tuple(pools)
        self._feature_norm = feature_norm
        self._batch_size = batch_size
        self._forward = tf.function(self._activations, autograph=False)
        self._backward = tf.function(self._gradient, autograph=False)

    def activations(self, pixels: np.ndarray) -> np.ndarray:
        """Return activations of the last block, (n, F) float32, for n <= batch size integer pixels (n, H, W, C)."""
        padding = np.zeros((self._batch_size - len(pixels), *pixels.shape[1:]), np.float32)
        padded = np.concatenate([pixels, padding]) if len(padding) else pixels
        return self._forward(tf.constant(padded)).numpy()[: len(pixels)]

    def gradient(self, pixels: np.ndarray, cotangent: np.ndarray) -> np.ndarray:
        """Return d(cotangent . features)/d(pixels), (H, W, C), for (1, H, W, C) pixels and (F,) cotangent."""
        return self._backward(tf.constant(pixels), tf.constant(cotangent)).numpy()[0]

    def _activations(self, pixels: tf.Tensor) -> tf.Tensor:
        return tf.concat([self._net(pixels, net, rounded=True) for net in range(len(self._filters[0]))], axis=1)

    def _net(self, hidden: tf.Tensor, net: int, *, rounded: bool) -> tf.Tensor:
        for block, pooled in zip(self._filters, self._pools, strict=True):
            hidden = tf.nn.conv2d(hidden, block[net], strides=1, padding="SAME")
            hidden = _rounded_norm(hidden) if rounded else _smooth_norm(hidden)
            if pooled:
                hidden = tf.nn.avg_pool2d(hidden, 2, strides=2, padding="VALID")
        return tf.reshape(hidden, (hidden.shape[0], -1))

    def _gradient(self, pixels: tf.Tensor, cotangent: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            nets = range(len(self._filters[0]))
            activations = tf.concat([self._net(pixels, net, rounded=False) for net in nets], axis=1)
            norm = tf.maximum(tf.norm(activations), 1.0)
            value = tf.reduce_sum(activations[0] * cotangent) * (self._feature_norm / norm)
        return tape.gradient(value, pixels)


def _rounded_norm(hidden: tf.Tensor) -> tf.Tensor:
    """Instance norm, rounding and ReLU of (n, H, W, width): the operations of `mps_env.ridge.forward`, to the bit."""
    exact = tf.cast(hidden, tf.float64)
    share = 1.0 / (hidden.shape[1] * hidden.shape[2])
    mean = tf.reduce_sum(exact, axis=(1, 2), keepdims=True) * share
    variance = tf.reduce_sum(exact * exact, axis=(1, 2), keepdims=True) * share - mean * mean
    scale = tf.cast(LEVELS / tf.sqrt(tf.maximum(variance, MIN_VARIANCE)), tf.float32)
    centred = hidden - tf.cast(tf.round(mean), tf.float32)
    return tf.clip_by_value(tf.round(centred * scale), 0.0, MAX_ACTIVATION)


def _smooth_norm(hidden: tf.Tensor) -> tf.Tensor:
    """The same without rounding, for gradients."""
    mean, variance = tf.nn.moments(hidden, axes=(1, 2), keepdims=True)
    normed = (hidden - mean) * (np.float32(LEVELS) / tf.sqrt(tf.maximum(variance, np.float32(MIN_VARIANCE))))
    return tf.clip_by_value(normed, 0.0, MAX_ACTIVATION)
