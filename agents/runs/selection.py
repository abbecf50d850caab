"""The second look at the best sets of a run: scores on fresh seeds, so that none wins by its luck alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mps_env.acceptance import Rank
from mps_env.proxies.base import Proxy
from mps_env.synthetic_set import SyntheticSet

FRESH_SEEDS = 3
# Far from any seed that an episode draws from its generator's 31 bits.
_FIRST_FRESH_SEED = 2**31
_SIGNIFICANCE = 0.05


@dataclass(frozen=True, eq=False)
class FreshScore:
    """A set's scores on fresh seeds.

    Args:
        accuracies: (S,) validation accuracy by seed.
        losses: (S,) validation loss by seed.
    """

    accuracies: np.ndarray
    losses: np.ndarray

    @property
    def accuracy(self) -> float:
        """Mean validation accuracy."""
        return float(self.accuracies.mean())

    @property
    def loss(self) -> float:
        """Mean validation loss."""
        return float(self.losses.mean())


def score_freshly(proxy: Proxy, sets: Sequence[SyntheticSet], seed: int) -> list[FreshScore]:
    """Score sets with proxies that had no part in finding them, all with the same ones.

    Args:
        proxy: The run's proxy.
        sets: What to score.
        seed: The run's seed.
    """
    scores = []
    for fresh_seed in _fresh_seeds(seed):
        fresh = proxy.renewed(fresh_seed)
        scores.append(fresh.score_batch([fresh.begin(fresh_seed)] * len(sets), sets))
    return [
        FreshScore(
            accuracies=np.array([score.accuracy for score in of_set]),
            losses=np.array([score.loss for score in of_set]),
        )
        for of_set in zip(*scores, strict=True)
    ]


@dataclass(frozen=True)
class Costs:
    """What `score_freshly` takes, in seconds.

    Args:
        fixed: For its proxies, however many sets they score.
        each: For one set more.
    """

    fixed: float
    each: float

    def seconds_of(self, n_sets: int) -> float:
        """Return the seconds for so many sets."""
        return self.fixed + n_sets * self.each

    def sets_within(self, seconds: float) -> int:
        """Return how many sets can be scored within some seconds."""
        return max(0, int((seconds - self.fixed) / self.each))


def measured_costs(proxy: Proxy, synthetic_set: SyntheticSet, seed: int) -> Costs:
    """Measure what `score_freshly` will take, on three sets of a size with the given one.

    The first score compiles what all share, and is not counted; the second is a new proxy's first; the third is one
    set more. Their images differ, for what a proxy knows already costs it nothing.
    """
    mirrored = [SyntheticSet(np.flip(synthetic_set.images, axis).copy(), synthetic_set.labels) for axis in (1, 2)]
    first, second = (proxy.renewed(fresh_seed) for fresh_seed in _fresh_seeds(seed)[:2])
    _seconds_of_score(first, synthetic_set, seed)
    new_proxy, one_more = (_seconds_of_score(second, one, seed) for one in mirrored)
    return Costs(fixed=FRESH_SEEDS * max(0.0, new_proxy - one_more), each=FRESH_SEEDS * one_more)


def _seconds_of_score(proxy: Proxy, synthetic_set: SyntheticSet, seed: int) -> float:
    trial = proxy.begin(seed)
    started = time.perf_counter()
    proxy.score(trial, synthetic_set)
    return time.perf_counter() - started


def leader(scores: Sequence[FreshScore], rank: Callable[[float, float], Rank]) -> int:
    """Return the position of the score with the highest rank."""
    return max(range(len(scores)), key=lambda index: rank(scores[index].accuracy, scores[index].loss))


def choose(scores: Sequence[FreshScore], rank: Callable[[float, float], Rank]) -> int:
    """Return the position of the leader, or the last one where the leader's lead over that is not significant.

    Many noisy scores have a maximum above all of their means: of sixteen sets that are worth as much as the last, one
    leads it by a standard error nearly always. So the lead must pass a t-test at 5 %, corrected for as many comparisons
    (Bonferroni) and with the scatter of all sets: what neither the set nor the seed explains, as in a two-way layout.

    Args:
        scores: At least one; the last is that of the set which stands unless another is clearly better.
        rank: What sets are compared by; its first entry is what a lead is measured in.
    """
    best, last = leader(scores, rank), len(scores) - 1
    if best == last:
        return last
    from scipy import stats

    values = np.array([_by_seed(score, rank) for score in scores])
    lead = values[best].mean() - values[last].mean()
    noise = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    freedom = last * (values.shape[1] - 1)
    standard_error = np.sqrt(2 * np.square(noise).sum() / freedom / values.shape[1])
    return best if lead > stats.t.isf(_SIGNIFICANCE / last, freedom) * standard_error else last


def _fresh_seeds(seed: int) -> list[int]:
    first = _FIRST_FRESH_SEED + FRESH_SEEDS * seed
    return list(range(first, first + FRESH_SEEDS))


def _by_seed(score: FreshScore, rank: Callable[[float, float], Rank]) -> np.ndarray:
    return np.array([rank(*pair)[0] for pair in zip(score.accuracies, score.losses, strict=True)])
