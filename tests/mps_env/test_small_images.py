import gymnasium as gym
import numpy as np
import pytest

import mps_env  # noqa: F401 (registers MPSDistill-v0)
from mps_env.small_images import SmallImages
from mps_env.synthetic_set import SyntheticSet

HALF = SmallImages(2, (28, 32, 3))


def some(*shape):
    return np.random.default_rng(0).random(shape, np.float32)


def test_enlarging_is_bilinear():
    import tensorflow as tf

    small = some(3, 14, 16, 3)
    np.testing.assert_allclose(HALF.enlarge(small), tf.image.resize(small, (28, 32)), atol=1e-6)


def test_shrinking_takes_enlarging_back():
    small = some(3, 14, 16, 3)
    np.testing.assert_allclose(HALF.shrink(HALF.enlarge(small)), small, atol=1e-5)
    assert HALF.is_projected(HALF.enlarge(small))
    assert not HALF.is_projected(some(3, 28, 32, 3))


def test_shrinking_is_nearest_in_least_squares():
    image = 0.25 + 0.5 * some(1, 28, 32, 3)
    small = HALF.shrink(image)
    error = np.square(HALF.enlarge(small) - image).sum()
    for row, column in ((0, 0), (5, 7), (13, 15)):
        for change in (-0.01, 0.01):
            other = small.copy()
            other[0, row, column, 1] += change
            assert np.square(HALF.enlarge(other) - image).sum() > error


def test_a_factor_of_one_changes_nothing():
    whole = SmallImages(1, (8, 8, 1))
    images = some(2, 8, 8, 1)
    assert whole.project(images) is images
    assert whole.is_projected(images)


def test_whole_images_may_be_of_any_size():
    assert SmallImages(1, (2, 3, 1)).per_image == 1


@pytest.mark.parametrize("factor", [3, 4])
def test_a_factor_that_does_not_fit_is_told(factor):
    with pytest.raises(ValueError, match=f"factor must divide .* got {factor} for 8x8. Use factor=1"):
        SmallImages(factor, (8, 8, 1))


def test_held_images_of_a_set_keep_their_keys():
    full = SyntheticSet(some(2, 8, 8, 1), np.eye(2, dtype=np.float32))
    half = SmallImages(2, (8, 8, 1))
    held = half.project_set(full)
    assert half.is_projected(held.images)
    assert (held.image_keys != full.image_keys).all()
    mixed = held.with_slot(1, full.images[1])
    again = half.project_set(mixed, held)
    assert again.image_keys[0] == held.image_keys[0]
    np.testing.assert_array_equal(again.images, held.images)
    assert half.project_set(held, held) is held


@pytest.fixture(scope="module")
def env():
    return gym.make("MPSDistill-v0", ipc=1, factor=2, proxy="ridge", action="select", observation="features")


def test_every_edit_leaves_small_images(env):
    _, info = env.reset(seed=0)
    unwrapped = env.unwrapped
    assert len(unwrapped.synthetic_set) == 40
    assert unwrapped.task.n_images == 10
    for number, name in enumerate(unwrapped.edit_names):
        if name == "stop":
            continue
        for slot in (0, 17):
            _, _, _, _, info = env.step(np.array([slot, number]))
            assert unwrapped.task.small_images.is_projected(unwrapped.synthetic_set.images), name
    assert 0 <= info["val_accuracy"] <= 1


def test_pool_images_are_small_so_that_the_ridge_bank_knows_them(env):
    env.reset(seed=0)
    pool = env.unwrapped.task.pool
    assert env.unwrapped.task.small_images.is_projected(pool.images)
    env.step(np.array([0, env.unwrapped.edit_names.index("random_real")]))
    assert env.unwrapped.synthetic_set.image_keys[0] in pool.image_keys


def test_a_set_of_whole_images_is_refused(env):
    whole = SyntheticSet(some(40, 8, 8, 1), np.eye(10, dtype=np.float32)[np.arange(40) % 10])
    with pytest.raises(ValueError, match="full resolution.*Use a set made with the same factor, or factor=1"):
        env.reset(options={"set": whole})


@pytest.mark.parametrize(("factor", "error"), [(0, ValueError), (1.5, TypeError), (None, TypeError), (16, ValueError)])
def test_a_bad_factor_is_told_by_the_environment(factor, error):
    with pytest.raises(error, match="factor must"):
        gym.make("MPSDistill-v0", factor=factor)
