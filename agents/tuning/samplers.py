"""Optuna's samplers by name; what one proposes is a function of its seed and the trials so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from mps_env.registry import Registry

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

    from agents.tuning.config import TuneConfig

#: Called as `factory(seed, startup)`; `startup` trials are drawn at random before it learns from them.
SAMPLERS: Registry[Callable[[int, int], BaseSampler]] = Registry("sampler")
for _name in ("tpe", "gp", "random"):
    SAMPLERS.register(_name, f"agents.tuning.samplers:{_name}")


def sampler_for(config: TuneConfig, number: int) -> BaseSampler:
    """Make the sampler of one trial.

    A sampler that lived through the whole study would carry a state which a killed study loses. So each trial gets a
    new one, seeded by the study's seed and the trial's number.

    Args:
        config: The study's.
        number: How many trials are finished. The first is the agent's own settings, so that a study cannot end below
            where it began.
    """
    seed = int(np.random.SeedSequence([config.seed, number]).generate_state(1)[0])
    if number > 0:
        return SAMPLERS.get(config.sampler)(seed, config.startup)
    from optuna.samplers import PartialFixedSampler

    return PartialFixedSampler({name: one.default for name, one in config.space.items()}, random(seed, 0))


def tpe(seed: int, startup: int) -> BaseSampler:
    """Tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011)."""
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed, n_startup_trials=startup)


def gp(seed: int, startup: int) -> BaseSampler:
    """Bayesian optimisation: a Gaussian process, and the expected improvement under it."""
    from optuna.samplers import GPSampler

    return GPSampler(seed=seed, n_startup_trials=startup)


def random(seed: int, startup: int) -> BaseSampler:
    """Random search, which learns from nothing: what the others must beat."""
    from optuna.samplers import RandomSampler

    return RandomSampler(seed=seed)
