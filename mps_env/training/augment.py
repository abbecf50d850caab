"""Random shift, rotation, zoom and mirroring of a batch, inside a graph."""

from __future__ import annotations

import math

import tensorflow as tf

from mps_env.training.config import Augmentation


def augment(images: tf.Tensor, seed: tf.Tensor, config: Augmentation) -> tf.Tensor:
    """Return randomly changed images; pixels that come from outside are those of the nearest border.

    One projective transform does all of it, so that pixels are interpolated once.

    Args:
        images: (B, H, W, C) float32.
        seed: (2,) int32; equal seeds give equal changes.
        config: How much of what.
    """
    if not config.is_active:
        return images
    batch, height, width = images.shape[0], images.shape[1], images.shape[2]
    draws = tf.random.stateless_uniform((5, batch), seed, -1.0, 1.0)
    angle = draws[0] * (config.rotation * math.pi / 180)
    # The transform maps output points to input points, hence the inverse scale.
    scale = 1 / (1 + draws[1] * config.zoom)
    mirror = tf.where(draws[4] < 0, -1.0, 1.0) if config.flip else tf.ones_like(scale)
    cos, sin = tf.cos(angle) * scale, tf.sin(angle) * scale
    # Input = centre + R (output - centre) + shift; the mirror turns the output's x round first.
    center_x, center_y = (width - 1) / 2, (height - 1) / 2
    a, b, d, e = cos * mirror, -sin, sin * mirror, cos
    c = center_x - a * center_x - b * center_y + draws[2] * (config.shift * width)
    f = center_y - d * center_x - e * center_y + draws[3] * (config.shift * height)
    zero = tf.zeros_like(scale)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], axis=1),
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",  # the border goes on, whatever black has become after standardising
    )
