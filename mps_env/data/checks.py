"""Checks of image and label arrays from outside, and the one form they are kept in afterwards."""

from __future__ import annotations

import numpy as np

ARRAY_NAMES = ("x_train", "y_train", "x_test", "y_test")


def checked_arrays(
    arrays: dict[str, np.ndarray], *, where: str, num_classes: int | None = None
) -> dict[str, np.ndarray]:
    """Check the four arrays of a data set against each other.

    Args:
        arrays: `x_train`, `y_train`, `x_test`, `y_test` as `check_images` and `check_labels` allow.
        where: The file or name that errors speak of.
        num_classes: K where it is known beforehand.

    Returns:
        The same four: images (n, H, W, C) uint8 or float32 in [0, 1], labels (n,) int64; read-only.

    Raises:
        ValueError: If an array is malformed, or the parts do not fit each other.
    """
    x_train, y_train = check_part(arrays["x_train"], arrays["y_train"], where=where, part="train")
    x_test, y_test = check_part(arrays["x_test"], arrays["y_test"], where=where, part="test")
    num_classes = check_classes(y_train, where=where, num_classes=num_classes)
    check_test_labels(y_test, where=where, num_classes=num_classes)
    if x_test.shape[1:] != x_train.shape[1:]:
        raise ValueError(
            f"{where}: x_test has images of shape {x_test.shape[1:]}, x_train of {x_train.shape[1:]};"
            " they must be the same. Resize one of them."
        )
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def check_part(images: np.ndarray, labels: np.ndarray, *, where: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Check the images and labels of one part, `"train"` or `"test"`, and return them in their one form."""
    images = check_images(images, where=where, name=f"x_{part}")
    labels = check_labels(labels, where=where, name=f"y_{part}")
    if len(images) != len(labels):
        raise ValueError(
            f"{where}: x_{part} holds {len(images)} images, but y_{part} {len(labels)} labels;"
            " there must be one label an image."
        )
    return images, labels


def check_images(images: np.ndarray, *, where: str, name: str) -> np.ndarray:
    """Return images as (n, H, W, C) uint8 or float32 in [0, 1], read-only.

    Args:
        images: (n, H, W), (n, H, W, 1) or (n, H, W, 3); uint8, or floats in [0, 1].
        where: The file or name that errors speak of.
        name: What the array is called there.

    Raises:
        ValueError: If the shape, dtype or range is another, or a value is not finite.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ValueError(
            f"{where}: {name} must be uint8 in 0..255 or floats in [0, 1], got dtype {images.dtype}."
            " Convert it, e.g. with .astype('uint8')."
        )
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise ValueError(
            f"{where}: {name} must be (N, H, W), (N, H, W, 1) or (N, H, W, 3) with N >= 1, got shape"
            f" {np.shape(images)}. Reshape it; channels come last."
        )
    if images.dtype.kind == "f":
        _check_range(images, where=where, name=name)
        images = images.astype(np.float32, copy=False)
    return _read_only(images)


def check_labels(labels: np.ndarray, *, where: str, name: str) -> np.ndarray:
    """Return labels as (n,) int64, read-only.

    Args:
        labels: (n,) or (n, 1), integers from 0.
        where: The file or name that errors speak of.
        name: What the array is called there.

    Raises:
        ValueError: If the shape or dtype is another, or a label is negative.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(
            f"{where}: {name} must be (N,) or (N, 1), got shape {labels.shape}."
            " Turn one-hot rows into integers with .argmax(axis=1)."
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"{where}: {name} must be integers 0..K-1, got dtype {labels.dtype}. Convert it with .astype('int64')."
        )
    labels = labels.astype(np.int64)
    if len(labels) and labels.min() < 0:
        raise ValueError(f"{where}: {name} must be integers 0..K-1, got {labels.min()}. Number the classes from 0.")
    return _read_only(labels)


def check_classes(labels: np.ndarray, *, where: str, num_classes: int | None = None) -> int:
    """Return the number of classes K of training labels, after checking that each of 0..K-1 occurs.

    Raises:
        ValueError: If a class has no image, there are fewer than 2 classes, or not `num_classes`.
    """
    present = np.unique(labels)
    expected = int(present[-1]) + 1 if num_classes is None else num_classes
    if present[-1] >= expected:
        raise ValueError(f"{where}: y_train holds the label {present[-1]}, but there are {expected} classes (0..K-1).")
    if len(present) < expected:
        first_missing = next((i for i, label in enumerate(present) if i != label), len(present))
        raise ValueError(
            f"{where}: class {first_missing} has no training image, and every class from 0 to"
            f" {expected - 1} needs one. Number the classes without gaps."
        )
    if expected < 2:
        raise ValueError(f"{where}: y_train holds one class only; at least 2 are needed.")
    return expected


def check_test_labels(labels: np.ndarray, *, where: str, num_classes: int) -> None:
    """Check that no test label is outside the training classes.

    Raises:
        ValueError: If one is.
    """
    if labels.max() >= num_classes:
        raise ValueError(
            f"{where}: y_test holds the label {labels.max()}, but y_train has the classes"
            f" 0..{num_classes - 1} only. Test images must be of training classes."
        )


def _check_range(images: np.ndarray, *, where: str, name: str) -> None:
    low, high = float(images.min()), float(images.max())  # NaN passes through min and max
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{where}: {name} must be finite, got NaN or infinity. Remove those images.")
    if low < 0 or high > 1:
        raise ValueError(
            f"{where}: floats in {name} must lie in [0, 1], got [{low:.4g}, {high:.4g}]."
            " Rescale them, or save 0..255 as uint8."
        )


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view
