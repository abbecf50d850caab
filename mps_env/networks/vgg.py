"""VGG-11 with batch normalisation (Simonyan & Zisserman 2015): for small images, and in full."""

from __future__ import annotations

import keras

from mps_env.networks.arguments import require_factor
from mps_env.networks.heads import dropout_head
from mps_env.networks.sizes import resizing, seen_shape

ImageShape = tuple[int, int, int]

_BLOCKS = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def vgg11(
    image_shape: ImageShape, num_classes: int, *, size: int | str | None = None, width: float = 1.0
) -> keras.Model:
    """Build VGG-11-BN: five blocks of 3x3 convolutions, batch normalisation and ReLU, then a linear output.

    As usual for small images there are no dense layers of 4,096 and no dropout. A block's max-pool is left out
    once a side has come down to one pixel, so images from 8x8 up can be taken.

    Args:
        image_shape: (H, W, C), at least 8x8.
        num_classes: K.
        size: The side to resize images to inside the model, >= 8, or "native" for 32; None for their own.
        width: Factor on all filter counts, > 0.

    Raises:
        ValueError: If the image is smaller than 8x8, `size` is too small or no size, or `width` is not positive.
    """
    require_factor("vgg11", width)
    remedy = "Use size=8 to enlarge them, or network 'mps_cnn' or 'mlp'."
    seen = seen_shape("vgg11", image_shape, size, smallest=8, native=32, remedy=remedy)
    head = [keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    return keras.Sequential(
        [keras.Input(image_shape), *resizing(image_shape, seen), *_features(min(seen[:2]), width), *head],
        name="vgg11",
    )


def vgg11_full(
    image_shape: ImageShape, num_classes: int, *, size: int | str | None = None, width: float = 1.0
) -> keras.Model:
    """Build VGG-11-BN as published, 224x224 images being its native size: dense 4,096 twice, with dropout.

    Adam's usual 1e-3 is too much for dense layers of this size: on digits the network stayed at chance for 300 steps,
    where 100 steps at 2e-4 brought it to 73 % on the test split.

    Args:
        image_shape: (H, W, C); sides below 32 pixels are enlarged to 32 inside the model.
        num_classes: K.
        size: The side to resize images to, >= 32, or "native" for 224; None for their own.
        width: Factor on all filter and unit counts, > 0.

    Raises:
        ValueError: If `size` is too small or no size, or `width` is not positive.
    """
    require_factor("vgg11_full", width)
    seen = seen_shape("vgg11_full", image_shape, size, smallest=32, native=224)
    return keras.Sequential(
        [
            keras.Input(image_shape),
            *resizing(image_shape, seen),
            *_features(min(seen[:2]), width),
            *dropout_head(num_classes, width),
        ],
        name="vgg11_full",
    )


def _features(side: int, width: float) -> list[keras.layers.Layer]:
    layers: list[keras.layers.Layer] = []
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
    return layers
