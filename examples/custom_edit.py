"""An edit of your own in ten lines: register a function, name it, and let an agent use it.

    python examples/custom_edit.py

Prints the validation accuracy at the end and at its best.
"""

from __future__ import annotations

import argparse

import gymnasium as gym
import numpy as np

from agents import make_agent
from mps_env import EditContext, SyntheticSet, register_edit


@register_edit("mirror")
def mirror(synthetic_set: SyntheticSet, slot: int, context: EditContext, rng: np.random.Generator) -> SyntheticSet:
    """Mirror the slot's image left to right."""
    return synthetic_set.with_slot(slot, synthetic_set.images[slot][:, ::-1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=400)
    steps = parser.parse_args().steps

    env = gym.make("MPSDistill-v0", proxy="ridge", observation="features", edits=["keep", "mirror", "fittest"])
    make_agent("dqn", env, seed=0).learn(steps)
    episode = env.unwrapped.episode
    print(f"validation accuracy {episode.score.accuracy:.1%}, best of the episode {episode.best_score.accuracy:.1%}")
