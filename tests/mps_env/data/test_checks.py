"""What arrays may look like, and the message for each that may not."""

from __future__ import annotations

import numpy as np
import pytest

from mps_env.data.checks import check_images, check_labels, checked_arrays

Arrays = dict[str, np.ndarray]


def test_grey_images_get_a_channel_and_labels_lose_their_column(arrays: Arrays) -> None:
    arrays["y_train"] = arrays["y_train"][:, np.newaxis]
    checked = checked_arrays(arrays, where="a.npz")
    assert checked["x_train"].shape == (10, 4, 3, 1)
    assert checked["y_train"].shape == (10,)
    assert checked["y_train"].dtype == np.int64


def test_float64_images_become_float32() -> None:
    images = check_images(np.full((2, 4, 4, 3), 0.5), where="a", name="x_train")
    assert images.dtype == np.float32


def test_checked_arrays_cannot_be_written_to(arrays: Arrays) -> None:
    checked = checked_arrays(arrays, where="a.npz")
    with pytest.raises(ValueError, match="read-only"):
        checked["x_train"][0] = 0


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 4, 4), np.int32), "x_train must be uint8 in 0..255 or floats in .0, 1., got dtype int32"),
        (np.zeros((2, 16), np.uint8), r"x_train must be \(N, H, W\).* got shape \(2, 16\)"),
        (np.zeros((2, 4, 4, 4), np.uint8), r"got shape \(2, 4, 4, 4\)"),
        (np.zeros((2, 3, 8, 8), np.uint8), r"got shape \(2, 3, 8, 8\). Reshape it; channels come last"),
        (np.zeros((0, 4, 4), np.uint8), "with N >= 1, got shape"),
        (np.full((2, 4, 4), np.nan), "x_train must be finite, got NaN or infinity"),
        (np.full((2, 4, 4), np.inf), "x_train must be finite"),
        (np.full((2, 4, 4), 255.0), r"must lie in \[0, 1\], got \[255, 255\]. Rescale them"),
        (np.full((2, 4, 4), -0.5), r"got \[-0.5, -0.5\]"),
    ],
)
def test_bad_images_are_refused_in_one_line(images: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        check_images(images, where="a.npz", name="x_train")
    assert str(caught.value).startswith("a.npz: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(3), "y_train must be integers 0..K-1, got dtype float64"),
        (np.array([True, False]), "got dtype bool"),
        (np.eye(3, dtype=int), r"must be \(N,\) or \(N, 1\), got shape \(3, 3\). Turn one-hot rows"),
        (np.array([0, -1]), "must be integers 0..K-1, got -1. Number the classes from 0"),
    ],
)
def test_bad_labels_are_refused(labels: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_labels(labels, where="a.npz", name="y_train")


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("y_train", np.zeros(9, int), "x_train holds 10 images, but y_train 9 labels"),
        ("y_test", np.zeros(9, int), "x_test holds 2 images, but y_test 9 labels"),
        ("y_train", np.zeros(10, int), "y_train holds one class only; at least 2 are needed"),
        ("y_train", np.array([0, 2] * 5), "class 1 has no training image, and every class from 0 to 2 needs one"),
        ("y_train", np.array([0, 10**12] * 5), "class 1 has no training image"),
        ("y_test", np.array([0, 2]), "y_test holds the label 2, but y_train has the classes 0..1 only"),
        ("x_test", np.zeros((2, 5, 5), np.uint8), r"x_test has images of shape \(5, 5, 1\), x_train of \(4, 3, 1\)"),
    ],
)
def test_parts_that_do_not_fit_are_refused(arrays: Arrays, name: str, array: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_arrays({**arrays, name: array}, where="a.npz")


@pytest.mark.parametrize(
    ("num_classes", "message"), [(3, "class 2 has no training image"), (1, "label 1, but there are 1 classes")]
)
def test_known_number_of_classes_must_match(arrays: Arrays, num_classes: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_arrays(arrays, where="a.npz", num_classes=num_classes)
