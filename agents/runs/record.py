"""What a run tells its listeners: of an agent's every step, or of each evaluation of a distiller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mps_env.proxies.base import Score
from mps_env.synthetic_set import SyntheticSet


@dataclass(frozen=True, eq=False)
class Record:
    """A moment of a run.

    Args:
        step: Environment steps or iterations so far.
        values: What else is worth a column: an agent's reward and edit, a distiller's loss. Equal keys in all of a run.
        proxy_trainings: Trainings so far.
        seconds: Work so far.
        synthetic_set: The set as it is.
        score: Its score.
        action: What led here, as an agent gave it; None after a reset, and for a distiller.
    """

    step: int
    values: Mapping[str, float]
    proxy_trainings: int
    seconds: float
    synthetic_set: SyntheticSet
    score: Score
    action: Any = None


class Listener(Protocol):
    """Anything that wants to see a run go on."""

    def on_record(self, record: Record) -> None:
        """Take note of a moment."""
