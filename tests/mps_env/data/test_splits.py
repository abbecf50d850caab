"""Stratified splits: disjoint, in proportion, and the same for everybody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mps_env.data.splits import own_test_split, shares, stratified_split, validation_split

counts_of_classes = st.lists(st.integers(2, 40), min_size=2, max_size=8)


@st.composite
def splits(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    counts = draw(counts_of_classes)
    labels = np.repeat(np.arange(len(counts)), counts)
    order = draw(st.permutations(range(len(labels))))
    return labels[list(order)], draw(st.integers(len(counts), len(labels) - len(counts)))


@given(splits(), st.integers(0, 2**31))
def test_split_rows_are_disjoint_complete_and_of_the_size_asked_for(split: tuple[np.ndarray, int], seed: int) -> None:
    labels, n_held = split
    kept, held = stratified_split(labels, n_held, np.random.default_rng(seed))
    assert len(held) == n_held
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held])), np.arange(len(labels)))


@given(splits())
def test_every_class_is_on_both_sides(split: tuple[np.ndarray, int]) -> None:
    labels, n_held = split
    for rows in validation_split(labels, n_held):
        assert set(labels[rows]) == set(labels)


@given(splits())
def test_class_shares_are_proportional_to_one_image(split: tuple[np.ndarray, int]) -> None:
    labels, n_held = split
    counts = np.bincount(labels)
    quotas = n_held * counts / len(labels)
    shared = shares(counts, n_held)
    is_free = (quotas >= 1) & (quotas <= counts - 1)
    if is_free.all():
        assert np.abs(shared - quotas).max() < 1


def test_shares_worked_out_by_hand() -> None:
    # Quotas 1.5, 0.9, 0.6: floors 1, 0, 0, at least one each, so the total of 3 is reached at once.
    np.testing.assert_array_equal(shares(np.array([10, 6, 4]), 3), [1, 1, 1])
    # Quotas 5, 3, 2.
    np.testing.assert_array_equal(shares(np.array([10, 6, 4]), 10), [5, 3, 2])
    # Quotas 3.5, 2.1, 1.4: the largest remainder is the first class's.
    np.testing.assert_array_equal(shares(np.array([10, 6, 4]), 7), [4, 2, 1])


def test_equal_remainders_go_to_the_lower_class() -> None:
    np.testing.assert_array_equal(shares(np.array([4, 4]), 3), [2, 1])


def test_splits_do_not_depend_on_any_seed() -> None:
    labels = np.arange(40) % 4
    np.testing.assert_array_equal(validation_split(labels, 8)[1], validation_split(labels, 8)[1])


def test_own_test_split_rounds_a_fifth_up() -> None:
    kept, held = own_test_split(np.arange(11) % 2)
    assert (len(kept), len(held)) == (8, 3)


def test_class_of_one_image_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="class 1 has 1 images; a split needs at least 2"):
        stratified_split(np.array([0, 0, 0, 1]), 2, np.random.default_rng(0))


def test_too_few_held_out_images_are_refused() -> None:
    with pytest.raises(ValueError, match=r"n_held must be in \[2, 4\], got 1"):
        stratified_split(np.array([0, 0, 0, 1, 1, 1]), 1, np.random.default_rng(0))
