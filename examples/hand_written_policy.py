"""A policy written by hand: look at the slot under the cursor, and replace its image where it does harm.

    python examples/hand_written_policy.py

Prints the validation accuracy that random edits reach from the same set in as many steps, and what the policy reaches.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import gymnasium as gym
import numpy as np

import mps_env  # noqa: F401 (registers MPSDistill-v0)
from mps_env.observations.features import FEATURE_NAMES

EDITS = ["keep", "fittest", "random_real", "undo"]
Policy = Callable[[np.ndarray], int]


def replace_what_harms(observation: np.ndarray) -> int:
    """Return the edit: `undo` what lowered the accuracy, replace where the set does better without, `keep` the rest."""
    seen = dict(zip(FEATURE_NAMES, observation, strict=True))
    if seen["last_gain"] < 0:
        return EDITS.index("undo")
    return EDITS.index("fittest" if seen["influence"] < 0.1 else "keep")


def best_accuracy(policy: Policy, steps: int) -> float:
    """Return the best validation accuracy of one episode."""
    env = gym.make("MPSDistill-v0", proxy="ridge", observation="features", edits=EDITS, max_episode_steps=steps)
    observation, info = env.reset(seed=0)
    is_over = False
    while not is_over:
        observation, _, terminated, truncated, info = env.step(policy(observation))
        is_over = terminated or truncated
    return info["best_val_accuracy"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=400)
    steps = parser.parse_args().steps

    rng = np.random.default_rng(0)
    print(f"random edits: {best_accuracy(lambda observation: int(rng.integers(len(EDITS))), steps):.1%}")
    print(f"by hand:      {best_accuracy(replace_what_harms, steps):.1%}")
