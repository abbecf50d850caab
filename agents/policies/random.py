"""`random`: uniform over the allowed actions; what every agent has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.policies.base import Policy


class RandomPolicy(Policy):
    """Draws every action uniformly from those the mask allows."""

    name = "random"

    def choose(self, observation: Any, mask: np.ndarray | None, info: dict[str, Any]) -> Any:
        """Return an action drawn uniformly from those allowed."""
        return self.sample(mask)
