"""The gradient edit: a step down the ridge loss with respect to one slot's pixels."""

from __future__ import annotations

import numpy as np

from mps_env.edits.base import EditContext
from mps_env.synthetic_set import SyntheticSet

_STEP_RMS = 0.06  # root mean square pixel change of one step


def gradient(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Step down the ridge bank's loss on a random batch of training images (FRePo's objective for one slot).

    The step has a fixed length, so that an edit means the same early and late and on every data set.
    """
    image = synthetic_set.images[slot]
    direction = context.get_advisor().gradient(synthetic_set, slot, rng)
    rms = float(np.sqrt(np.mean(np.square(direction))))
    if rms == 0:
        return synthetic_set
    return synthetic_set.with_slot(slot, np.clip(image - (_STEP_RMS / rms) * direction, 0, 1))
