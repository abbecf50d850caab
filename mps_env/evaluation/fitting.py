"""Brings test images to the size and the channels of a synthetic set, for audits on another data set."""

from __future__ import annotations

import numpy as np

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def fit_images(images: np.ndarray, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Return images of another size or number of channels.

    Sizes change by bilinear interpolation, with anti-aliasing where they shrink. Grey becomes RGB by repetition,
    RGB becomes grey by luminance.

    Args:
        images: (n, H, W, C) float32 in [0, 1], C is 1 or 3.
        image_shape: What they shall be, (H', W', C').

    Returns:
        (n, H', W', C') float32 in [0, 1]; `images` itself where nothing changes.
    """
    height, width, channels = image_shape
    if images.shape[3] == 3 and channels == 1:
        images = (images @ _LUMINANCE)[..., None]
    if images.shape[1:3] != (height, width):
        import tensorflow as tf

        images = tf.image.resize(images, (height, width), antialias=True).numpy().clip(0, 1)
    if images.shape[3] == 1 and channels == 3:
        images = np.repeat(images, 3, axis=3)
    return images
