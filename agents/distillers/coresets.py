"""Coresets, and whatever else a pool of `mps_env` gives, taken as the result."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial

import numpy as np

from agents.distillers.base import Distiller
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


class PoolDistiller(Distiller):
    """Draws a set from a pool, in no iterations; the set that the run begins from plays no part.

    Args:
        task: Data set and sizes.
        initial: Not used.
        seed: Of the draw.
        pool: A registered pool.
    """

    def __init__(self, task: Task, initial: SyntheticSet, *, seed: int, pool: str) -> None:
        super().__init__(task, initial, seed=seed)
        self._pool = pool

    def iterate(self, number: int) -> Mapping[str, float]:
        """Never called for: there is nothing to improve."""
        return {"loss": 0.0}

    def synthetic_set(self) -> SyntheticSet:
        return self._drawn

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Nothing to take over: the draw is a function of the seed."""

    @cached_property
    def _drawn(self) -> SyntheticSet:
        return self.task.draw(self._pool, np.random.default_rng(self.seed))


random = partial(PoolDistiller, pool="random")
herding = partial(PoolDistiller, pool="herding")
kcenter = partial(PoolDistiller, pool="kcenter")
prototypes = partial(PoolDistiller, pool="prototypes")
gan = partial(PoolDistiller, pool="gan")
