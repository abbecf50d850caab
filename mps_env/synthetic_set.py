"""The synthetic set: the state of the environment, immutable, with its content keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

_LABEL_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class SyntheticSet:
    """N synthetic images and their labels.

    Sets are values: `with_slot` returns a new one, so a set may be kept, shared and compared without copying, and its
    arrays cannot be written to. Build one from outside data with `SyntheticSet.checked`, which validates and copies;
    the constructor itself trusts its caller and takes the arrays over.

    Args:
        images: (N, H, W, C) float32 in [0, 1].
        labels: (N, K) float32, rows summing to 1.
        image_keys: (N,) S8, a digest of each image; computed when not given.
        meta: What a saved set says of itself (data set, class names, recipe, versions, audit); JSON.
    """

    images: np.ndarray
    labels: np.ndarray
    image_keys: np.ndarray = field(default=None, repr=False)  # type: ignore[arg-type]
    meta: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.image_keys is None:
            keys = np.array([image_key(image) for image in self.images], dtype="S8")
            object.__setattr__(self, "image_keys", keys)
        for array in (self.images, self.labels, self.image_keys):
            array.flags.writeable = False  # keys and fingerprint would no longer be those of the content

    @classmethod
    def checked(cls, images: Any, labels: Any, meta: dict[str, Any] | None = None) -> SyntheticSet:
        """Validate arrays from outside and build a set of them.

        Args:
            images: (N, H, W, C) floats in [0, 1].
            labels: (N, K) floats whose rows sum to 1.
            meta: JSON-able description.

        Raises:
            ValueError: If a shape, dtype, range or label row is not as above.
        """
        images, labels = np.asarray(images), np.asarray(labels)
        if images.ndim != 4 or min(images.shape) < 1 or images.shape[-1] not in (1, 3):
            raise ValueError(
                f"images must be (N, H, W, C) with 1 or 3 channels, got shape {images.shape}. Reshape them."
            )
        if labels.ndim != 2 or len(labels) != len(images) or labels.shape[1] < 2:
            raise ValueError(
                f"labels must be ({len(images)}, K >= 2), one row per image, got shape {labels.shape}."
                " Turn integer labels into one-hot rows."
            )
        for name, array in (("images", images), ("labels", labels)):
            if array.dtype.kind != "f":
                raise ValueError(
                    f"{name} must be floats in [0, 1], got dtype {array.dtype}. Divide uint8 pixels by 255."
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite, got NaN or infinity in {_rows_where(~np.isfinite(array))}.")
            if array.min() < 0 or array.max() > 1:
                raise ValueError(
                    f"{name} must lie in [0, 1], got [{array.min():.4g}, {array.max():.4g}]. Rescale them."
                )
        sums = labels.sum(axis=1)
        if np.abs(sums - 1).max() > _LABEL_SUM_TOLERANCE:
            worst = int(np.abs(sums - 1).argmax())
            raise ValueError(f"label rows must sum to 1, row {worst} sums to {sums[worst]:.4g}. Normalise the rows.")
        return cls(
            np.array(images, dtype=np.float32, order="C"),
            np.array(labels, dtype=np.float32, order="C"),
            meta=dict(meta or {}),
        )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def num_classes(self) -> int:
        """K."""
        return self.labels.shape[1]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        return self.images.shape[1:]

    @cached_property
    def classes(self) -> np.ndarray:
        """The class of each slot, (N,) int64: the largest entry of its label."""
        return self.labels.argmax(axis=1)

    @cached_property
    def fingerprint(self) -> bytes:
        """A 16-byte digest of the content: equal sets have equal fingerprints, in every process."""
        digest = hashlib.blake2b(self.image_keys.tobytes(), digest_size=16)
        digest.update(self.labels.tobytes())
        return digest.digest()

    def with_slot(self, slot: int, image: np.ndarray | None = None, label: np.ndarray | None = None) -> SyntheticSet:
        """Return a copy in which one slot has another image, another label, or both.

        Args:
            slot: Position, 0 <= slot < N.
            image: (H, W, C) in [0, 1], or None to leave the image.
            label: (K,) summing to 1, or None to leave the label.

        Raises:
            IndexError: If `slot` is outside the set.
        """
        if not 0 <= slot < len(self):
            raise IndexError(f"slot must be in [0, {len(self) - 1}], got {slot}. A larger ipc gives more slots.")
        images, keys, labels = self.images, self.image_keys, self.labels
        if image is not None:
            images, keys = images.copy(), keys.copy()
            images[slot] = image
            keys[slot] = image_key(images[slot])
        if label is not None:
            labels = labels.copy()
            labels[slot] = label
        return SyntheticSet(images, labels, keys, self.meta)


def image_key(image: np.ndarray) -> bytes:
    """Return an 8-byte digest of one contiguous image; NUL-free, so that an S8 array holds it whole."""
    return hashlib.blake2b(image.tobytes(), digest_size=8).digest().replace(b"\0", b"\1")


def one_hot(classes: np.ndarray, num_classes: int) -> np.ndarray:
    """Return (N, K) float32 one-hot rows for (N,) integer classes."""
    return np.eye(num_classes, dtype=np.float32)[np.asarray(classes)]


def _rows_where(bad: np.ndarray) -> str:
    rows = np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1))
    return f"row {rows[0]}" if len(rows) == 1 else f"{len(rows)} rows, the first {rows[0]}"
