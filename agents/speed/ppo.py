"""A PPO run on digits under the ridge proxy: how long it takes, and how much of that is Stable-Baselines3's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def measure_ppo(steps: int = 10_000, *, num_envs: int = 8, **kwargs: Any) -> dict[str, float]:
    """Let PPO learn in the native vector environment, and time what it spends in there.

    Args:
        steps: Environment steps.
        num_envs: Environments.
        kwargs: Further arguments of the environments.

    Returns:
        `seconds` of all, PyTorch's import and the making of environments included, `learn_seconds` of the learning
        alone, `env_seconds` of that in the environments, and the share that is left to Stable-Baselines3.
    """
    start = time.perf_counter()
    from agents.catalogue import make_agent
    from agents.sb3.vec_env import make_sb3_vec_env

    task = {"proxy": "ridge", "observation": "features", "reward": "gain", **kwargs}
    env = make_sb3_vec_env(num_envs, **task)
    agent = make_agent("ppo", env, seed=0)
    inside = [0.0]
    for name in ("reset", "step_wait"):
        setattr(env.venv, name, _timed(getattr(env.venv, name), inside))
    learning = time.perf_counter()
    agent.learn(steps)
    end = time.perf_counter()
    return {
        "steps": agent.num_timesteps,
        "num_envs": num_envs,
        "seconds": end - start,
        "learn_seconds": end - learning,
        "env_seconds": inside[0],
        "share_in_sb3": 1 - inside[0] / (end - learning),
    }


def _timed(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    """Return the call with its time added to `seconds[0]`."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            seconds[0] += time.perf_counter() - start

    return timed
