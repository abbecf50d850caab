"""The size at which a network sees the images."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from mps_env.networks.sizes import resizing, seen_shape


def seen(image_shape: tuple[int, int, int], size: Any = None, **kwargs: Any) -> tuple[int, int, int]:
    return seen_shape("net", image_shape, size, smallest=32, native=224, **kwargs)


def test_images_large_enough_are_seen_as_they_are() -> None:
    assert seen((40, 64, 3)) == (40, 64, 3)


def test_short_sides_are_enlarged_to_the_smallest() -> None:
    assert seen((8, 8, 1)) == (32, 32, 1)
    assert seen((20, 40, 3)) == (32, 40, 3)


def test_a_size_makes_a_square() -> None:
    assert seen((20, 40, 3), 64) == (64, 64, 3)
    assert seen((300, 300, 1), "native") == (224, 224, 1)


def test_with_a_remedy_small_images_are_refused() -> None:
    message = "network 'net' takes images of 32x32 pixels and up, got 28x28. Use another."
    with pytest.raises(ValueError, match=re.escape(message)):
        seen((28, 28, 1), remedy="Use another.")
    assert seen((28, 28, 1), 32, remedy="Use another.") == (32, 32, 1)


@pytest.mark.parametrize("size", ["large", 64.5, True, [32]])
def test_what_is_no_size_is_refused(size: object) -> None:
    message = f"wants size as a whole number of pixels or 'native', which is 224, got {size!r}."
    with pytest.raises(ValueError, match=re.escape(message)):
        seen((28, 28, 1), size)


def test_equal_sizes_need_no_layer() -> None:
    assert resizing((28, 28, 1), (28, 28, 1)) == []


def test_images_are_enlarged_bilinearly() -> None:
    (layer,) = resizing((1, 2, 1), (1, 4, 1))
    # Centres of the new pixels lie at -0.25, 0.25, 0.75, 1.25 of the old ones; beyond the outer ones nothing changes.
    np.testing.assert_allclose(np.asarray(layer(np.array([[[[0.0], [1.0]]]], np.float32))).ravel(), [0, 0.25, 0.75, 1])


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    (layer,) = resizing((8, 8, 1), (2, 2, 1))
    stripes = np.zeros((1, 8, 8, 1), np.float32)
    stripes[:, :, ::2] = 1
    np.testing.assert_allclose(np.asarray(layer(stripes)), 0.5, atol=0.05)
