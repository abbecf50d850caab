"""Keras' ResNet-50, DenseNet-121 and Inception-v3, untrained, with a dense layer of 1,024 before the output."""

from __future__ import annotations

from collections.abc import Callable

import keras

from mps_env.networks.sizes import resizing, seen_shape

ImageShape = tuple[int, int, int]

_HEAD_UNITS = 1024
_MOMENTUM = 0.9


def resnet50(image_shape: ImageShape, num_classes: int, *, size: int | str | None = None) -> keras.Model:
    """Build ResNet-50 (He et al. 2016) with a dense head.

    Args:
        image_shape: (H, W, C); sides below 32 pixels are enlarged to 32 inside the model.
        num_classes: K.
        size: The side to resize images to, >= 32, or "native" for 224; None for their own.

    Raises:
        ValueError: If `size` is too small or no size.
    """
    seen = seen_shape("resnet50", image_shape, size, smallest=32, native=224)
    return _with_head(keras.applications.ResNet50, "resnet50", image_shape, seen, num_classes)


def densenet121(image_shape: ImageShape, num_classes: int, *, size: int | str | None = None) -> keras.Model:
    """Build DenseNet-121 (Huang et al. 2017) with a dense head.

    Args:
        image_shape: (H, W, C); sides below 32 pixels are enlarged to 32 inside the model.
        num_classes: K.
        size: The side to resize images to, >= 32, or "native" for 224; None for their own.

    Raises:
        ValueError: If `size` is too small or no size.
    """
    seen = seen_shape("densenet121", image_shape, size, smallest=32, native=224)
    return _with_head(keras.applications.DenseNet121, "densenet121", image_shape, seen, num_classes)


def inception_v3(image_shape: ImageShape, num_classes: int, *, size: int | str | None = None) -> keras.Model:
    """Build Inception-v3 (Szegedy et al. 2016) with a dense head, without the auxiliary output, as Keras has it.

    Args:
        image_shape: (H, W, C); sides below 75 pixels are enlarged to 75 inside the model.
        num_classes: K.
        size: The side to resize images to, >= 75, or "native" for 299; None for their own.

    Raises:
        ValueError: If `size` is too small or no size.
    """
    seen = seen_shape("inception_v3", image_shape, size, smallest=75, native=299)
    return _with_head(keras.applications.InceptionV3, "inception_v3", image_shape, seen, num_classes)


def _with_head(
    application: Callable[..., keras.Model], name: str, image_shape: ImageShape, seen: ImageShape, num_classes: int
) -> keras.Model:
    """Put resizing before one of `keras.applications` and the dense head behind it."""
    images = x = keras.Input(image_shape)
    for layer in resizing(image_shape, seen):
        x = layer(x)
    # weights=None: trained from scratch, nothing is downloaded, and one channel is as good as three.
    base = application(include_top=False, weights=None, input_tensor=x, pooling="avg")
    for layer in base.layers:
        # Keras' momentum of 0.99 is for long trainings: after the hundred steps to a first measurement a third of a
        # moving average is still its initial value, and the network tests at chance.
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = _MOMENTUM
    x = keras.layers.Dense(_HEAD_UNITS, activation="relu")(base.output)
    return keras.Model(images, keras.layers.Dense(num_classes)(x), name=name)
