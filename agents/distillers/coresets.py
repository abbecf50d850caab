"""Coresets: a pool of `mps_env`, taken as the result."""

from __future__ import annotations

import numpy as np

from agents.distillers import Distiller
from mps_env.pools import initial_set
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


def _from_pool(name: str) -> Distiller:
    def distil(task: Task, rng: np.random.Generator) -> SyntheticSet:
        return initial_set(name, task.dataset, task.n_slots, rng)

    return distil


random = _from_pool("random")
herding = _from_pool("herding")
kcenter = _from_pool("kcenter")
prototypes = _from_pool("prototypes")
