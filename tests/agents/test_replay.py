from __future__ import annotations

import numpy as np
import pytest

from agents.replay import ReplayMemory


def filled(n: int, *, capacity: int = 3) -> ReplayMemory:
    memory = ReplayMemory(capacity, 2, 10, max_bytes=2**20)
    for i in range(n):
        mask = np.arange(10) == i
        memory.add(np.full(2, i), i, i / 2, np.full(2, i + 1), i == 1, mask)
    return memory


def test_a_transition_comes_back_as_it_was_stored() -> None:
    batch = filled(2).take(np.array([1]))
    np.testing.assert_array_equal(batch.observations, [[1, 1]])
    np.testing.assert_array_equal(batch.next_observations, [[2, 2]])
    assert (batch.actions[0], batch.rewards[0], batch.terminated[0]) == (1, 0.5, True)
    np.testing.assert_array_equal(batch.next_masks, [np.arange(10) == 1])


def test_the_oldest_transition_goes_first() -> None:
    memory = filled(4)
    assert len(memory) == 3
    assert sorted(memory.take(np.arange(3)).actions.tolist()) == [1, 2, 3]


def test_a_sample_has_no_transition_twice() -> None:
    sample = filled(8, capacity=8).sample(8, np.random.default_rng(0))
    assert sorted(sample.actions.tolist()) == list(range(8))


def test_the_bound_in_bytes_lowers_the_capacity() -> None:
    assert ReplayMemory(1000, 100, 8, max_bytes=8140).capacity == 10  # 2 * 400 + 1 + 13 bytes each


def test_a_restored_memory_goes_on_where_the_other_does() -> None:
    memory, other = filled(4), filled(0)
    other.restore(memory.to_arrays())
    for one in (memory, other):
        one.add(np.zeros(2), 9, 0.0, np.zeros(2), False, np.ones(10, bool))
    for one, two in zip(memory.take(np.arange(3)), other.take(np.arange(3)), strict=True):
        np.testing.assert_array_equal(one, two)


def test_arrays_of_other_observations_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'observations' has shape \(3, 2\)"):
        ReplayMemory(3, 5, 10, max_bytes=2**20).restore(filled(4).to_arrays())
