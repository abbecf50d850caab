import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from mps_env.synthetic_set import SyntheticSet, image_key, one_hot


def a_set(n=4, side=3, classes=2, seed=0):
    rng = np.random.default_rng(seed)
    return SyntheticSet.checked(rng.random((n, side, side, 1)), one_hot(np.arange(n) % classes, classes))


def test_one_hot_rows_mark_the_class():
    assert one_hot(np.array([1, 0]), 3).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_with_slot_changes_one_image_and_leaves_the_original():
    before = a_set()
    after = before.with_slot(2, image=np.ones((3, 3, 1), np.float32))
    assert (after.images[2] == 1).all()
    assert (before.images[2] != 1).any()
    assert np.array_equal(np.delete(after.images, 2, 0), np.delete(before.images, 2, 0))


def test_with_slot_changes_a_label_and_shares_the_images():
    before = a_set()
    after = before.with_slot(0, label=np.array([0.25, 0.75], np.float32))
    assert after.labels[0].tolist() == [0.25, 0.75]
    assert after.images is before.images


def test_a_slot_outside_the_set_is_refused():
    with pytest.raises(IndexError, match=r"slot must be in \[0, 3\], got 4"):
        a_set().with_slot(4)


def test_equal_content_has_equal_fingerprints_whatever_the_path():
    start = a_set()
    image = np.full((3, 3, 1), 0.5, np.float32)
    there_and_back = start.with_slot(1, image=image).with_slot(1, image=start.images[1])
    assert there_and_back.fingerprint == start.fingerprint
    assert start.with_slot(1, image=image).fingerprint != start.fingerprint


def test_another_label_gives_another_fingerprint():
    start = a_set()
    assert start.with_slot(0, label=np.array([0.5, 0.5], np.float32)).fingerprint != start.fingerprint


@given(npst.arrays(np.float32, (2, 2, 1), elements=st.floats(0, 1, width=32)))
def test_an_image_key_fills_its_eight_bytes(image):
    assert len(np.array([image_key(image)], dtype="S8")[0]) == 8


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 3, 3)), np.eye(2), r"images must be \(N, H, W, C\)"),
        (np.zeros((2, 3, 3, 2)), np.eye(2), "1 or 3 channels"),
        (np.zeros((2, 3, 3, 1), np.uint8), np.eye(2), "got dtype uint8. Divide uint8 pixels by 255"),
        (np.full((2, 3, 3, 1), np.nan), np.eye(2), "must be finite, got NaN or infinity in 2 rows, the first 0"),
        (np.full((2, 3, 3, 1), 1.5), np.eye(2), r"images must lie in \[0, 1\], got \[1.5, 1.5\]"),
        (np.zeros((2, 3, 3, 1)), np.eye(3), r"labels must be \(2, K >= 2\)"),
        (np.zeros((2, 3, 3, 1)), np.full((2, 2), 0.4), "label rows must sum to 1, row 0 sums to 0.8"),
    ],
)
def test_arrays_that_are_no_set_are_refused(images, labels, message):
    with pytest.raises(ValueError, match=message):
        SyntheticSet.checked(images, labels)


def test_a_set_cannot_be_changed_from_outside():
    images = np.zeros((2, 3, 3, 1), np.float32)
    made = SyntheticSet.checked(images, one_hot(np.array([0, 1]), 2))
    images[:] = 1
    assert made.images.max() == 0
    for array in (made.images, made.labels, made.with_slot(0, image=images[0]).images):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
