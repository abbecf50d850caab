"""Stable-Baselines3's PPO on the environment, without anything of this package but the environment.

python examples/train_ppo.py
"""

from __future__ import annotations

import gymnasium as gym
from stable_baselines3 import PPO

import mps_env  # noqa: F401 (registers MPSDistill-v0)

if __name__ == "__main__":
    env = gym.make("MPSDistill-v0", proxy="ridge", observation="features", reward="gain")
    model = PPO("MlpPolicy", env, n_steps=128, batch_size=64, seed=0, device="cpu", verbose=1)
    model.learn(2_048)
    observation, info = env.reset(seed=1)
    start = info["val_accuracy"]
    for _ in range(200):
        action, _ = model.predict(observation, deterministic=False)
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            break
    print(f"validation accuracy {start:.1%} -> best {info['best_val_accuracy']:.1%}")
