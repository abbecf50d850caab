"""Floating-point operations of a Keras model: convolutions and dense layers, exactly; the rest is not counted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras


@dataclass(frozen=True)
class Flops:
    """Operations for one image; a multiply-add counts as two.

    Args:
        forward: One forward pass.
        training: Forward, the gradients of all weights, and the gradients of the inputs of every layer but those
            that read the image itself, which no training needs.
    """

    forward: int
    training: int

    def of_fit(self, num_images: int, epochs: int, evaluated: int) -> int:
        """Return the operations of training `epochs` passes over a set and evaluating so many images."""
        return num_images * epochs * self.training + evaluated * self.forward


def count_flops(model: keras.Model) -> Flops:
    """Count the operations of a built model for one image.

    Convolutions are counted as direct ones, 2 * positions * kernel entries. Layers that read the image are those
    that no other convolution or dense layer stands before in the order of `model.layers`.
    """
    counts = [count for layer in model._flatten_layers(include_self=False) if (count := _layer_flops(layer))]
    first = counts[0] if counts else 0
    return Flops(forward=sum(counts), training=3 * sum(counts) - first)


def _layer_flops(layer: keras.layers.Layer) -> int:
    if isinstance(layer, keras.layers.Conv2D):
        height_width = layer.output.shape[1:3]
        return 2 * math.prod(height_width) * math.prod(layer.kernel.shape)
    if isinstance(layer, keras.layers.Dense):
        return 2 * math.prod(layer.kernel.shape)
    return 0
