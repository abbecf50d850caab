"""Stable-Baselines3's PPO on the environment, without anything of this package but the environment.

    python examples/train_ppo.py

Prints SB3's own table as it learns, then the validation accuracy that an episode of the trained policy begins and ends
with. A minute on two cores.
"""

from __future__ import annotations

import argparse

import gymnasium as gym
import torch
from stable_baselines3 import PPO

import mps_env  # noqa: F401 (registers MPSDistill-v0)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2_048)
    steps = parser.parse_args().steps

    torch.set_num_threads(1)  # on networks this small, several only wait for each other
    env = gym.make("MPSDistill-v0", proxy="ridge", observation="features", reward="gain")
    model = PPO("MlpPolicy", env, n_steps=128, batch_size=64, seed=0, device="cpu", verbose=1)
    model.learn(steps)
    observation, info = env.reset(seed=1)
    start, is_over = info["val_accuracy"], False
    while not is_over:
        action, _ = model.predict(observation)
        observation, _, terminated, truncated, info = env.step(action)
        is_over = terminated or truncated
    print(f"validation accuracy {start:.1%} -> best {info['best_val_accuracy']:.1%}")
