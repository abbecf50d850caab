"""Augmentation on images small enough to read."""

from __future__ import annotations

import numpy as np
import pytest

from mps_env.training.config import PRESETS, Augmentation


def apply(images: np.ndarray, config: Augmentation, seed: tuple[int, int] = (1, 2)) -> np.ndarray:
    import tensorflow as tf

    from mps_env.training.augment import augment

    return augment(tf.constant(images), tf.constant(seed), config).numpy()


def bar() -> np.ndarray:
    images = np.zeros((16, 9, 9, 1), np.float32)
    images[:, 2:7, 5] = 1
    return images


def test_flips_are_exact_mirrors_of_some_images() -> None:
    images = bar()
    flipped = apply(images, Augmentation(flip=True))
    is_mirrored = np.array([np.allclose(image, images[0, :, ::-1], atol=1e-5) for image in flipped])
    is_kept = np.array([np.allclose(image, images[0], atol=1e-5) for image in flipped])
    assert is_mirrored.any()
    assert is_kept.any()
    assert (is_mirrored | is_kept).all()


def test_shifts_stay_within_the_fraction() -> None:
    images = np.zeros((32, 9, 9, 1), np.float32)
    images[:, 4, 4] = 1
    shifted = apply(images, Augmentation(shift=2 / 9))
    columns = (shifted.sum(axis=(1, 3)) * np.arange(9)).sum(axis=1)
    assert np.abs(columns - 4).max() <= 2 + 1e-4
    assert np.abs(columns - 4).max() > 1


def test_equal_seeds_give_equal_images() -> None:
    assert (apply(bar(), PRESETS["light"]) == apply(bar(), PRESETS["light"])).all()
    assert (apply(bar(), PRESETS["light"]) != apply(bar(), PRESETS["light"], (1, 3))).any()


def test_nothing_is_done_by_default() -> None:
    assert (apply(bar(), Augmentation()) == bar()).all()


@pytest.mark.parametrize(
    ("value", "parsed"),
    [(False, "none"), (None, "none"), (True, "light"), ("light_flip", "light_flip"), ({}, "none")],
)
def test_json_values_are_understood(value: object, parsed: str) -> None:
    assert Augmentation.parse(value) == PRESETS[parsed]  # type: ignore[arg-type]


def test_unknown_values_list_presets_and_fields() -> None:
    with pytest.raises(ValueError, match="slight, light, light_flip, or a mapping with rotation, shift, zoom, flip"):
        Augmentation.parse("strong")
