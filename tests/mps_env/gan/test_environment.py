"""The environment on generated images: as initial sets, and as replacements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest


@pytest.fixture
def env(tmp_path: Path, make_env: Callable[..., gym.Env]) -> gym.Env:
    """An environment on small random images whose initial set and pool are the GAN's."""
    images = np.random.default_rng(0).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    labels = np.arange(60) % 3
    path = tmp_path / "own.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images[:3], y_test=labels[:3])
    return make_env(dataset=str(path), init="gan", pool="gan", action="replace")


def test_episodes_of_one_seed_start_from_the_same_generated_set(env: gym.Env) -> None:
    sets = []
    for seed in (1, 1, 2):
        env.reset(seed=seed)
        sets.append(env.unwrapped.synthetic_set)
    assert sets[0].fingerprint == sets[1].fingerprint != sets[2].fingerprint
    real = {image.tobytes() for image in env.unwrapped.task.dataset.train.images}
    assert not real & {image.tobytes() for image in sets[0].images}


def test_replacements_are_generated_images_of_the_class(env: gym.Env) -> None:
    env.reset(seed=0)
    env.step(np.array([2, 5]))  # slot 2 is of class 1
    pool = env.unwrapped.task.pool
    np.testing.assert_array_equal(np.bincount(pool.classes), [64, 64, 64])
    np.testing.assert_array_equal(env.unwrapped.synthetic_set.images[2], pool.images[pool.of_class(1)[5]])
