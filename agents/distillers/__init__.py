"""Distillers by name: whatever makes a synthetic set without acting on the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agents.distillers.base import Distiller
from mps_env.json_types import check_types
from mps_env.keywords import check_keywords
from mps_env.registry import Registry
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

DISTILLERS: Registry[Callable[..., Distiller]] = Registry("distiller")
for _name, _entry in {
    "random": "coresets:random",
    "herding": "coresets:herding",
    "kcenter": "coresets:kcenter",
    "prototypes": "coresets:prototypes",
    "gan": "coresets:gan",
    "ridge_search": "ridge_search:RidgeSearch",
    "gradient_matching": "gradient_matching:GradientMatching",
    "distribution_matching": "distribution_matching:DistributionMatching",
    "kernel_regression": "kernel_regression.distiller:KernelRegression",
}.items():
    DISTILLERS.register(_name, f"agents.distillers.{_entry}")
register_distiller = DISTILLERS.register


def make_distiller(
    name: str, task: Task, initial: SyntheticSet, *, seed: int, settings: Mapping[str, Any] | None = None
) -> Distiller:
    """Make a distiller by name.

    Args:
        name: A registered name, or `"module:attribute"`.
        task: Data set, sizes, proxy.
        initial: The set to begin from.
        seed: Of everything random.
        settings: The distiller's own arguments.

    Raises:
        ValueError: If the name or a setting is unknown, or a setting is out of range.
    """
    factory = DISTILLERS.get(name)
    fixed = ("self", "task", "initial", "seed", *getattr(factory, "keywords", ()))
    check_keywords(f"distiller {name!r}", factory, settings or {}, skip=fixed)
    check_types(f"distiller {name!r}", factory, settings or {})
    return factory(task, initial, seed=seed, **(settings or {}))


__all__ = ["DISTILLERS", "Distiller", "make_distiller", "register_distiller"]
