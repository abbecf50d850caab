"""VGG-11 with batch normalisation, for small images."""

from __future__ import annotations

import keras

from mps_env.networks.sizes import require_size

_BLOCKS = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def vgg11(image_shape: tuple[int, int, int], num_classes: int, *, width: float = 1.0) -> keras.Model:
    """Build VGG-11-BN: five blocks of 3x3 convolutions, batch normalisation and ReLU, then a linear output.

    As usual for small images there are no dense layers of 4,096 and no dropout. A block's max-pool is left out
    once a side has come down to one pixel, so images from 8x8 up can be taken.

    Args:
        image_shape: (H, W, C), at least 8x8.
        num_classes: K.
        width: Factor on all filter counts, > 0.

    Raises:
        ValueError: If the image is smaller than 8x8 or `width` is not positive.
    """
    require_size("vgg11", image_shape, 8, "Use network 'mps_cnn' or 'mlp' for smaller ones.")
    if width <= 0:
        raise ValueError(f"vgg11's width must be > 0, got {width}. 1.0 is the published size.")
    layers: list[keras.layers.Layer] = [keras.Input(image_shape)]
    side = min(image_shape[:2])
    for block in _BLOCKS:
        for filters in block:
            layers += [
                keras.layers.Conv2D(max(1, round(filters * width)), 3, padding="same"),
                keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
                keras.layers.ReLU(),
            ]
        if side >= 2:
            layers.append(keras.layers.MaxPooling2D(2))
            side //= 2
    layers += [keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    return keras.Sequential(layers, name="vgg11")
