"""The dense layers at the end of AlexNet and VGG as they were published."""

from __future__ import annotations

import keras

_UNITS = 4096


def dropout_head(num_classes: int, width: float) -> list[keras.layers.Layer]:
    """Return two dense ReLU layers of 4,096 units, each followed by dropout of a half, and a linear output.

    Args:
        num_classes: K.
        width: Factor on the 4,096.
    """
    units = max(1, round(_UNITS * width))
    layers: list[keras.layers.Layer] = [keras.layers.Flatten()]
    for _ in range(2):
        layers += [keras.layers.Dense(units, activation="relu"), keras.layers.Dropout(0.5)]
    return [*layers, keras.layers.Dense(num_classes)]
