"""What a distiller is: something that makes a synthetic set in iterations, without acting on the environment."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


class Distiller(ABC):
    """Built as `Distiller(task, initial, seed=..., **settings)`; one file with a subclass and one registry line.

    The run around it (`agents.runs.iterating`) keeps the time, scores the set now and then, writes checkpoints and
    stops at a loss that is not finite. What an iteration draws at random depends on the seed and on the iteration's
    number alone, so that `state` need not hold generators.

    Args:
        task: Data set, sizes, proxy.
        initial: The set to begin from.
        seed: Of everything random.
    """

    #: Iterations where neither their number nor a budget is given; 0 for a set that is made at once.
    iterations: int = 0
    #: Iterations between two scores of the set.
    evaluate_every: int = 1
    #: Names of what `iterate` returns.
    logged: ClassVar[tuple[str, ...]] = ("loss",)

    #: Scores of a proxy that the iterations took so far; those of the run around them come on top.
    proxy_trainings: int = 0

    def __init__(self, task: Task, initial: SyntheticSet, *, seed: int) -> None:
        self.task, self.initial, self.seed = task, initial, seed

    @abstractmethod
    def iterate(self, number: int) -> Mapping[str, float]:
        """Do iteration `number`, from 0, and return a value for each name in `logged`; NaN says it has diverged."""

    @abstractmethod
    def synthetic_set(self) -> SyntheticSet:
        """Return the set as it is now."""

    @abstractmethod
    def state(self) -> dict[str, np.ndarray]:
        """Return all that iterations change, by name."""

    @abstractmethod
    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over what `state` of an equal distiller returned; it then goes on to the same bits."""

    def rng(self, number: int) -> np.random.Generator:
        """Return the generator of one iteration."""
        return np.random.default_rng([self.seed, number])
