"""A 3x3 convolution, a 2x2 max-pool, a bias and a ReLU as one layer: the same function, in a cheaper order.

The bias and the ReLU commute with the maximum, so they come after the pool, on a quarter of the numbers. TensorFlow's
own gradient of the max-pool is a scalar loop that costs more than the convolutions; here it is a comparison and a
product. Where several outputs of one window tie, they share the gradient.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

# Up to this many input channels four shifted copies of the filters, applied with stride 2, are faster than one copy
# with stride 1 and a pool over neighbours: the window's four values then lie side by side.
_MOST_GROUPED_CHANNELS = 4


@keras.saving.register_keras_serializable(package="mps_env")
class PooledConv2D(keras.layers.Conv2D):
    """`relu(max_pool_2x2(conv_3x3(x)) + bias)`; (n, H, W, C) to (n, H', W', filters).

    An odd last row or column of the convolution's output is dropped, as by `MaxPooling2D(2)`.

    Args:
        filters: Output channels.
        padding: "valid" or "same".
    """

    def __init__(self, filters: int, padding: str = "valid", **kwargs: Any) -> None:
        for fixed in ("kernel_size", "activation"):
            kwargs.pop(fixed, None)
        super().__init__(filters, 3, padding=padding, activation="relu", **kwargs)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Apply the layer."""
        if inputs.shape[-1] <= _MOST_GROUPED_CHANNELS:
            pooled = self._grouped(inputs)
        else:
            pooled = self._direct(inputs)
        return tf.nn.relu(tf.nn.bias_add(pooled, self.bias))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (n, H', W', filters)."""
        batch, height, width, channels = super().compute_output_shape(input_shape)
        return batch, height // 2, width // 2, channels

    def multiply_adds(self) -> int:
        """Multiply-adds of the convolution for one image, at the positions that the pool reads."""
        _, height, width, channels = self.compute_output_shape((None, *self._image_shape))
        return 4 * height * width * 9 * self._image_shape[2] * channels

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the kernel and the bias."""
        super().build(input_shape)
        self._image_shape = tuple(input_shape[1:])

    def _direct(self, inputs: tf.Tensor) -> tf.Tensor:
        outputs = tf.nn.conv2d(inputs, tf.convert_to_tensor(self.kernel), 1, self.padding.upper())
        height, width = outputs.shape[1] // 2 * 2, outputs.shape[2] // 2 * 2
        if (height, width) != tuple(outputs.shape[1:3]):
            outputs = outputs[:, :height, :width]
        return _max_pool_2x2(outputs)

    def _grouped(self, inputs: tf.Tensor) -> tf.Tensor:
        kernel = tf.convert_to_tensor(self.kernel)
        shifted = [
            tf.pad(kernel, [[down, 1 - down], [right, 1 - right], [0, 0], [0, 0]])
            for down in (0, 1)
            for right in (0, 1)
        ]
        margin = 1 if self.padding == "same" else 0
        pads = [[0, 0], [margin, margin], [margin, margin], [0, 0]]
        outputs = tf.nn.conv2d(inputs, tf.concat(shifted, axis=3), 2, pads)  # (n, H', W', 4 * filters)
        height, width = outputs.shape[1:3]
        pooled = _max_of_four(tf.reshape(outputs, (-1, 4, self.filters)))
        return tf.reshape(pooled, (-1, height, width, self.filters))


@tf.custom_gradient
def _max_of_four(groups: tf.Tensor) -> Any:
    """(M, 4, F) to the maximum (M, F)."""
    largest = tf.reduce_max(groups, axis=1)

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        is_largest = tf.cast(tf.equal(groups, largest[:, None]), groups.dtype)
        return is_largest * (upstream / tf.reduce_sum(is_largest, axis=1))[:, None]

    return largest, gradient


@tf.custom_gradient
def _max_pool_2x2(images: tf.Tensor) -> Any:
    """(n, 2h, 2w, F) to (n, h, w, F)."""
    pooled = tf.nn.max_pool2d(images, 2, 2, "VALID")
    height, width, filters = pooled.shape[1:]

    def as_window(values: tf.Tensor) -> tf.Tensor:
        return tf.reshape(values, (-1, height, 1, width, 1, filters))

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        windows = tf.reshape(images, (-1, height, 2, width, 2, filters))
        is_largest = tf.cast(tf.equal(windows, as_window(pooled)), images.dtype)
        # Summed over the rows of the window first, then over its columns: both sums run over contiguous blocks.
        ties = tf.reduce_sum(tf.reshape(is_largest, (-1, 2, 2 * width * filters)), axis=1)
        ties = tf.reduce_sum(tf.reshape(ties, (-1, 2, filters)), axis=1)
        shared = tf.reshape(upstream, (-1, filters)) / ties
        return tf.reshape(is_largest * as_window(shared), tf.shape(images))

    return pooled, gradient
