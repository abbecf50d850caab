"""The second look at the best sets of a run: scores on fresh seeds, so that none wins by its luck alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mps_env.acceptance import Rank
from mps_env.proxies.base import Proxy
from mps_env.synthetic_set import SyntheticSet

FRESH_SEEDS = 3
# Far from any seed that an episode draws from its generator's 31 bits.
_FIRST_FRESH_SEED = 2**31


@dataclass(frozen=True, eq=False)
class FreshScore:
    """A set's scores on fresh seeds.

    Args:
        accuracy: Mean validation accuracy.
        loss: Mean validation loss.
    """

    accuracy: float
    loss: float


def score_freshly(proxy: Proxy, sets: Sequence[SyntheticSet], seed: int) -> list[FreshScore]:
    """Score sets with proxies that had no part in finding them, all with the same ones.

    Args:
        proxy: The run's proxy.
        sets: What to score.
        seed: The run's seed.
    """
    scores = []
    for offset in range(FRESH_SEEDS):
        fresh_seed = _FIRST_FRESH_SEED + FRESH_SEEDS * seed + offset
        fresh = proxy.renewed(fresh_seed)
        trial = fresh.begin(fresh_seed)
        scores.append([fresh.score(trial, synthetic_set) for synthetic_set in sets])
    return [
        FreshScore(
            accuracy=float(np.mean([score.accuracy for score in of_set])),
            loss=float(np.mean([score.loss for score in of_set])),
        )
        for of_set in zip(*scores, strict=True)
    ]


def best_index(scores: Sequence[FreshScore], rank: Callable[[float, float], Rank]) -> int:
    """Return the position of the score with the highest rank."""
    return max(range(len(scores)), key=lambda index: rank(scores[index].accuracy, scores[index].loss))
