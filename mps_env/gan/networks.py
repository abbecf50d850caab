"""The two networks of the GAN in Keras, on flat images and one-hot classes."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

_SLOPE = 0.2  # of LeakyReLU, as in DCGAN


def build_generator(latent: int, num_classes: int, pixels: int, widths: Sequence[int]) -> keras.Model:
    """Build the generator, from (n, latent + K) noise and one-hot class to (n, pixels) logits of the pixels.

    With batch normalisation (Radford et al. 2016) more of its images are of their class after as many steps.
    """
    layers: list[keras.Layer] = [keras.Input((latent + num_classes,))]
    for width in widths:
        layers += [
            keras.layers.Dense(width, use_bias=False),  # the normalisation brings its own
            keras.layers.BatchNormalization(momentum=0.9),  # short memory: a small set takes few steps
            keras.layers.ReLU(),
        ]
    return keras.Sequential([*layers, keras.layers.Dense(pixels)], name="generator")


def build_discriminator(num_classes: int, pixels: int, widths: Sequence[int]) -> keras.Model:
    """Build the discriminator, from (n, pixels) in [0, 1] to (n, 1 + K): how real an image is, and as which class.

    The logit for an image and its class is the sum of the first output and the class's. That is the projection of
    Miyato & Koyama 2018; with a one-hot class beside the pixels (Mirza & Osindero 2014) fewer generated digits were
    of their class.
    """
    layers: list[keras.Layer] = [keras.Input((pixels,))]
    for width in widths:
        # LeakyReLU: with ReLU the generator gets no gradient where the discriminator is sure.
        layers += [keras.layers.Dense(width), keras.layers.LeakyReLU(_SLOPE)]
    return keras.Sequential([*layers, keras.layers.Dense(1 + num_classes)], name="discriminator")


def dense_layers(generator: keras.Model) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the kernels and biases of a generator, the batch normalisation multiplied into them."""
    folded: list[tuple[np.ndarray, np.ndarray]] = []
    for layer in generator.layers:
        if isinstance(layer, keras.layers.Dense):
            kernel = np.array(layer.kernel)
            folded.append((kernel, np.array(layer.bias) if layer.use_bias else np.zeros(layer.units, np.float32)))
        elif isinstance(layer, keras.layers.BatchNormalization):
            kernel, bias = folded[-1]
            scale = np.array(layer.gamma) / np.sqrt(np.array(layer.moving_variance) + np.float32(layer.epsilon))
            folded[-1] = kernel * scale, (bias - np.array(layer.moving_mean)) * scale + np.array(layer.beta)
    return folded
