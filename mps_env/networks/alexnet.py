"""AlexNet for small images, as in the distillation literature (Zhao et al. 2021)."""

from __future__ import annotations

import keras

from mps_env.networks.sizes import require_size


def alexnet(image_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Build five convolutions (128, 192, 256, 192, 192) with three max-pools and a linear output.

    The small-image form has neither the original's stride nor its dense layers and dropout.

    Args:
        image_shape: (H, W, C), at least 8x8.
        num_classes: K.

    Raises:
        ValueError: If the image is smaller than 8x8.
    """
    require_size("alexnet", image_shape, 8, "Use network 'mps_cnn' or 'mlp' for smaller ones.")

    def conv(filters: int, size: int) -> keras.layers.Layer:
        return keras.layers.Conv2D(filters, size, padding="same", activation="relu")

    pool = keras.layers.MaxPooling2D
    features = [conv(128, 5), pool(2), conv(192, 5), pool(2), conv(256, 3), conv(192, 3), conv(192, 3), pool(2)]
    head = [keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    return keras.Sequential([keras.Input(image_shape), *features, *head], name="alexnet")
