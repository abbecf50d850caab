"""Rewards by name: pure functions of one transition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mps_env.proxies.base import Score
from mps_env.registry import Registry
from mps_env.synthetic_set import SyntheticSet


@dataclass(frozen=True, eq=False)
class Transition:
    """One step as a reward sees it.

    Args:
        before: The set before the edit.
        after: The set that was kept.
        slot: Where the edit was made.
        score_before: The proxy's score of `before`.
        score_after: The proxy's score of `after`.
        predict: (n, H, W, C) -> (n, K) class probabilities by the proxy trained on `after`.
    """

    before: SyntheticSet
    after: SyntheticSet
    slot: int
    score_before: Score
    score_after: Score
    predict: Callable[[np.ndarray], np.ndarray]


REWARDS: Registry[Callable[[Transition], float]] = Registry("reward")
register_reward = REWARDS.register


@register_reward("accuracy")
def accuracy(transition: Transition) -> float:
    """The proxy's validation accuracy on the set that was kept, in [0, 1]."""
    return transition.score_after.accuracy


@register_reward("gain")
def gain(transition: Transition) -> float:
    """The change of validation accuracy, in [-1, 1]; an episode's rewards add up to final minus initial."""
    return transition.score_after.accuracy - transition.score_before.accuracy


@register_reward("similarity")
def similarity(transition: Transition) -> float:
    """The reward of MPS-o, in [0, 1]: half closeness to the image before, half whether the proxy knows its class.

    ½ · 1 / (1 + mean absolute pixel change) + ½ · (the proxy classifies the slot's image rightly).
    """
    image = transition.after.images[transition.slot]
    change = float(np.abs(image - transition.before.images[transition.slot]).mean())
    predicted = int(transition.predict(image[None])[0].argmax())
    return 0.5 / (1 + change) + 0.5 * (predicted == int(transition.after.classes[transition.slot]))
