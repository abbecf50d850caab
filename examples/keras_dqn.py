"""The MPS family's Keras DQN: make it by name, let it learn, save it, read it back, and keep the set it found.

    python examples/keras_dqn.py

Prints the validation accuracy at the start and at its best, and the set's file, which `mps evaluate` audits.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import gymnasium as gym

import mps_env
from agents import load_agent, make_agent

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=None, help="folder for agent and set (default: a temporary one)")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())

    env = gym.make("MPSDistill-v0", proxy="ridge", observation="features", reward="gain")
    agent = make_agent("dqn", env, seed=0).learn(options.steps)
    agent = load_agent(agent.save(out / "dqn"), env)  # an .npz of arrays and JSON, no pickles

    observation, info = env.reset(seed=1)
    start, is_over = info["val_accuracy"], False
    while not is_over:
        action, _ = agent.predict(observation, deterministic=True, action_masks=info["action_mask"])
        observation, _, terminated, truncated, info = env.step(action)
        is_over = terminated or truncated
    mps_env.save_set(out / "set.npz", env.unwrapped.best_set)
    print(f"validation accuracy {start:.1%} -> best {info['best_val_accuracy']:.1%}; the set is {out / 'set.npz'}")
