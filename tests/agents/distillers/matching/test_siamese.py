import numpy as np
import pytest

from agents.distillers.matching.siamese import KINDS, apply, draw, identity


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype(np.float32)


def test_the_identity_changes_nothing(images):
    np.testing.assert_allclose(apply(images, identity()).numpy(), images, atol=1e-6)


def test_a_flip_mirrors_left_to_right(images):
    change = identity()
    change[[0, 2]] = -1, 5
    np.testing.assert_allclose(apply(images, change).numpy(), images[:, :, ::-1], atol=1e-6)


def test_a_crop_shifts_and_fills_with_zero(images):
    change = identity()
    change[5] = 1  # output row r shows input row r + 1
    shifted = apply(images, change).numpy()
    np.testing.assert_allclose(shifted[:, :-1], images[:, 1:], atol=1e-6)
    assert (shifted[:, -1] == 0).all()


def test_a_cutout_blanks_a_square(images):
    change = identity()
    change[9:] = 2, 3, 3
    is_cut = (apply(images, change).numpy() == 0).all(axis=(0, 3))
    assert np.argwhere(is_cut).tolist() == [[row, column] for row in (1, 2, 3) for column in (2, 3, 4)]


def test_brightness_saturation_and_contrast_follow_the_paper(images):
    change = identity()
    change[6:9] = 0.25, 0.0, 2.0
    grey = (images + 0.25).mean(axis=3, keepdims=True)
    mean = grey.mean(axis=(1, 2, 3), keepdims=True)
    expected = np.broadcast_to((grey - mean) * 2 + mean, images.shape)
    np.testing.assert_allclose(apply(images, change).numpy(), expected, atol=1e-5)


def test_digits_are_never_mirrored_and_every_other_kind_is_drawn():
    rng = np.random.default_rng(0)
    changes = np.stack([draw(rng, 28, 28, flips=False) for _ in range(300)])
    assert (changes[:, 0] > 0).all()
    for entries in ([6, 7, 8], [2, 5], [11], [1, 3]):
        assert (changes[:, entries] != identity()[entries]).any()
    assert len(KINDS) == 6
