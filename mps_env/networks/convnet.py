"""ConvNet-D, the standard network of the distillation literature (Gidaris & Komodakis 2018; Zhao et al. 2021)."""

from __future__ import annotations

import keras

from mps_env.networks.arguments import require_count

_NORMS = ("instance", "batch", "layer", "none")


def convnet(
    image_shape: tuple[int, int, int],
    num_classes: int,
    *,
    width: int = 128,
    depth: int = 3,
    norm: str = "instance",
) -> keras.Model:
    """Build `depth` blocks of 3x3 convolution, normalisation, ReLU and 2x2 average pooling, then a linear output.

    Args:
        image_shape: (H, W, C); each block halves the sides, so they must be at least 2**depth pixels.
        num_classes: K.
        width: Filters of each convolution, >= 1.
        depth: Blocks, >= 1; 3 for 28x28 and 32x32 images.
        norm: "instance", "batch", "layer" or "none".

    Raises:
        ValueError: If an argument is out of range or the images are too small for `depth`.
    """
    if norm not in _NORMS:
        raise ValueError(f"convnet's norm must be one of {', '.join(_NORMS)}, got {norm!r}.")
    require_count("convnet", width=width, depth=depth)
    smaller_side = min(image_shape[:2])
    if smaller_side < 2**depth:
        deepest = smaller_side.bit_length() - 1
        raise ValueError(
            f"convnet of depth {depth} takes images of {2**depth}x{2**depth} pixels and up,"
            f" got {image_shape[0]}x{image_shape[1]}. Use depth={max(deepest, 1)} or less."
        )
    layers: list[keras.layers.Layer] = [keras.Input(image_shape)]
    for _ in range(depth):
        layers += [keras.layers.Conv2D(width, 3, padding="same"), *_norm_layers(norm, width)]
        layers += [keras.layers.ReLU(), keras.layers.AveragePooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    return keras.Sequential(layers, name="convnet")


def _norm_layers(norm: str, width: int) -> list[keras.layers.Layer]:
    if norm == "instance":
        return [keras.layers.GroupNormalization(groups=width, epsilon=1e-5)]
    if norm == "batch":
        return [keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)]
    if norm == "layer":
        return [keras.layers.GroupNormalization(groups=1, epsilon=1e-5)]
    return []
