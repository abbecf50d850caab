"""Clocks for noisy machines."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def best_seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several calls: what the work takes when nothing disturbs it."""
    return min(_seconds(call) for _ in range(repeats))


def in_turn(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Time several calls in turn, so that a disturbance hits all alike; return the median seconds of each."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(_seconds(call))
    return {name: statistics.median(taken) for name, taken in times.items()}


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
