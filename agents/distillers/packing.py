"""Several small images in one slot, decoded by up-scaling. Imports TensorFlow: load it late.

Kim et al., "Dataset condensation via efficient synthetic-data parameterization" (IDC, ICML 2022), section 4: a slot of
H x W pixels holds factor x factor images of (H / factor) x (W / factor), which are up-scaled before they are used.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def unpack(images: tf.Tensor, factor: int) -> tf.Tensor:
    """Return the images that slots hold, each slot's one after the other.

    Args:
        images: (N, H, W, C).
        factor: Small images along each side; 1 returns `images`. Must divide H and W.

    Returns:
        (N * factor^2, H, W, C), up-scaled bilinearly.
    """
    if factor == 1:
        return tf.convert_to_tensor(images)
    count, height, width, channels = images.shape
    small = (height // factor, width // factor)
    cells = tf.reshape(images, (count, factor, small[0], factor, small[1], channels))
    parts = tf.reshape(tf.transpose(cells, (0, 1, 3, 2, 4, 5)), (-1, *small, channels))
    return tf.image.resize(parts, (height, width))


def pack(images: np.ndarray, factor: int) -> np.ndarray:
    """Shrink images and put each `factor`^2 that follow one another into a slot: the inverse of `unpack`, nearly.

    Args:
        images: (N * factor^2, H, W, C) float32.
        factor: Small images along each side.

    Returns:
        (N, H, W, C) float32 in [0, 1].
    """
    if factor == 1:
        return images
    height, width, channels = images.shape[1:]
    small = (height // factor, width // factor)
    shrunk = tf.image.resize(images, small, antialias=True).numpy().clip(0, 1)
    cells = shrunk.reshape(-1, factor, factor, *small, channels).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(cells.reshape(-1, height, width, channels))
