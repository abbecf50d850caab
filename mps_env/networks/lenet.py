"""LeNet-5 for small images, as in the distillation literature: ReLU and max-pooling."""

from __future__ import annotations

import keras

from mps_env.networks.sizes import resizing, seen_shape


def lenet(image_shape: tuple[int, int, int], num_classes: int, *, size: int | str | None = None) -> keras.Model:
    """Build LeNet-5: two 5x5 convolutions (6, 16), dense 120 and 84.

    Images below 32 pixels are padded by the first convolution (as 28x28 is in the original); those below 14 by
    the second one too.

    Args:
        image_shape: (H, W, C), at least 8x8.
        num_classes: K.
        size: The side to resize images to inside the model, >= 8, or "native" for 32; None for their own.

    Raises:
        ValueError: If the image is smaller than 8x8, or `size` is too small or no size.
    """
    remedy = "Use size=8 to enlarge them, or network 'mlp'."
    seen = seen_shape("lenet", image_shape, size, smallest=8, native=32, remedy=remedy)
    smaller_side = min(seen[:2])
    conv, pool, dense = keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.Dense
    return keras.Sequential(
        [
            keras.Input(image_shape),
            *resizing(image_shape, seen),
            conv(6, 5, padding="valid" if smaller_side >= 32 else "same", activation="relu"),
            pool(2),
            conv(16, 5, padding="valid" if smaller_side >= 14 else "same", activation="relu"),
            pool(2),
            keras.layers.Flatten(),
            dense(120, activation="relu"),
            dense(84, activation="relu"),
            dense(num_classes),
        ],
        name="lenet",
    )
