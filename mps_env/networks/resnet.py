"""ResNet-18 for small images (He et al. 2016, the CIFAR stem)."""

from __future__ import annotations

import keras

from mps_env.networks.arguments import require_factor
from mps_env.networks.sizes import resizing, seen_shape

_STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))  # filters, stride of the first block
_BLOCKS_PER_STAGE = 2


def resnet18(
    image_shape: tuple[int, int, int], num_classes: int, *, size: int | str | None = None, width: float = 1.0
) -> keras.Model:
    """Build ResNet-18 with a 3x3 stem and no first max-pool, as is usual below 64 pixels.

    Args:
        image_shape: (H, W, C), at least 8x8.
        num_classes: K.
        size: The side to resize images to inside the model, >= 8, or "native" for 32; None for their own.
        width: Factor on all filter counts, > 0.

    Raises:
        ValueError: If the image is smaller than 8x8, `size` is too small or no size, or `width` is not positive.
    """
    require_factor("resnet18", width)
    remedy = "Use size=8 to enlarge them, or network 'mps_cnn' or 'mlp'."
    seen = seen_shape("resnet18", image_shape, size, smallest=8, native=32, remedy=remedy)
    inputs = x = keras.Input(image_shape)
    for layer in resizing(image_shape, seen):
        x = layer(x)
    x = keras.layers.ReLU()(_conv_norm(x, max(1, round(64 * width)), 3, 1))
    for filters, stride in _STAGES:
        for block in range(_BLOCKS_PER_STAGE):
            x = _residual_block(x, max(1, round(filters * width)), stride if block == 0 else 1)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(num_classes)(x), name="resnet18")


def _conv_norm(x: keras.KerasTensor, filters: int, size: int, stride: int) -> keras.KerasTensor:
    x = keras.layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)(x)
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def _residual_block(x: keras.KerasTensor, filters: int, stride: int) -> keras.KerasTensor:
    shortcut = x
    if stride != 1 or x.shape[-1] != filters:
        shortcut = _conv_norm(x, filters, 1, stride)
    y = keras.layers.ReLU()(_conv_norm(x, filters, 3, stride))
    y = _conv_norm(y, filters, 3, 1)
    return keras.layers.ReLU()(keras.layers.Add()([y, shortcut]))
