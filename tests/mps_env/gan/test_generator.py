"""The generator in NumPy: what it computes, and which layers it takes."""

from __future__ import annotations

import numpy as np
import pytest

from mps_env.gan import Generator
from mps_env.gan.generator import sigmoid


def layer(kernel: list[list[float]], bias: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(kernel, np.float32), np.array(bias, np.float32)


def one_number_two_classes() -> Generator:
    """Two hidden units: noise + 1, and 2 for class 1; two pixels: minus the first, and the second."""
    hidden = layer([[1, 0], [0, 0], [0, 2]], [1, 0])
    return Generator([hidden, layer([[-1, 0], [0, 1]], [0, 0])], num_classes=2, image_shape=(1, 2, 1))


def test_images_follow_from_noise_and_class() -> None:
    # Noise 3, class 0: hidden (4, 0), logits (-4, 0). Noise -5, class 1: hidden (relu(-4), 2), logits (0, 2).
    images = one_number_two_classes().images(np.array([[3], [-5]], np.float32), np.array([0, 1]))
    expected = 1 / (1 + np.exp([[4.0, 0.0], [0.0, -2.0]]))
    assert images.shape == (2, 1, 2, 1)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images.reshape(2, 2), expected, rtol=1e-6)


def test_sigmoid_stays_in_range_without_overflow() -> None:
    np.testing.assert_array_equal(sigmoid(np.array([-1e4, 0, 1e4], np.float32)), [0, 0.5, 1])


def test_samples_are_the_callers_randomness() -> None:
    generator, classes = one_number_two_classes(), np.array([0, 0, 1])
    first, again, other = (generator.sample(classes, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_layers_that_do_not_fit_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"layer 1 has a kernel of shape \(1, 2\)"):
        Generator([layer([[1, 0], [0, 0], [0, 2]], [1, 0]), layer([[1, 1]], [0, 0])], 2, (1, 2, 1))


def test_layers_for_other_images_are_refused() -> None:
    with pytest.raises(ValueError, match=r"from 3 to 2 numbers do not make images of shape \(1, 3, 1\) and 2 classes"):
        Generator(one_number_two_classes().layers, 2, (1, 3, 1))


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="layer 0 must hold finite float32 numbers"):
        Generator([layer([[np.nan], [0], [0]], [0])], 2, (1, 1, 1))
