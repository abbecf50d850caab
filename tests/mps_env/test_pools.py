"""Pools: counts, ranges and classes of every one, and what each of them chooses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mps_env.data import Dataset, Split
from mps_env.k_means import k_means
from mps_env.pools import POOLS, Pool, balanced_counts, build_pool, initial_set, register_pool
from mps_env.pools.herding import herd
from mps_env.pools.kcenter import farthest_points

REAL_POOLS = ("random", "real", "herding", "kcenter")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def make_dataset(per_class: tuple[int, ...] = (12, 9, 15), dtype: type = np.uint8) -> Dataset:
    """Random 4x4 images; the last row of the source is a validation image."""
    labels = np.append(np.repeat(np.arange(len(per_class)), per_class), 0)
    images = rng(1).integers(0, 256, (len(labels), 4, 4, 1), dtype=np.uint8)
    source = images if dtype is np.uint8 else (images / 255).astype(dtype)
    rows = rng(2).permutation(len(labels) - 1)
    return Dataset(
        name="tiny",
        train=Split(source, rows, labels[rows]),
        validation=Split(source, np.array([len(labels) - 1]), labels[-1:]),
        class_names=tuple("abcdefgh"[: len(per_class)]),
    )


@pytest.mark.parametrize("name", POOLS.names())
@settings(max_examples=15, deadline=None)
@given(counts=st.lists(st.integers(0, 9), min_size=3, max_size=3), seed=st.integers(0, 2**32))
def test_pools_give_the_counts_asked_for_in_range(name: str, counts: list[int], seed: int) -> None:
    images, classes = POOLS.get(name)(make_dataset(), np.array(counts), rng(seed))
    assert images.shape == (sum(counts), 4, 4, 1)
    assert images.dtype == np.float32
    assert classes.dtype == np.int64
    np.testing.assert_array_equal(classes, np.repeat([0, 1, 2], counts))
    assert images.size == 0 or (images.min() >= 0 and images.max() <= 1)


@pytest.mark.parametrize("name", POOLS.names())
def test_same_seed_gives_the_same_bits(name: str) -> None:
    first, second = (initial_set(name, make_dataset(), 10, rng(7)) for _ in range(2))
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("name", ["random", "noise", "gan"])
def test_other_seed_gives_other_images(name: str) -> None:
    assert (
        initial_set(name, make_dataset(), 10, rng(7)).fingerprint
        != initial_set(name, make_dataset(), 10, rng(8)).fingerprint
    )


@pytest.mark.parametrize("name", REAL_POOLS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_real_pools_give_different_training_images_of_the_class(name: str, dtype: type) -> None:
    dataset = make_dataset(dtype=dtype)
    images, classes = POOLS.get(name)(dataset, np.array([12, 9, 15]), rng())
    for label in range(3):
        expected = {image.tobytes() for image in dataset.train.images[dataset.train.labels == label]}
        assert {image.tobytes() for image in images[classes == label]} == expected


@pytest.mark.parametrize("name", [*REAL_POOLS, "prototypes"])
def test_class_with_too_few_images_is_named_with_the_largest_ipc(name: str) -> None:
    message = r"class 1 \(b\) of tiny has 9 training images, fewer than the 10 asked for. The largest ipc possible is 9"
    with pytest.raises(ValueError, match=message):
        initial_set(name, make_dataset(), 30, rng())


@pytest.mark.parametrize("name", ["noise", "gan"])
def test_made_images_are_not_limited_by_the_data(name: str) -> None:
    assert len(initial_set(name, make_dataset(), 300, rng())) == 300


def test_gan_makes_no_images_of_a_class_without_training_images() -> None:
    dataset = make_dataset((12, 0, 9))
    with pytest.raises(ValueError, match=r"class 1 \(b\) of tiny has 0 training images, fewer than the 1 asked for"):
        initial_set("gan", dataset, 6, rng())
    images, _ = POOLS.get("gan")(dataset, np.array([2, 0, 2]), rng())
    assert len(images) == 4


def test_gan_refuses_images_that_it_would_train_on_for_hours() -> None:
    source = np.zeros((2, 65, 64, 3), np.uint8)
    split = Split(source, np.arange(2), np.arange(2))
    with pytest.raises(ValueError, match=r"at most 12288 numbers, got 12480 for \(65, 64, 3\)\. Use smaller images"):
        initial_set("gan", Dataset("large", split, split, ("a", "b")), 2, rng())


@given(st.integers(2, 50), st.integers(0, 500))
def test_counts_are_balanced_to_one_image(num_classes: int, extra: int) -> None:
    counts = balanced_counts(num_classes + extra, num_classes)
    assert counts.sum() == num_classes + extra
    assert np.ptp(counts) <= 1
    assert (np.diff(counts) <= 0).all()


def test_first_classes_get_one_more() -> None:
    np.testing.assert_array_equal(balanced_counts(437, 10), [44] * 7 + [43] * 3)


@pytest.mark.parametrize("n_images", [0, 2, -1])
def test_less_than_one_image_a_class_is_refused(n_images: int) -> None:
    with pytest.raises(ValueError, match=f"n_images must be at least 3, one per class, got {n_images}. Use n_images=3"):
        balanced_counts(n_images, 3)


def test_initial_set_has_hard_labels_and_says_where_it_is_from() -> None:
    synthetic_set = initial_set("random", make_dataset(), 5, rng())
    np.testing.assert_array_equal(synthetic_set.labels, np.eye(3, dtype=np.float32)[[0, 0, 1, 1, 2]])
    assert synthetic_set.meta == {"dataset": "tiny", "class_names": ["a", "b", "c"], "init": "random"}


def test_unknown_pool_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown pool 'hreding'. Did you mean 'herding'\? Known: random, real"):
        initial_set("hreding", make_dataset(), 5, rng())


def test_pool_is_found_by_import_path() -> None:
    assert len(initial_set("mps_env.pools.noise:noise", make_dataset(), 5, rng())) == 5


def test_pool_of_a_third_party_that_gives_too_little_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(POOLS, "_entries", dict(POOLS._entries))
    register_pool("stingy", lambda dataset, counts, rng: (np.zeros((1, 4, 4, 1), np.float32), np.zeros(1, np.int64)))
    with pytest.raises(ValueError, match=r"the pool 'stingy' must return images of shape \(6, 4, 4, 1\)"):
        build_pool("stingy", make_dataset(), per_class=2, rng=rng())


@pytest.mark.parametrize("name", [*REAL_POOLS, "prototypes"])
def test_pool_takes_what_a_class_has(name: str) -> None:
    pool = build_pool(name, make_dataset(), per_class=10, rng=rng())
    np.testing.assert_array_equal(np.bincount(pool.classes), [10, 9, 10])


@pytest.mark.parametrize("name", ["noise", "gan"])
def test_pool_of_made_images_is_filled_whatever_a_class_has(name: str) -> None:
    pool = build_pool(name, make_dataset(), per_class=10, rng=rng())
    np.testing.assert_array_equal(np.bincount(pool.classes), [10, 10, 10])


def test_pool_needs_an_image_a_class() -> None:
    with pytest.raises(ValueError, match="per_class must be >= 1, got 0"):
        build_pool("random", make_dataset(), per_class=0, rng=rng())


def test_pool_knows_the_positions_of_a_class() -> None:
    pool = Pool(np.zeros((5, 2, 2, 1), np.float32), np.array([0, 0, 2, 2, 2]))
    np.testing.assert_array_equal(pool.of_class(0), [0, 1])
    np.testing.assert_array_equal(pool.of_class(1), [])
    np.testing.assert_array_equal(pool.of_class(2), [2, 3, 4])
    assert len(pool) == 5


def test_herding_keeps_the_mean_of_the_chosen_near_the_mean() -> None:
    # Mean 3. Nearest to it: 2. Then the pair with mean 3: 4. Then {2, 4, x}: x = 0 or 6 are equally near, 0 first.
    points = np.array([[0.0], [2.0], [4.0], [6.0]])
    np.testing.assert_array_equal(herd(points, 3), [1, 2, 0])


def test_herding_follows_the_mean_of_all_not_the_brightest() -> None:
    points = np.array([[1.0], [2.0], [9.0], [3.0], [5.0]])  # mean 4: 3 first (5 is as near, but later)
    assert herd(points, 1)[0] == 3


def test_kcenter_starts_near_the_mean_and_goes_to_the_farthest() -> None:
    # Mean 3.4: row 2 first; the farthest from 3 is 10; then 0, at distance 3 from 3.
    points = np.array([[0.0], [1.0], [3.0], [3.0], [10.0]])
    np.testing.assert_array_equal(farthest_points(points, 3), [2, 4, 0])


def test_kcenter_takes_duplicates_last() -> None:
    points = np.array([[0.0], [0.0], [1.0], [5.0]])
    assert sorted(farthest_points(points, 4)) == [0, 1, 2, 3]
    assert farthest_points(points, 4)[-1] in (0, 1)


def test_prototypes_are_the_means_of_the_clusters() -> None:
    points = np.array([[0.0, 0.1], [0.0, 0.3], [1.0, 0.0], [1.0, 0.2]], dtype=np.float32)
    centers = k_means(points, 2, seed=0)
    np.testing.assert_allclose(centers[centers[:, 0].argsort()], [[0.0, 0.2], [1.0, 0.1]], atol=1e-6)


def test_prototypes_of_equal_images_repeat_without_a_warning() -> None:
    points = np.array([[0.0], [0.0], [0.0], [1.0]], dtype=np.float32)
    np.testing.assert_array_equal(k_means(points, 3, seed=0), [[0.0], [1.0], [0.0]])


def test_a_pool_of_pixels_up_to_255_is_refused() -> None:
    def in_bytes(dataset: Dataset, counts: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        images, classes = POOLS.get("real")(dataset, counts, rng)
        return (255 * images).astype(np.uint8), classes

    POOLS.register("in_bytes", in_bytes)
    try:
        with pytest.raises(ValueError, match=r"'in_bytes' must return float32 images in \[0, 1\], got uint8"):
            build_pool("in_bytes", make_dataset(), per_class=2, rng=rng())
    finally:
        POOLS._entries.pop("in_bytes")


def test_validation_images_are_never_drawn() -> None:
    dataset = make_dataset()
    forbidden = dataset.validation.images[0].tobytes()
    for name in REAL_POOLS:
        images, _ = POOLS.get(name)(dataset, np.array([12, 9, 15]), rng())
        assert forbidden not in {image.tobytes() for image in images}
