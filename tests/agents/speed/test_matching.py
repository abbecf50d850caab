"""The measurement of a matching step, at a size that takes no time."""

from __future__ import annotations

import pytest

from agents.speed.matching import measure_matching


def test_operations_are_those_of_the_network() -> None:
    found = measure_matching(width=4, rounds=1)
    first, second, third = (9 * side**2 * inputs * 4 for side, inputs in ((28, 1), (14, 4), (7, 4)))
    multiplications = 3 * (first + second + third + 3 * 3 * 4 * 10) - first
    assert found["gflop_per_step"] == pytest.approx(2 * multiplications * 2_560 / 1e9)
    assert 0 < found["share_of_matrix_product"] < 1
    assert found["seconds_per_step"] > 0
    assert found["times_the_authors_seconds"] > 0
