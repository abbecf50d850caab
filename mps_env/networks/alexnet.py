"""AlexNet (Krizhevsky et al. 2012): for small images as in the distillation literature, and in full."""

from __future__ import annotations

import keras

from mps_env.networks.arguments import require_factor
from mps_env.networks.heads import dropout_head
from mps_env.networks.sizes import resizing, seen_shape

ImageShape = tuple[int, int, int]


def alexnet(image_shape: ImageShape, num_classes: int, *, size: int | str | None = None) -> keras.Model:
    """Build five convolutions (128, 192, 256, 192, 192) with three max-pools and a linear output.

    The small-image form (Zhao et al. 2021) has neither the original's stride nor its dense layers and dropout.

    Args:
        image_shape: (H, W, C), at least 8x8.
        num_classes: K.
        size: The side to resize images to inside the model, >= 8, or "native" for 32; None for their own.

    Raises:
        ValueError: If the image is smaller than 8x8, or `size` is too small or no size.
    """
    remedy = "Use size=8 to enlarge them, or network 'mps_cnn' or 'mlp'."
    seen = seen_shape("alexnet", image_shape, size, smallest=8, native=32, remedy=remedy)

    def conv(filters: int, kernel: int) -> keras.layers.Layer:
        return keras.layers.Conv2D(filters, kernel, padding="same", activation="relu")

    pool = keras.layers.MaxPooling2D
    features = [conv(128, 5), pool(2), conv(192, 5), pool(2), conv(256, 3), conv(192, 3), conv(192, 3), pool(2)]
    head = [keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    return keras.Sequential([keras.Input(image_shape), *resizing(image_shape, seen), *features, *head], name="alexnet")


def alexnet_full(
    image_shape: ImageShape, num_classes: int, *, size: int | str | None = None, width: float = 1.0
) -> keras.Model:
    """Build AlexNet as published, 227x227 images being its native size: 11x11 stem of stride 4, dense 4,096 twice.

    Left out are the split over two GPUs and the local response normalisation, which was later found to be of no use
    (Simonyan & Zisserman 2015, table 3).

    Args:
        image_shape: (H, W, C); sides below 67 pixels are enlarged to 67 inside the model.
        num_classes: K.
        size: The side to resize images to, >= 67, or "native" for 227; None for their own.
        width: Factor on all filter and unit counts, > 0.

    Raises:
        ValueError: If `size` is too small or no size, or `width` is not positive.
    """
    require_factor("alexnet_full", width)
    # 67 pixels come down to one by the stem and the three pools.
    seen = seen_shape("alexnet_full", image_shape, size, smallest=67, native=227)

    def conv(filters: int, kernel: int, stride: int = 1) -> keras.layers.Layer:
        padding = "same" if stride == 1 else "valid"
        return keras.layers.Conv2D(
            max(1, round(filters * width)), kernel, strides=stride, padding=padding, activation="relu"
        )

    pool = keras.layers.MaxPooling2D
    features = [conv(96, 11, stride=4), pool(3, 2), conv(256, 5), pool(3, 2)]
    features += [conv(384, 3), conv(384, 3), conv(256, 3), pool(3, 2)]
    return keras.Sequential(
        [keras.Input(image_shape), *resizing(image_shape, seen), *features, *dropout_head(num_classes, width)],
        name="alexnet_full",
    )
