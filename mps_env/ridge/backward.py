"""The random bank's gradient in NumPy, for one small image: there TensorFlow's call costs more than the arithmetic.

It differentiates what `mps_env.ridge.network` does, the bank without its rounding; so the two agree up to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mps_env.ridge.forward import LEVELS, MAX_ACTIVATION, MIN_VARIANCE, halved, patches


@dataclass(frozen=True, eq=False)
class _Normed:
    """What the way back through one instance norm needs; all (nets, H, W, width) or one number a channel of that.

    Args:
        centred: Inputs minus their mean.
        variance: Of the inputs.
        outputs: Centred inputs over their deviation, in `LEVELS`, before the ReLU.
    """

    centred: np.ndarray
    variance: np.ndarray
    outputs: np.ndarray


def pixel_gradient(
    matrices: Sequence[np.ndarray], pools: Sequence[bool], pixels: np.ndarray, cotangent: np.ndarray, norm: float
) -> np.ndarray:
    """Return d(cotangent . features)/d(pixels), (H, W, C) float32, where features have a fixed norm.

    Args:
        matrices: One array a block, (nets, 9 * channels in, channels out) float32: the filters as matrices.
        pools: For each block, whether it ends with 2x2 average pooling.
        pixels: (H, W, C) float32.
        cotangent: (F,) float32.
        norm: The norm of the features.
    """
    hidden = np.broadcast_to(pixels, (len(matrices[0]), *pixels.shape))
    passed: list[_Normed] = []
    for matrix, is_pooled in zip(matrices, pools, strict=True):
        shape = (*hidden.shape[:-1], matrix.shape[-1])
        normed = _normed((patches(hidden[None])[0] @ matrix).reshape(shape))
        passed.append(normed)
        hidden = np.clip(normed.outputs, 0, MAX_ACTIVATION)
        hidden = halved(hidden[None])[0] if is_pooled else hidden
    slope = _through_norm(hidden.ravel(), cotangent, norm).reshape(hidden.shape)
    for matrix, is_pooled, normed in zip(matrices[::-1], pools[::-1], passed[::-1], strict=True):
        slope = _through_pool(slope, normed.outputs.shape) if is_pooled else slope
        slope = np.where((normed.outputs >= 0) & (normed.outputs <= MAX_ACTIVATION), slope, np.float32(0))
        slope = _through_instance_norm(slope, normed)
        slope = _through_patches(slope, matrix)
    return slope.sum(axis=0)


def _normed(hidden: np.ndarray) -> _Normed:
    centred = hidden - hidden.mean(axis=(1, 2), keepdims=True)
    variance = np.maximum(np.square(centred).mean(axis=(1, 2), keepdims=True), np.float32(MIN_VARIANCE))
    return _Normed(centred, variance, centred * (np.float32(LEVELS) / np.sqrt(variance)))


def _through_norm(activations: np.ndarray, cotangent: np.ndarray, norm: float) -> np.ndarray:
    """The gradient of `cotangent . activations * norm / |activations|` by the activations, all (F,)."""
    length = max(float(np.linalg.norm(activations)), 1.0)
    along = float(activations @ cotangent) / length**2
    return (cotangent - np.float32(along) * activations) * np.float32(norm / length)


def _through_pool(slope: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Spread the gradient of each 2x2 mean over its pixels; an odd last row or column had no part in it."""
    spread = np.zeros(shape, np.float32)
    height, width = 2 * slope.shape[1], 2 * slope.shape[2]
    spread[:, :height, :width] = 0.25 * slope.repeat(2, axis=1).repeat(2, axis=2)
    return spread


def _through_instance_norm(slope: np.ndarray, normed: _Normed) -> np.ndarray:
    together = (slope * normed.centred).mean(axis=(1, 2), keepdims=True) / normed.variance
    together[normed.variance <= MIN_VARIANCE] = 0  # there the scale is a constant
    change = slope - slope.mean(axis=(1, 2), keepdims=True) - normed.centred * together
    return change * (np.float32(LEVELS) / np.sqrt(normed.variance))


def _through_patches(slope: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Add up for each input pixel what its nine patches say of it, (nets, H, W, channels in)."""
    nets, height, width, _ = slope.shape
    of_patches = slope.reshape(nets, height * width, -1) @ matrix.transpose(0, 2, 1)
    of_patches = of_patches.reshape(nets, height, width, 3, 3, -1)
    padded = np.zeros((nets, height + 2, width + 2, of_patches.shape[-1]), np.float32)
    for row in range(3):
        for column in range(3):
            padded[:, row : row + height, column : column + width] += of_patches[:, :, :, row, column]
    return padded[:, 1:-1, 1:-1]
