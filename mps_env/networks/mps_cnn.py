"""The MPS CNN: three 3x3 convolutions (32, 64, 64), two max-pools, a dense layer of 64."""

from __future__ import annotations

import keras

from mps_env.networks.sizes import require_size

# Three unpadded convolutions and two halvings need 18 pixels; smaller images (8x8 digits) are padded.
SMALLEST_UNPADDED = 18


def mps_cnn(image_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Build the MPS CNN.

    ReLU stands after the max-pool, not before it: the two commute exactly, and it then works on a quarter of the
    numbers. Without padding the last rows and columns of most images reach no output, for the max-pools drop what
    is left over (28x28 images are read as 26x26). They are cropped first: the same function, a sixth less work.

    Args:
        image_shape: (H, W, C); convolutions are unpadded from 18 pixels up and `same` below.
        num_classes: K.

    Raises:
        ValueError: If the image is smaller than 4x4.
    """
    require_size("mps_cnn", image_shape, 4, "Use network 'linear' or 'mlp' for smaller ones.")
    padding = "valid" if min(image_shape[:2]) >= SMALLEST_UNPADDED else "same"
    unread = [[0, side - _side_read(side)] if padding == "valid" else [0, 0] for side in image_shape[:2]]
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Cropping2D(unread),
            keras.layers.Conv2D(32, 3, padding=padding),
            keras.layers.MaxPooling2D(2),
            keras.layers.ReLU(),
            keras.layers.Conv2D(64, 3, padding=padding),
            keras.layers.MaxPooling2D(2),
            keras.layers.ReLU(),
            keras.layers.Conv2D(64, 3, padding=padding, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(num_classes),
        ],
        name="mps_cnn",
    )


def _side_read(side: int) -> int:
    """Return how many of `side` rows reach the output of conv, pool, conv, pool without padding."""
    pooled_twice = ((side - 2) // 2 - 2) // 2
    return 2 * (2 * pooled_twice + 2) + 2
