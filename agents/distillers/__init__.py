"""Distillers by name: whatever makes a synthetic set without acting on the environment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mps_env.registry import Registry
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

Distiller = Callable[[Task, np.random.Generator], SyntheticSet]

DISTILLERS: Registry[Distiller] = Registry("distiller")
for _name in ("random", "herding", "kcenter", "prototypes"):
    DISTILLERS.register(_name, f"agents.distillers.coresets:{_name}")
register_distiller = DISTILLERS.register

__all__ = ["DISTILLERS", "Distiller", "register_distiller"]
