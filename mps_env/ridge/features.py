"""Features of a fixed bank of random conv nets, computed on small integers so that every sum is exact.

A score must not depend on how it was reached: on whether an image's features were computed alone or in bulk, or a
kernel by one product or by another. Floating-point sums depend on their order, so this bank leaves no rounding to
order: pixels and weights are integers and activations multiples of 1/4, bounded so that float32 holds every partial
sum of a convolution exactly, and the feature vector is an integer vector of norm below 2^12, so that by
Cauchy-Schwarz the dot product of any two is below 2^24 and exact in float32 as well. Blocking, threads, batch size
and fused multiply-add then make no difference to the bits.

Each channel is normalised over the image (instance norm) before its ReLU. Its mean and variance come from sums that
float64 holds exactly; what follows is element by element, where order plays no part either.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mps_env.blas import one_blas_thread
from mps_env.checks import require_whole
from mps_env.ridge.backward import pixel_gradient
from mps_env.ridge.forward import MAX_ACTIVATION, NumpyBank

if TYPE_CHECKING:
    from mps_env.ridge.network import CompiledBank

FEATURE_NORM = 4096.0  # the norm that feature vectors stay below
KERNEL_SCALE = FEATURE_NORM**-2  # makes the kernel of an image with itself about 1

_PIXEL_LEVELS = 256.0  # integer steps a standard deviation of the pixels
_MAX_PIXEL = 2047.0
# The largest sum of one convolution. Float64 must hold the sums of its squares over an image, below 2^53 units: in
# an image of 32x32, the first block adds up 2^10 squared integers, the second 2^8 squared multiples of 1/4.
_MAX_SUM = 2.0**20.5
_MAX_SUM_AREA = 2**10  # pixels; larger images get smaller weights
_SMALL_AREA = 144  # pixels up to which NumPy keeps up with the compiled program
_FEW = 8  # images up to which NumPy is faster at any size
BULK = 16  # images of a compiled call; more would leave the processor's cache


class RandomFeatures:
    """A bank of random conv nets: blocks of 3x3 'same' convolution, instance norm, ReLU and 2x2 average pooling.

    Args:
        image_shape: (H, W, C).
        nets: Nets whose features are concatenated.
        width: Filters a convolution; half as many in the first of several blocks.
        seed: Draws the weights.
        mean: (C,) mean of the pixels, subtracted; 0 when not given.
        std: (C,) standard deviation of the pixels, divided by; 1 when not given.

    Raises:
        ValueError: If `nets` or `width` is not a whole number >= 1.
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        *,
        nets: int = 4,
        width: int = 64,
        seed: int = 0,
        mean: np.ndarray | None = None,
        std: np.ndarray | None = None,
    ) -> None:
        require_whole(1, hint="The defaults are nets=4, width=64.", nets=nets, width=width)
        self.image_shape = tuple(image_shape)
        self.nets, self.width, self.seed = nets, width, seed
        channels = image_shape[-1]
        self.mean = np.zeros(channels, np.float32) if mean is None else np.asarray(mean, np.float32)
        self.std = np.ones(channels, np.float32) if std is None else np.asarray(std, np.float32)
        self.pools = pools_of(image_shape)

    @property
    def size(self) -> int:
        """F, the length of a feature vector."""
        height, width = (max(1, side >> sum(self.pools)) for side in self.image_shape[:2])
        return height * width * self.width * self.nets

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the features of images, (n, F) float32.

        The bits of a row depend on its image alone. Rows are integers, of norm a little below `FEATURE_NORM`.

        Args:
            images: (n, H, W, C) float32 in [0, 1].

        Raises:
            ValueError: If the images have another shape than the bank.
        """
        if images.ndim != 4 or images.shape[1:] != self.image_shape:
            raise ValueError(
                f"images must be (n, {', '.join(map(str, self.image_shape))}), got shape {images.shape}."
                " Build a bank for this image shape."
            )
        if len(images) <= _FEW or self._is_small:
            with one_blas_thread():
                return _normalised(self._numpy.activations(self.standardised(images)), self._norm)
        features = np.empty((len(images), self.size), np.float32)
        for start in range(0, len(images), BULK):
            part = slice(start, start + BULK)
            features[part] = _normalised(self._compiled.activations(self.standardised(images[part])), self._norm)
        return features

    def pullback(self, image: np.ndarray, cotangent: np.ndarray) -> np.ndarray:
        """Return the gradient of `cotangent . features(image)` with respect to the pixels, (H, W, C) float32.

        Rounding is passed straight through.

        Args:
            image: (H, W, C) float32 in [0, 1].
            cotangent: (F,) floats.
        """
        pixels, cotangent = self.standardised(image), cotangent.astype(np.float32)
        if self._is_small:
            with one_blas_thread():
                gradient = pixel_gradient(self._numpy.matrices, self._numpy.pools, pixels, cotangent, self._norm)
        else:
            gradient = self._compiled.gradient(pixels[None], cotangent)
        return gradient * np.float32(_PIXEL_LEVELS) / self.std

    def standardised(self, images: np.ndarray) -> np.ndarray:
        """Return integer pixels in [-2047, 2047] as float32, 256 steps a standard deviation."""
        pixels = np.rint((images - self.mean) * (np.float32(_PIXEL_LEVELS) / self.std))
        return np.clip(pixels, -_MAX_PIXEL, _MAX_PIXEL, out=pixels)

    def weights(self) -> list[np.ndarray]:
        """Return the integer filters of each block, (nets, 3, 3, channels in, channels out) float32."""
        rng = np.random.default_rng([self.seed, self.nets, self.width])
        max_sum = _MAX_SUM * min(1.0, (_MAX_SUM_AREA / (self.image_shape[0] * self.image_shape[1])) ** 0.5)
        filters = []
        inward = self.image_shape[-1]
        for block in range(len(self.pools)):
            # Half the width does as well in the first block, which works at full size, and halves the cost.
            is_wide = block > 0 or len(self.pools) == 1
            outward = self.width if is_wide else max(1, self.width // 2)
            drawn = rng.standard_normal((self.nets, 3, 3, inward, outward))
            filters.append(_integer_filters(drawn, max_sum, signed_input=block == 0))
            inward = outward
        return filters

    @property
    def _norm(self) -> float:
        """The norm before rounding, which adds at most half the root of the length."""
        return FEATURE_NORM - 0.5 * self.size**0.5

    @property
    def _is_small(self) -> bool:
        """Whether NumPy is the faster way in bulk too, so that TensorFlow need not be imported."""
        return self.image_shape[0] * self.image_shape[1] <= _SMALL_AREA

    @cached_property
    def _numpy(self) -> NumpyBank:
        return NumpyBank(self.weights(), self.pools)

    @cached_property
    def _compiled(self) -> CompiledBank:
        from mps_env.ridge.network import CompiledBank

        return CompiledBank(self.weights(), self.pools, self._norm, BULK)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the programs and their weights out; they are made again on first use."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_compiled", "_numpy")}


def pools_of(image_shape: tuple[int, int, int]) -> tuple[bool, ...]:
    """Return for each block whether it pools: until at most 4 pixels per side remain, 2 on small images."""
    side = min(image_shape[:2])
    pools: list[bool] = []
    while side > 4 or (len(pools) < 2 and side >= 4):
        side //= 2
        pools.append(True)
    return tuple(pools) or (False,)


def pixel_statistics(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each channel, (C,) float32; constant channels get 1.

    Args:
        images: (n, H, W, C) floats.
    """
    mean = images.mean(axis=(0, 1, 2), dtype=np.float64).astype(np.float32)
    std = images.std(axis=(0, 1, 2), dtype=np.float64).astype(np.float32)
    return mean, np.where(std > 1e-3, std, 1).astype(np.float32)


def _integer_filters(drawn: np.ndarray, max_sum: float, *, signed_input: bool) -> np.ndarray:
    """Scale and round normal filters so that no partial sum of a convolution exceeds `max_sum`.

    Inputs after a ReLU have one sign, so positive and negative weights cannot add up in magnitude.
    """
    taps = (1, 2, 3)
    positive, negative = np.maximum(drawn, 0).sum(axis=taps), np.maximum(-drawn, 0).sum(axis=taps)
    reach = (positive + negative).max() if signed_input else np.maximum(positive, negative).max()
    largest_input = float(_MAX_PIXEL if signed_input else MAX_ACTIVATION)
    return np.trunc(drawn * (max_sum / largest_input / reach)).astype(np.float32)


def _normalised(activations: np.ndarray, norm: float) -> np.ndarray:
    """Scale rows of quarter integers to a norm and round them to integers.

    The squares are summed in float64, where sums of such squares are exact.
    """
    squares = np.einsum("nf,nf->n", activations, activations, dtype=np.float64)
    factors = norm / np.sqrt(np.maximum(squares, 1.0))
    return np.rint(activations * factors[:, None]).astype(np.float32)
