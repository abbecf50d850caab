"""Edits that put another image into a slot; the label stays."""

from __future__ import annotations

import numpy as np

from mps_env.edits.base import EditContext
from mps_env.synthetic_set import SyntheticSet

# How many pool images an edit looks at when it searches for the best of them: enough to find a good one, few
# enough that the search costs less than a proxy score.
_SEARCH_WIDTH = 64


def random_real(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Replace by a random pool image of the slot's class."""
    rows = context.pool.of_class(int(synthetic_set.classes[slot]))
    return synthetic_set.with_slot(slot, context.pool.images[rng.choice(rows)])


def prototype(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Replace by a random k-means prototype of the slot's class."""
    prototypes = context.statistics.prototypes(int(synthetic_set.classes[slot]))
    return synthetic_set.with_slot(slot, prototypes[rng.integers(len(prototypes))])


def hardest(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Replace by the pool image, of 64 drawn, that the current proxy gets most wrong."""
    candidates = _candidates(synthetic_set, slot, context, rng)
    of_class = context.predict(candidates)[:, synthetic_set.classes[slot]]
    return synthetic_set.with_slot(slot, candidates[of_class.argmin()])


def nearest(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Replace by the pool image, of 64 drawn, that is nearest to the slot's own, but not the same."""
    candidates = _candidates(synthetic_set, slot, context, rng)
    distances = _distances(candidates, synthetic_set.images[slot])
    distances[distances == 0] = np.inf
    return synthetic_set.with_slot(slot, candidates[distances.argmin()])


def farthest(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Replace by the pool image, of 64 drawn, that is farthest from the slot's own."""
    candidates = _candidates(synthetic_set, slot, context, rng)
    return synthetic_set.with_slot(slot, candidates[_distances(candidates, synthetic_set.images[slot]).argmax()])


def fittest(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Replace by the pool image, of 64 drawn, with which the ridge bank fits training images best.

    The loss of each candidate is had in closed form (`mps_env.ridge.regression`), so the search costs about as
    much as one ridge score. Where the slot's own image fits best, it stays. Training images only: the validation
    split stays the reward's.
    """
    rows = _draw_rows(synthetic_set, slot, context, rng)
    candidates = np.concatenate([synthetic_set.images[slot : slot + 1], context.pool.images[rows]])
    keys = [*synthetic_set.image_keys[slot : slot + 1].tolist(), *context.pool.image_keys[rows].tolist()]
    losses = context.get_advisor().candidate_losses(synthetic_set, slot, candidates, keys)
    chosen = int(losses.argmin())
    return synthetic_set if chosen == 0 else synthetic_set.with_slot(slot, candidates[chosen])


def _candidates(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> np.ndarray:
    """Return up to 64 random pool images of the slot's class."""
    return context.pool.images[_draw_rows(synthetic_set, slot, context, rng)]


def _draw_rows(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> np.ndarray:
    """Return the pool positions of up to 64 random images of the slot's class."""
    rows = context.pool.of_class(int(synthetic_set.classes[slot]))
    return rng.choice(rows, size=min(_SEARCH_WIDTH, len(rows)), replace=False)


def _distances(images: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Squared distances, (n,), between (n, H, W, C) images and one."""
    difference = (images - image).reshape(len(images), -1)
    return np.einsum("nd,nd->n", difference, difference)
