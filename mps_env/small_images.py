"""Images kept at a fraction of their resolution, so that the pixels of one hold several.

Kim et al., "Dataset condensation via efficient synthetic-data parameterization" (IDC, ICML 2022), section 4: the H x W
pixels of an image are spent on factor x factor images of (H / factor) x (W / factor), which are enlarged before use.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from mps_env.synthetic_set import SyntheticSet, image_key

_LEAST_PIXELS = 4  # along a side
_ROUNDING = 1e-4  # what enlarging in another program may differ by


class SmallImages:
    """Shrinks images by a factor, and enlarges them again bilinearly.

    Shrinking is the least-squares inverse of enlarging, so an enlarged image comes back as it was, up to rounding.

    Args:
        factor: How many times smaller along each side; 1 leaves images as they are.
        image_shape: (H, W, C) of the enlarged ones.

    Raises:
        ValueError: Unless the factor divides both sides and leaves at least four pixels.
    """

    def __init__(self, factor: int, image_shape: tuple[int, int, int]) -> None:
        height, width, _ = image_shape
        is_too_small = factor > 1 and min(height, width) // factor < _LEAST_PIXELS
        if height % factor or width % factor or is_too_small:
            raise ValueError(
                f"factor must divide the image's sides and leave {_LEAST_PIXELS} pixels or more, got {factor} for"
                f" {height}x{width}. Use factor=1 for whole images."
            )
        self.factor = factor
        self._sides = (height, width)

    @property
    def per_image(self) -> int:
        """How many small images have the pixels of one."""
        return self.factor**2

    @cached_property
    def enlarging(self) -> tuple[np.ndarray, np.ndarray]:
        """The two matrices, (H, H / factor) and (W, W / factor) float32, between which a small image is enlarged."""
        height, width = self._sides
        return _bilinear(height, self.factor), _bilinear(width, self.factor)

    def enlarge(self, small: np.ndarray) -> np.ndarray:
        """Return images (n, H, W, C) float32 from small ones (n, H / factor, W / factor, C)."""
        return small if self.factor == 1 else _between(self.enlarging, small)

    def shrink(self, images: np.ndarray) -> np.ndarray:
        """Return the small images in [0, 1], float32, whose enlargements are nearest to `images` (n, H, W, C)."""
        return images if self.factor == 1 else np.clip(_between(self._shrinking, images), 0, 1)

    def project(self, images: np.ndarray) -> np.ndarray:
        """Return images (n, H, W, C) as they are after shrinking and enlarging."""
        return self.enlarge(self.shrink(images))

    def is_projected(self, images: np.ndarray) -> bool:
        """Return whether projecting leaves the images as they are."""
        return self.factor == 1 or not _differ(self.project(images), images).any()

    def project_set(self, synthetic_set: SyntheticSet, known: SyntheticSet | None = None) -> SyntheticSet:
        """Return the set with its images projected; those that `known` has in the same slots are known to be."""
        if self.factor == 1:
            return synthetic_set
        changed = np.arange(len(synthetic_set))
        if known is not None:
            changed = np.flatnonzero(synthetic_set.image_keys != known.image_keys)
        projected = self.project(synthetic_set.images[changed])
        moved = _differ(projected, synthetic_set.images[changed])
        if not moved.any():
            return synthetic_set
        images, keys = synthetic_set.images.copy(), synthetic_set.image_keys.copy()
        images[changed[moved]] = projected[moved]
        keys[changed[moved]] = [image_key(image) for image in projected[moved]]
        return replace(synthetic_set, images=images, image_keys=keys)

    @cached_property
    def _shrinking(self) -> tuple[np.ndarray, np.ndarray]:
        rows, columns = (np.linalg.pinv(matrix.astype(np.float64)).astype(np.float32) for matrix in self.enlarging)
        return rows, columns


def _differ(projected: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return which images (n,) projecting has moved by more than rounding."""
    return np.abs(projected - images).max(axis=(1, 2, 3), initial=0) >= _ROUNDING


def _bilinear(size: int, factor: int) -> np.ndarray:
    """Return the matrix (size, size / factor) of linear interpolation between pixel centres, constant at the ends."""
    small = size // factor
    at = np.clip((np.arange(size) + 0.5) / factor - 0.5, 0, small - 1)
    low = np.minimum(at.astype(int), small - 2)
    matrix = np.zeros((size, small))
    matrix[np.arange(size), low] = 1 - (at - low)
    matrix[np.arange(size), low + 1] = at - low
    return matrix.astype(np.float32)


def _between(matrices: tuple[np.ndarray, np.ndarray], images: np.ndarray) -> np.ndarray:
    rows, columns = matrices
    return np.ascontiguousarray(np.einsum("yh,nhwc,xw->nyxc", rows, images, columns, optimize=True), dtype=np.float32)
