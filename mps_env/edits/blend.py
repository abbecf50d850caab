"""Edits that move a slot towards real images: the class mean, or one of them."""

from __future__ import annotations

import numpy as np

from mps_env.edits.base import EditContext
from mps_env.synthetic_set import SyntheticSet

_MEAN_SHARE = 0.25
_MIX_SHARE = (0.2, 0.5)


def to_mean(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Go a quarter of the way to the mean training image of the slot's class."""
    mean = context.statistics.means[synthetic_set.classes[slot]]
    return synthetic_set.with_slot(slot, _blend(synthetic_set.images[slot], mean, _MEAN_SHARE))


def mix(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Mix with a random pool image of the same class, which gets 20 to 50 % of the weight."""
    other = context.pool.images[rng.choice(context.pool.of_class(int(synthetic_set.classes[slot])))]
    return synthetic_set.with_slot(slot, _blend(synthetic_set.images[slot], other, rng.uniform(*_MIX_SHARE)))


def _blend(image: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    # Clipped because rounding can leave [0, 1] by one unit in the last place.
    return np.clip((1 - share) * image + share * other, 0, 1)
