"""Edits that change a slot's own pixels: noise, small geometry, sharpness."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from mps_env.edits.base import EditContext
from mps_env.synthetic_set import SyntheticSet

_NOISE_STD = 0.1  # of the pixel range
_SHIFT = 0.08  # of the image's side, at least one pixel
_ROTATION_DEG = 15.0
_ZOOM = 0.12
_BLUR_STD = 0.04  # of the image's side


def noise(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Add Gaussian noise of standard deviation 0.1."""
    image = synthetic_set.images[slot]
    added = rng.normal(scale=_NOISE_STD, size=image.shape).astype(np.float32)
    return synthetic_set.with_slot(slot, np.clip(image + added, 0, 1))


def shift(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Shift by up to 8 % of the side in each direction, at least one pixel in one of them."""
    image = synthetic_set.images[slot]
    reach = max(1, round(_SHIFT * max(image.shape[:2])))
    down, right = rng.integers(-reach, reach + 1, size=2)
    if down == right == 0:
        down = 1
    height, width = image.shape[:2]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return synthetic_set.with_slot(slot, image[rows][:, columns])


def rotate(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Rotate about the centre by up to 15 degrees."""
    angle = np.deg2rad(rng.uniform(-_ROTATION_DEG, _ROTATION_DEG))
    cosine, sine = np.cos(angle), np.sin(angle)
    return synthetic_set.with_slot(slot, _linear_warp(synthetic_set.images[slot], cosine, -sine, sine, cosine))


def zoom(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Zoom about the centre by a factor between 0.88 and 1.12."""
    factor = 1 + rng.uniform(-_ZOOM, _ZOOM)
    return synthetic_set.with_slot(slot, _linear_warp(synthetic_set.images[slot], 1 / factor, 0, 0, 1 / factor))


def blur(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Blur with a Gaussian of 4 % of the side."""
    return synthetic_set.with_slot(slot, np.clip(_blurred(synthetic_set.images[slot]), 0, 1))


def sharpen(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Unsharp mask: add the difference to the blurred image."""
    image = synthetic_set.images[slot]
    return synthetic_set.with_slot(slot, np.clip(2 * image - _blurred(image), 0, 1))


def _blurred(image: np.ndarray) -> np.ndarray:
    # At least 0.4 pixels, below which the kernel is a single tap and nothing would change.
    std = max(0.4, _BLUR_STD * max(image.shape[:2]))
    return ndimage.gaussian_filter(image, sigma=(std, std, 0), mode="nearest")


def _linear_warp(image: np.ndarray, a: float, b: float, c: float, d: float) -> np.ndarray:
    """Resample (H, W, C) so that output offset (y, x) from the centre shows input offset (a y + b x, c y + d x)."""
    matrix = np.array([[a, b], [c, d]])
    centre = (np.array(image.shape[:2]) - 1) / 2
    offset = centre - matrix @ centre
    channels = [
        ndimage.affine_transform(image[..., channel], matrix, offset=offset, order=1, mode="nearest")
        for channel in range(image.shape[-1])
    ]
    return np.clip(np.stack(channels, axis=-1), 0, 1)
