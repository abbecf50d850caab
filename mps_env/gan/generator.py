"""The trained generator as plain arrays: sampling needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mps_env.blas import one_blas_thread
from mps_env.synthetic_set import one_hot

# Of the standard deviation in training: rare noise often gives images of no class (the truncation trick, Brock et al.
# 2019). On MNIST a CNN trained on real images then misclassifies 1.7 % of them instead of 5.4 %, and one trained on ten
# of each class learns as much as before.
_NOISE_SCALE = np.float32(0.85)


@dataclass(frozen=True, eq=False)
class Generator:
    """Dense layers from noise and class to pixels; ReLU between them, a sigmoid at the end.

    Args:
        layers: (kernel (in, out) float32, bias (out,) float32) of each; the first takes latent + K numbers, the last
            gives H * W * C.
        num_classes: K.
        image_shape: (H, W, C).

    Raises:
        ValueError: If the layers do not fit each other, the classes or the images, or hold a NaN or infinity.
    """

    layers: Sequence[tuple[np.ndarray, np.ndarray]]
    num_classes: int
    image_shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        widths = [len(self.layers[0][0]), *(len(bias) for _, bias in self.layers)]
        for index, (kernel, bias) in enumerate(self.layers):
            if kernel.shape != (widths[index], widths[index + 1]) or bias.ndim != 1:
                raise ValueError(f"layer {index} has a kernel of shape {kernel.shape} and a bias of {bias.shape}.")
            for array in (kernel, bias):
                if array.dtype != np.float32 or not np.isfinite(array).all():
                    raise ValueError(f"layer {index} must hold finite float32 numbers, got {array.dtype}.")
        if widths[0] <= self.num_classes or widths[-1] != int(np.prod(self.image_shape)):
            raise ValueError(
                f"layers from {widths[0]} to {widths[-1]} numbers do not make images of shape {self.image_shape}"
                f" and {self.num_classes} classes."
            )

    @property
    def latent(self) -> int:
        """Random numbers that an image is made from."""
        return len(self.layers[0][0]) - self.num_classes

    def sample(self, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return one new image of each of `classes` (n,), as (n, H, W, C) float32 in [0, 1]."""
        noise = _NOISE_SCALE * rng.standard_normal((len(classes), self.latent), dtype=np.float32)
        return self.images(noise, classes)

    def images(self, noise: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Return the images that `noise` (n, latent) float32 stands for."""
        values = np.concatenate([noise, one_hot(classes, self.num_classes)], axis=1)
        with one_blas_thread():  # on several, a product's last bits depend on how many there are
            for kernel, bias in self.layers[:-1]:
                values = np.maximum(values @ kernel + bias, 0)
            kernel, bias = self.layers[-1]
            logits = values @ kernel + bias
        return sigmoid(logits).reshape(len(classes), *self.image_shape)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * logits))
