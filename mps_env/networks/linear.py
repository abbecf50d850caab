"""Softmax regression: one dense layer on the pixels."""

from __future__ import annotations

import keras


def linear(image_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Build a linear classifier for (H, W, C) images of any size and K classes."""
    return keras.Sequential(
        [keras.Input(image_shape), keras.layers.Flatten(), keras.layers.Dense(num_classes)], name="linear"
    )
