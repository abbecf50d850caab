"""The units in which the network learns values: what the last reward lets expect is taken off before."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LARGEST_VALUE = 20.0  # in units; a rarer, larger one (an episode's end) would drown all others
_FEWEST_PAIRS = 20  # before rewards are called correlated
_LARGEST_CORRELATION = 0.999


@dataclass
class ValueScale:
    """Mean, deviation and correlation of the rewards so far, and from them Q = baseline(last reward) + unit * network.

    Rewards that are accuracies hardly differ, and what differs mostly stays: a good set is good for the rest of the
    episode whatever is done next, so that the value of a state varies a hundred times as much as the values of its
    actions do. If rewards follow each other as r' - mean = rho (r - mean) + noise, those after a reward r are worth

        baseline(r) = mean / (1 - gamma) + rho (r - mean) / (1 - gamma rho)

    and one unit of noise is worth 1 / (1 - gamma rho). With that taken off, the network has to learn no more than what
    an action adds. It is a change of variables, not of the problem: potential-based shaping (Ng, Harada, Russell,
    ICML 1999) with the baseline as potential. For uncorrelated rewards it is reward centering (Naik, Wan, Tomar,
    Sutton, RLC 2024).
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0  # sum of squared deviations from the mean (Welford)
    pairs: int = 0  # rewards that followed another one in their episode
    last_mean: float = 0.0  # of the first of each pair
    next_mean: float = 0.0
    last_squares: float = 0.0
    products: float = 0.0  # sum of the products of both deviations

    def observe(self, reward: float, last_reward: float = math.nan) -> None:
        """Take one more reward into account, and the one before it in the same episode (NaN: there was none)."""
        self.count += 1
        before = reward - self.mean
        self.mean += before / self.count
        self.squares += before * (reward - self.mean)
        if not math.isnan(last_reward):
            self.pairs += 1
            last_before = last_reward - self.last_mean
            self.last_mean += last_before / self.pairs
            self.last_squares += last_before * (last_reward - self.last_mean)
            self.products += last_before * (reward - self.next_mean) * (self.pairs - 1) / self.pairs
            self.next_mean += (reward - self.next_mean) / self.pairs

    @property
    def correlation(self) -> float:
        """The slope rho of a reward over the one before it, in [0, 0.999]; 0 while too few are known."""
        if self.pairs < _FEWEST_PAIRS or self.last_squares < 1e-12 * self.pairs:
            return 0.0
        return min(max(self.products / self.last_squares, 0.0), _LARGEST_CORRELATION)

    def baseline(self, last_rewards: np.ndarray, gamma: float) -> np.ndarray:
        """Return what is to be expected after each reward, discounted; NaN stands for the mean."""
        rho = self.correlation
        deviations = np.nan_to_num(np.asarray(last_rewards, np.float64) - self.mean)
        return self.mean / (1 - gamma) + deviations * rho / (1 - gamma * rho)

    def unit(self, gamma: float) -> float:
        """Return what one deviation of the unexpected part of a reward is worth; 1 where rewards do not differ."""
        deviation = math.sqrt(max(self.squares, 0.0) / self.count) if self.count else 0.0
        if deviation < 1e-6:
            return 1.0
        rho = self.correlation
        return deviation * math.sqrt(1 - rho**2) / (1 - gamma * rho)
