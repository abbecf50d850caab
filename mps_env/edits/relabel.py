"""The edit of the label: soften it towards what the ridge bank says of the image."""

from __future__ import annotations

import numpy as np

from mps_env.edits.base import EditContext
from mps_env.synthetic_set import SyntheticSet

_SHARE = 0.2


def relabel(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Move the label a fifth of the way to the ridge bank's prediction.

    The slot's class must stay its label's largest entry, or a few steps could turn one class into another that
    the balance of the set does not allow; where the step would change it, the set stays as it is.
    """
    predicted = context.get_advisor().predict(synthetic_set, synthetic_set.images[slot : slot + 1])[0]
    label = (1 - _SHARE) * synthetic_set.labels[slot] + _SHARE * predicted
    if label.argmax() != synthetic_set.classes[slot]:
        return synthetic_set
    return synthetic_set.with_slot(slot, label=(label / label.sum()).astype(np.float32))
