"""RLlib's PPO on the environment. RLlib pins gymnasium 1.2.2, so it wants a virtual environment of its own.

    python3 -m venv rllib && rllib/bin/pip install "ray[rllib]" .
    rllib/bin/python examples/rllib_ppo.py

Installed together, pip takes the gymnasium that RLlib asks for, which this package runs with as well. Prints after each
iteration the steps so far and the mean return of the episodes that ended: with the reward `gain`, what they gained in
validation accuracy. Ray starts workers, which takes a quarter of a minute.
"""

from __future__ import annotations

import argparse
from typing import Any

import gymnasium as gym
import ray
from ray.rllib.algorithms.ppo import PPOConfig
from ray.tune.registry import register_env


def make_env(settings: dict[str, Any]) -> gym.Env:
    """Make one environment, in whichever process asks."""
    return gym.make("mps_env:MPSDistill-v0", **settings)


def configured(num_env_runners: int) -> PPOConfig:
    """Return a small PPO on digits under the ridge proxy."""
    settings = {"proxy": "ridge", "observation": "features", "reward": "gain"}
    return (
        PPOConfig()
        .environment("mps_distill", env_config=settings)
        .env_runners(num_env_runners=num_env_runners, num_envs_per_env_runner=4, rollout_fragment_length=64)
        .training(
            lr=1e-3, gamma=0.95, entropy_coeff=0.01, train_batch_size_per_learner=512, minibatch_size=64, num_epochs=4
        )
        .debugging(seed=0)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=4_096)
    parser.add_argument("--env-runners", type=int, default=1, help="processes that step environments; 0 for none")
    options = parser.parse_args()

    ray.init(num_cpus=options.env_runners + 1, include_dashboard=False, log_to_driver=False)
    register_env("mps_distill", make_env)
    algorithm = configured(options.env_runners).build_algo()
    done_steps = 0
    while done_steps < options.steps:
        result = algorithm.train()
        done_steps = int(result["num_env_steps_sampled_lifetime"])
        gained = result["env_runners"].get("episode_return_mean", float("nan"))
        print(f"{done_steps:>6} steps: mean return {gained:+.3f}", flush=True)
    algorithm.stop()
    ray.shutdown()
