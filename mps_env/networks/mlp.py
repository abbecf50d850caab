"""A multi-layer perceptron on the pixels."""

from __future__ import annotations

import keras

from mps_env.networks.arguments import require_count


def mlp(image_shape: tuple[int, int, int], num_classes: int, *, width: int = 128, depth: int = 2) -> keras.Model:
    """Build `depth` dense ReLU layers of `width` units and a linear output.

    The defaults are the MLP of the distillation literature (two hidden layers of 128).

    Args:
        image_shape: (H, W, C) of any size.
        num_classes: K.
        width: Units of each hidden layer, >= 1.
        depth: Hidden layers, >= 1; `linear` is the network without any.

    Raises:
        ValueError: If `width` or `depth` is below 1.
    """
    require_count("mlp", width=width, depth=depth)
    hidden = [keras.layers.Dense(width, activation="relu") for _ in range(depth)]
    layers = [keras.Input(image_shape), keras.layers.Flatten(), *hidden, keras.layers.Dense(num_classes)]
    return keras.Sequential(layers, name="mlp")
