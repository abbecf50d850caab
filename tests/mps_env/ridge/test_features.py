import pickle

import numpy as np
import pytest

from mps_env.ridge import features
from mps_env.ridge.features import FEATURE_NORM, RandomFeatures, pixel_statistics, pools_of


def random_images(count, shape, seed=0):
    return np.random.default_rng(seed).random((count, *shape), dtype=np.float32)


@pytest.fixture(scope="module")
def bank():
    return RandomFeatures((8, 8, 1), nets=2, width=4)


def test_features_have_one_row_an_image(bank):
    rows = bank(random_images(3, (8, 8, 1)))
    assert rows.shape == (3, 2 * 2 * 4 * 2)
    assert rows.dtype == np.float32
    assert bank.size == rows.shape[1]


def test_features_are_integers_of_bounded_norm(bank):
    rows = bank(random_images(5, (8, 8, 1))).astype(np.float64)
    np.testing.assert_array_equal(rows, np.rint(rows))
    norms = np.linalg.norm(rows, axis=1)
    assert (norms <= FEATURE_NORM).all()
    assert (norms > 0.99 * FEATURE_NORM).all()


def test_kernels_are_exact_in_single_precision(bank):
    rows = bank(random_images(20, (8, 8, 1)))
    exact = rows.astype(np.int64) @ rows.astype(np.int64).T
    np.testing.assert_array_equal(rows @ rows.T, exact)


def test_features_do_not_depend_on_the_other_images_of_a_call(bank):
    images = random_images(70, (8, 8, 1))
    together = bank(images)
    alone = np.concatenate([bank(image[None]) for image in images])
    np.testing.assert_array_equal(together, alone)


def test_numpy_and_tensorflow_agree_to_the_bit(monkeypatch):
    images = random_images(40, (13, 14, 3))
    images[0] = 0.0  # a blank image
    bank = RandomFeatures((13, 14, 3), nets=2, width=4, mean=np.full(3, 0.5), std=np.full(3, 0.3))
    compiled = bank(images)
    np.testing.assert_array_equal(compiled[:3], np.concatenate([bank(image[None]) for image in images[:3]]))
    monkeypatch.setattr(features, "_SMALL_AREA", 10_000)
    np.testing.assert_array_equal(compiled, bank(images))


def test_equal_seeds_give_equal_features_and_others_do_not(bank):
    image = random_images(1, (8, 8, 1))
    np.testing.assert_array_equal(bank(image), RandomFeatures((8, 8, 1), nets=2, width=4)(image))
    assert (bank(image) != RandomFeatures((8, 8, 1), nets=2, width=4, seed=1)(image)).any()


def test_a_pickled_bank_gives_the_same_features_and_holds_no_weights(bank):
    image = random_images(1, (8, 8, 1))
    expected = bank(image)
    pickled = pickle.dumps(bank)
    assert len(pickled) < 2000
    np.testing.assert_array_equal(pickle.loads(pickled)(image), expected)


def test_a_step_along_the_pullback_raises_the_value_as_predicted():
    bank = RandomFeatures((8, 8, 1), nets=2, width=16, std=np.array([0.3]))
    rng = np.random.default_rng(0)
    image = rng.random((8, 8, 1), dtype=np.float32)
    cotangent = rng.standard_normal(bank.size).astype(np.float32)
    gradient = bank.pullback(image, cotangent)
    step = 0.02 * gradient / np.abs(gradient).max()  # some pixel levels, so that rounding averages out
    ahead, behind = bank(np.stack([image + step, image - step])) @ cotangent
    assert (ahead - behind) / 2 == pytest.approx(float((gradient * step).sum()), rel=0.1)


@pytest.mark.parametrize(("shape", "nets"), [((8, 8, 1), 2), ((9, 10, 3), 2), ((3, 3, 1), 1)])
def test_the_gradient_in_numpy_is_that_of_tensorflow(shape, nets, monkeypatch):
    bank = RandomFeatures(shape, nets=nets, width=8, mean=np.full(shape[-1], 0.4), std=np.full(shape[-1], 0.3))
    rng = np.random.default_rng(0)
    image, cotangent = rng.random(shape, dtype=np.float32), rng.standard_normal(bank.size)
    image[0] = 0.0
    gradient = bank.pullback(image, cotangent)
    monkeypatch.setattr(features, "_SMALL_AREA", 0)
    np.testing.assert_allclose(gradient, bank.pullback(image, cotangent), atol=1e-5 * np.abs(gradient).max())


def test_no_sum_of_a_convolution_can_leave_the_exact_range():
    bank = RandomFeatures((8, 8, 3), nets=2, width=32)
    first, second = bank.weights()
    assert (np.abs(first).sum(axis=(1, 2, 3)) * 2047 <= 2**20.5).all()
    assert (np.maximum(second, 0).sum(axis=(1, 2, 3)) * 1023 <= 2**20.5).all()


@pytest.mark.parametrize(
    ("shape", "side"), [((8, 8, 1), 2), ((28, 28, 1), 3), ((32, 32, 3), 4), ((64, 64, 3), 4), ((3, 3, 1), 3)]
)
def test_pooling_leaves_two_to_four_pixels_a_side(shape, side):
    assert shape[0] >> sum(pools_of(shape)) == side


def test_images_of_another_shape_are_refused(bank):
    with pytest.raises(ValueError, match=r"images must be \(n, 8, 8, 1\), got shape \(1, 9, 9, 1\)"):
        bank(np.zeros((1, 9, 9, 1), np.float32))


@pytest.mark.parametrize("nets", [0, 2.5, "4"])
def test_a_number_of_nets_that_is_no_whole_number_is_refused(nets):
    with pytest.raises(ValueError, match=f"nets must be a whole number >= 1, got {nets!r}"):
        RandomFeatures((8, 8, 1), nets=nets)


def test_constant_pixels_keep_their_scale():
    mean, std = pixel_statistics(np.full((2, 4, 4, 1), 0.5, np.float32))
    assert (mean[0], std[0]) == (0.5, 1.0)
