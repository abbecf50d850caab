"""Stable-Baselines3's `VecEnv` over the native vector environment, so that batched proxy work serves SB3, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np

import mps_env  # noqa: F401 (registers the environment)
from agents.sb3.stable_baselines import VecEnv, VecMonitor
from mps_env.vector_env import MPSDistillVectorEnv


def make_sb3_vec_env(num_envs: int = 8, *, seed: int | None = None, **kwargs: Any) -> VecMonitor:
    """Return `num_envs` environments on one task as SB3 takes them; its logger gets returns and lengths of episodes.

    Args:
        num_envs: How many.
        seed: Of the first reset: environment i gets `seed + i`. An SB3 algorithm with a seed sets its own.
        **kwargs: The environment's arguments, and `max_episode_steps` (200).
    """
    env = gym.make_vec("MPSDistill-v0", num_envs=num_envs, autoreset_mode="SAME_STEP", **kwargs)
    assert isinstance(env, MPSDistillVectorEnv)
    vec_env = VecMonitor(MPSDistillVecEnv(env))
    if seed is not None:
        vec_env.seed(seed)
    return vec_env


class MPSDistillVecEnv(VecEnv):
    """What SB3's `DummyVecEnv` over single environments would be, with one batched proxy call per step.

    Observations, rewards, ends and infos are the same for the same seeds. The environments have no wrappers: the time
    limit is the vector environment's.

    Args:
        env: The native vector environment; from here on stepped through this alone.
    """

    def __init__(self, env: MPSDistillVectorEnv) -> None:
        self.env = env
        self.envs = env.envs
        self._actions: Any = ()
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self.metadata = env.envs[0].metadata

    def reset(self) -> Any:
        """Start new episodes, with the seeds and options that were set since the last reset."""
        started = self.env.reset_some(np.arange(self.num_envs), self._seeds, self._options)
        self.reset_infos = list(started.values())
        self._reset_seeds()
        self._reset_options()
        return self.env.observations()

    def step_async(self, actions: np.ndarray) -> None:
        """Take note of the actions; the work is done in `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Step all; an episode that ends leaves its last observation in `info`, and the next one begins."""
        rewards = np.zeros(self.num_envs, np.float32)
        dones = np.zeros(self.num_envs, bool)
        infos: list[dict[str, Any]] = []
        steps = self.env.step_some(np.arange(self.num_envs), self._actions)
        for index, (observation, reward, terminated, truncated, info) in steps.items():
            rewards[index], dones[index] = reward, terminated or truncated
            info["TimeLimit.truncated"] = truncated and not terminated
            if dones[index]:
                info["terminal_observation"] = observation
            infos.append(info)
        over = np.flatnonzero(dones)
        for index, info in self.env.reset_some(over, [None] * len(over), [{}] * len(over)).items():
            self.reset_infos[index] = info
        return self.env.observations(), rewards, dones, infos

    def close(self) -> None:
        """Close the windows."""
        self.env.close()

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Return one frame an environment; None without the render mode `rgb_array`."""
        return [env.render() if self.render_mode == "rgb_array" else None for env in self.envs]

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of each environment."""
        return [getattr(env, attr_name) for env in self._chosen(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set an attribute of each environment."""
        for env in self._chosen(indices):
            setattr(env, attr_name, value)

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Call a method of each environment: `env_method("action_masks")` serves MaskablePPO."""
        return [getattr(env, method_name)(*method_args, **method_kwargs) for env in self._chosen(indices)]

    def env_is_wrapped(self, wrapper_class: type[gym.Wrapper], indices: Any = None) -> list[bool]:
        """Return False for each environment."""
        return [False for _ in self._chosen(indices)]

    def _chosen(self, indices: Any) -> list[Any]:
        return [self.envs[index] for index in self._get_indices(indices)]
