"""What an edit is: a pure function from one synthetic set to the next, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mps_env.synthetic_set import SyntheticSet

if TYPE_CHECKING:
    from mps_env.class_statistics import ClassStatistics
    from mps_env.data import Dataset
    from mps_env.pools import Pool
    from mps_env.ridge.advisor import RidgeAdvisor


@dataclass(frozen=True, eq=False)
class EditContext:
    """What an edit may look at besides the set itself. Nothing in it may be changed.

    Args:
        dataset: For training images; validation images are the reward's alone.
        pool: Where replacement images come from.
        statistics: Means, prototypes and principal directions of the training classes.
        predict: (n, H, W, C) images -> (n, K) class probabilities by the proxy trained on the current set.
        get_advisor: Returns the ridge bank's advisor, built on the first call.
        previous: The set before the last edit, or None where there is nothing to take back.
    """

    dataset: Dataset
    pool: Pool
    statistics: ClassStatistics
    predict: Callable[[np.ndarray], np.ndarray]
    get_advisor: Callable[[], RidgeAdvisor]
    previous: SyntheticSet | None = None


EditFunction = Callable[[SyntheticSet, int, EditContext, np.random.Generator], SyntheticSet]


@dataclass(frozen=True)
class Edit:
    """A change of one slot, registered under a name.

    Args:
        apply: (set, slot, context, rng) -> the new set; pure, all randomness from `rng`.
        is_possible: (set, context) -> whether `apply` can do anything now; None means always.
        ends_episode: True for the edit that stops.
    """

    apply: EditFunction
    is_possible: Callable[[SyntheticSet, EditContext], bool] | None = None
    ends_episode: bool = False
