"""Differentiable siamese augmentation: one random change, the same for real and synthetic images.

Zhao and Bilen, "Dataset condensation with differentiable siamese augmentation" (ICML 2021), section 3.2. Each time one
kind of change is drawn, as the authors' experiments do. Drawing is NumPy's part, applying it TensorFlow's; the change
is a plain array, so that one compiled program serves all kinds. Imports TensorFlow in `apply` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

KINDS = ("colour", "crop", "cutout", "flip", "scale", "rotate")
_BRIGHTNESS, _SATURATION, _CONTRAST = 1.0, 2.0, 0.5
_CROP, _CUTOUT = 0.125, 0.5  # of a side
_SCALE, _ROTATION_DEG = 1.2, 15.0
SIZE = 12
"""Entries of a change: a 2x3 affine map of output to input pixels, brightness, saturation, contrast, and the centre
row, centre column and side of a square that is cut out."""


def identity() -> np.ndarray:
    """Return the change that changes nothing, (12,) float32."""
    return np.array([1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0], np.float32)


def draw(rng: np.random.Generator, height: int, width: int, *, flips: bool) -> np.ndarray:
    """Return a random change, (12,) float32.

    Args:
        rng: All the randomness there is.
        height: H, in pixels.
        width: W, in pixels.
        flips: Whether a mirrored image keeps its class.
    """
    change = identity()
    kind = rng.choice([name for name in KINDS if flips or name != "flip"])
    if kind == "colour":
        change[6] = rng.uniform(-0.5, 0.5) * _BRIGHTNESS
        change[7] = rng.uniform(0, 1) * _SATURATION
        change[8] = rng.uniform(0, 1) + _CONTRAST
    elif kind == "crop":
        reach = int(height * _CROP + 0.5), int(width * _CROP + 0.5)
        down, right = (rng.integers(-side, side + 1) for side in reach)
        change[[2, 5]] = right, down
    elif kind == "cutout":
        change[9:] = rng.integers(height), rng.integers(width), _CUTOUT * min(height, width)
    elif kind == "flip":
        if rng.random() < 0.5:
            change[[0, 2]] = -1, width - 1
    elif kind == "scale":
        x_scale, y_scale = 1 / rng.uniform(1 / _SCALE, _SCALE, size=2)
        change[:6] = _about_centre(x_scale, y_scale, 0.0, height, width)
    else:
        angle = np.deg2rad(rng.uniform(-_ROTATION_DEG, _ROTATION_DEG))
        change[:6] = _about_centre(1.0, 1.0, angle, height, width)
    return change


def apply(images: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
    """Return all images changed alike; what comes from outside is 0, the mean of standardised pixels.

    Args:
        images: (B, H, W, C) float32, standardised.
        change: (12,) float32.
    """
    import tensorflow as tf

    height, width = images.shape[1], images.shape[2]
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.concat([change[:6], [0.0, 0.0]], axis=0)[None],
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    bright = moved + change[6]
    grey = tf.reduce_mean(bright, axis=3, keepdims=True)
    saturated = (bright - grey) * change[7] + grey
    mean = tf.reduce_mean(saturated, axis=(1, 2, 3), keepdims=True)
    coloured = (saturated - mean) * change[8] + mean
    rows, columns = tf.range(height, dtype=tf.float32), tf.range(width, dtype=tf.float32)
    half = change[11] / 2
    is_cut = (tf.abs(rows - change[9]) < half)[:, None] & (tf.abs(columns - change[10]) < half)[None, :]
    return tf.where(is_cut[None, :, :, None], 0.0, coloured)


def _about_centre(x_scale: float, y_scale: float, angle: float, height: int, width: int) -> list[float]:
    """Return the map that scales output offsets from the centre and rotates them."""
    center_x, center_y = (width - 1) / 2, (height - 1) / 2
    a, b = np.cos(angle) * x_scale, -np.sin(angle) * y_scale
    d, e = np.sin(angle) * x_scale, np.cos(angle) * y_scale
    return [a, b, center_x - a * center_x - b * center_y, d, e, center_y - d * center_x - e * center_y]
