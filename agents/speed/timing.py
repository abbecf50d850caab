"""Clocks for noisy machines."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

_MATRIX_SIDE = 3_000


def matrix_product() -> Callable[[], None]:
    """Return a call that multiplies two large float32 matrices, by NumPy on all cores."""
    matrix = np.random.default_rng(0).standard_normal((_MATRIX_SIDE, _MATRIX_SIDE), dtype=np.float32)

    def product() -> None:
        matrix @ matrix

    return product


def matrix_product_rate(repeats: int) -> float:
    """Return the operations a second of a large matrix product: what a program could reach at the most."""
    return 2 * _MATRIX_SIDE**3 / best_seconds(matrix_product(), repeats)


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
