"""Puts the environments that rl_zoo3 makes for evaluation on the task that it trains on."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from mps_env.config import EnvConfig
from mps_env.env import MPSDistillEnv


def on_task(env: gym.Env, **env_kwargs: Any) -> gym.Env:
    """Return the environment, on the task of `env_kwargs` if it was made without any arguments.

    rl_zoo3 gives a config's `env_kwargs` to the environment it trains in, but neither to the one it evaluates in nor
    to that of `rl_zoo3.enjoy`; those come with the default task, whose observations are others. Its wrappers it gives
    to all three. An environment of `--env-kwargs` stays as it is.
    """
    base = env.unwrapped
    if not isinstance(base, MPSDistillEnv):
        raise TypeError(f"these hyperparameters are for MPSDistill-v0, got {env}. Give --env MPSDistill-v0.")
    if base.task.config == EnvConfig():
        MPSDistillEnv.__init__(base, render_mode=base.render_mode, **env_kwargs)
    return env
