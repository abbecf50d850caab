"""What an audit finds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SeedResult:
    """One training from scratch.

    Args:
        seed: The number of the training, 0 <= seed < AuditConfig.seeds.
        accuracy: Test accuracy at the end, or at the best checkpoint by validation data; a fraction.
        seconds: Wall time of training and evaluation, without compiling.
        rows: The curve: one mapping a measurement with seed, step, epoch, train_loss, train_accuracy, test_loss,
            test_accuracy, by which nothing may choose, and val_accuracy where that chooses.
    """

    seed: int
    accuracy: float
    seconds: float
    rows: tuple[dict[str, float], ...]

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-able mapping that `from_json` reads."""
        return {**asdict(self), "rows": list(self.rows)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> SeedResult:
        """Rebuild what `to_json` returned."""
        return cls(**{**values, "rows": tuple(values["rows"])})


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """All trainings of one audit, in the order of their seeds.

    Args:
        seeds: One result per training.
        recipe: How it was trained, JSON-able.
    """

    seeds: tuple[SeedResult, ...]
    recipe: dict[str, Any]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Test accuracy of each training, fractions."""
        return tuple(result.accuracy for result in self.seeds)

    @property
    def mean(self) -> float:
        """Mean test accuracy."""
        return math.fsum(self.accuracies) / len(self.accuracies)

    @property
    def std(self) -> float:
        """Sample standard deviation of the test accuracies (divisor n - 1); 0 for one seed."""
        if len(self.seeds) < 2:
            return 0.0
        squares = math.fsum((accuracy - self.mean) ** 2 for accuracy in self.accuracies)
        return math.sqrt(squares / (len(self.seeds) - 1))

    @property
    def seconds(self) -> float:
        """Wall time of all trainings."""
        return math.fsum(result.seconds for result in self.seeds)

    @property
    def rows(self) -> tuple[dict[str, float], ...]:
        """The curves of all trainings, one after the other."""
        return tuple(row for result in self.seeds for row in result.rows)

    def to_json(self) -> dict[str, Any]:
        """Return accuracies, mean, std, seconds, recipe and the seeds' results as JSON-able values."""
        return {
            "mean": self.mean,
            "std": self.std,
            "accuracies": list(self.accuracies),
            "seconds": self.seconds,
            "recipe": self.recipe,
            "seeds": [result.to_json() for result in self.seeds],
        }
