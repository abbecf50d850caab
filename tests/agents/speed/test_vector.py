import sys

import pytest

from agents.speed.vector import measure_vector, memory_of_all_mb
from tests.conftest import SMALL_RIDGE

KWARGS = {key: value for key, value in SMALL_RIDGE.items() if key != "proxy"}


@pytest.mark.parametrize("rival", ["sync", "async"])
def test_both_vector_environments_are_timed_and_weighed(rival):
    found = measure_vector(rival, "ridge", num_envs=2, steps=4, rounds=1, **KWARGS)
    rates = found["native_steps_per_second"], found["rival_steps_per_second"]
    assert min(rates) > 0
    assert found["times_as_fast"] == pytest.approx(rates[0] / rates[1])
    # Workers are processes, each with an interpreter and NumPy of its own.
    if rival == "async":
        assert found["rival_mb"] > 1.5 * found["native_mb"] > 0


def test_memory_is_left_out_without_psutil(monkeypatch):
    assert memory_of_all_mb() > 10
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert memory_of_all_mb() is None
