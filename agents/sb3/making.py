"""Makes a Stable-Baselines3 algorithm that suits an environment's spaces."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np

from agents.sb3.agent import SB3Agent
from agents.sb3.observations import VectorObservation, bytes_of, readable
from agents.sb3.random_state import RandomState
from agents.sb3.stable_baselines import NormalActionNoise
from agents.sb3.table import ALGORITHMS, EXTRACTORS, Algorithm
from mps_env.json_types import check_types
from mps_env.keywords import check_keywords

LARGEST_BUFFER = 512 * 2**20  # bytes of observations in a replay buffer
# SB3's arguments that are ours to give.
_FIXED = ("env", "seed", "_init_setup_model")


def make_sb3_agent(env: Any, *, algorithm: str, seed: int = 0, **settings: Any) -> SB3Agent:
    """Make an algorithm with a policy class and sizes that suit the environment's spaces.

    Args:
        env: A `gym.Env` or a `VecEnv`.
        algorithm: A name of the table.
        seed: Seeds the algorithm and the environment.
        settings: Arguments of the SB3 class; `policy_kwargs` are merged with the table's, and a number as
            `action_noise` is the deviation of Gaussian noise.

    Raises:
        ModuleNotFoundError: If it needs sb3-contrib and that is missing.
        ValueError: If a setting is unknown or has the wrong type, or the environment lacks what the algorithm needs.
    """
    row = ALGORITHMS[algorithm]
    algorithm_class = row.load_class()
    check_keywords(f"agent {algorithm!r}", algorithm_class, settings, skip=_FIXED)
    # A number is ours to take as noise.
    check_types(f"agent {algorithm!r}", algorithm_class, {k: v for k, v in settings.items() if k != "action_noise"})
    _check_env(algorithm, row, env)
    seen, policy = readable(env, row.policies)
    arguments = {"policy": policy, "device": "cpu", **_settings_for(row, seen), **settings}
    arguments["policy_kwargs"] = {
        **row.policy_kwargs,
        **EXTRACTORS.get(policy, {}),
        **(settings.get("policy_kwargs") or {}),
    }
    if "batch_size" in arguments and "batch_size" not in settings and "n_steps" in arguments:
        arguments["batch_size"] = min(arguments["batch_size"], arguments["n_steps"] * getattr(env, "num_envs", 1))
    if isinstance(arguments.get("train_freq"), list):  # JSON has no tuples, and SB3 no lists
        arguments["train_freq"] = tuple(arguments["train_freq"])
    if "action_noise" in arguments:
        arguments["action_noise"] = _as_noise(arguments["action_noise"], env.action_space)
    random_state = RandomState()
    with random_state.active():
        model = algorithm_class(env=seen, seed=seed, **arguments)
    return SB3Agent(
        algorithm,
        model,
        random_state,
        observation_space=env.observation_space,
        is_flattened=isinstance(seen, VectorObservation),
        seed=seed,
    )


def _check_env(algorithm: str, row: Algorithm, env: Any) -> None:
    if isinstance(env, gym.vector.VectorEnv):
        raise ValueError(
            f"{algorithm} needs a gym.Env or SB3's VecEnv, got a Gymnasium VectorEnv. Use gym.make, or"
            " agents.make_sb3_vec_env for several MPSDistill-v0 at once."
        )
    if row.needs_masks and isinstance(env, gym.Env) and not hasattr(env.unwrapped, "action_masks"):
        raise ValueError(f"{algorithm} needs an environment with action_masks(), {env} has none. Use ppo instead.")


def _settings_for(row: Algorithm, env: Any) -> dict[str, Any]:
    """The table's settings, with the replay buffer bounded in bytes."""
    settings = dict(row.settings)
    if row.has_replay_buffer:
        fitting = LARGEST_BUFFER // (2 * bytes_of(env.observation_space))
        settings["buffer_size"] = max(settings["batch_size"], min(settings["buffer_size"], fitting))
    return settings


def _as_noise(noise: Any, space: gym.spaces.Box) -> Any:
    """Make Gaussian noise for an action space of a number; whatever else SB3 takes is left as it is."""
    if isinstance(noise, bool) or not isinstance(noise, int | float):
        return noise
    if noise < 0:
        raise ValueError(f"action_noise must be >= 0, got {noise}. It is the deviation of Gaussian noise; try 0.2.")
    return NormalActionNoise(np.zeros(space.shape), np.full(space.shape, noise))
