"""The random bank in NumPy: for small images, where calling a compiled program costs more than the arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEVELS = np.float64(64)  # integer steps a standard deviation of a channel
MAX_ACTIVATION = np.float32(1023)  # about 16 standard deviations
MIN_VARIANCE = np.float64(2**14)  # below it, a channel is called constant: it would show rounding only
_CHUNK = 16  # images at once; more would leave the processor's cache


class NumpyBank:
    """Computes what `mps_env.ridge.network.CompiledBank.activations` computes, to the bit: all sums are exact.

    Args:
        filters: One array a block, (nets, 3, 3, channels in, channels out) float32 integers.
        pools: For each block, whether it ends with 2x2 average pooling.
    """

    def __init__(self, filters: Sequence[np.ndarray], pools: Sequence[bool]) -> None:
        self.matrices = [block.reshape(len(block), -1, block.shape[-1]) for block in filters]
        # The nets share their input in the first block, so there one product serves them all.
        self._first = np.ascontiguousarray(np.concatenate(list(self.matrices[0]), axis=1))
        self._nets = len(filters[0])
        self.pools = tuple(pools)

    def activations(self, pixels: np.ndarray) -> np.ndarray:
        """Return activations of the last block, multiples of 1/4, (n, F) float32, for (n, H, W, C) integer pixels."""
        parts = [self._chunk(pixels[start : start + _CHUNK]) for start in range(0, len(pixels), _CHUNK)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _chunk(self, pixels: np.ndarray) -> np.ndarray:
        count, height, width, _ = pixels.shape
        convolved = patches(pixels[:, None])[:, 0] @ self._first  # (n, H * W, nets * width)
        hidden = convolved.reshape(count, height, width, self._nets, -1).transpose(0, 3, 1, 2, 4)
        hidden = _finished(hidden, self.pools[0])
        for matrix, pooled in zip(self.matrices[1:], self.pools[1:], strict=True):
            convolved = patches(hidden) @ matrix  # (n, nets, H * W, width)
            hidden = _finished(convolved.reshape(*hidden.shape[:-1], matrix.shape[-1]), pooled)
        return hidden.reshape(count, -1)


def _finished(hidden: np.ndarray, pooled: bool) -> np.ndarray:
    """Instance norm, rounding, ReLU and pooling of one block, (n, nets, H, W, width)."""
    exact = hidden.astype(np.float64)
    share = 1.0 / (hidden.shape[2] * hidden.shape[3])  # TensorFlow would turn a division into this, and round so
    mean = np.einsum("nghwc->ngc", exact) * share
    variance = np.einsum("nghwc,nghwc->ngc", exact, exact) * share - mean * mean
    scale = (LEVELS / np.sqrt(np.maximum(variance, MIN_VARIANCE))).astype(np.float32)[:, :, None, None]
    centred = hidden - np.rint(mean).astype(np.float32)[:, :, None, None]
    rounded = np.rint(np.multiply(centred, scale, out=centred), out=centred)
    rectified = np.clip(rounded, 0, MAX_ACTIVATION, out=rounded)
    return halved(rectified) if pooled else rectified


def patches(hidden: np.ndarray) -> np.ndarray:
    """Return the zero-padded 3x3 neighbourhoods of (n, nets, H, W, C) as (n, nets, H * W, 9 * C)."""
    count, nets, height, width, channels = hidden.shape
    padded = np.zeros((count, nets, height + 2, width + 2, channels), np.float32)
    padded[:, :, 1:-1, 1:-1] = hidden
    of_image, of_net, of_row, of_column, of_channel = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded,
        (count, nets, height, width, 3, 3, channels),
        (of_image, of_net, of_row, of_column, of_row, of_column, of_channel),
    )
    return windows.reshape(count, nets, height * width, 9 * channels)


def halved(hidden: np.ndarray) -> np.ndarray:
    """Return means over 2x2 squares; an odd last row or column is dropped."""
    height, width = (side // 2 * 2 for side in hidden.shape[2:4])
    rows = hidden[:, :, :height:2, :width] + hidden[:, :, 1:height:2, :width]
    squares = rows[:, :, :, ::2] + rows[:, :, :, 1::2]
    squares *= np.float32(0.25)
    return squares
