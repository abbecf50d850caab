"""The units in which the network learns values: centred on, and scaled by, the rewards seen so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_VALUE = 20.0  # in reward deviations; a rarer, larger one (an episode's end) would drown all others


@dataclass
class ValueScale:
    """Running mean and deviation of the rewards, and from them Q = offset + scale * network.

    Rewards that are accuracies hardly differ: at 0.80 ± 0.01 and γ 0.95 every value is near 16, and what tells
    good actions from bad is a thousandth of it. With offset mean / (1 - γ) and the deviation as the scale, the
    network has to learn the differences only. This is a change of variables, not of the problem: the end of an
    episode is still worth zero, that is -offset / scale to the network (targets are clipped, see above).
    Compare reward centering (Naik, Wan, Tomar, Sutton, RLC 2024), whose differential values it equals where
    episodes do not end.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0  # sum of squared deviations from the mean (Welford)

    def observe(self, reward: float) -> None:
        """Take one more reward into account."""
        self.count += 1
        before = reward - self.mean
        self.mean += before / self.count
        self.squares += before * (reward - self.mean)

    def offset(self, gamma: float) -> float:
        """Return the value of receiving the mean reward for ever."""
        return self.mean / (1 - gamma)

    @property
    def scale(self) -> float:
        """The rewards' standard deviation; 1 where they do not differ."""
        deviation = math.sqrt(max(self.squares, 0.0) / self.count) if self.count else 0.0
        return deviation if deviation > 1e-6 else 1.0
