"""One environment behind one interface, be it a `gym.Env` or an SB3 `VecEnv` of one."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np


class SingleEnv:
    """What the agents' own loops step: `gym.Env`'s `reset` and `step`, and the current action mask.

    Args:
        env: A `gym.Env`, or a `VecEnv` (Stable-Baselines3's) with one environment.

    Raises:
        ValueError: If there is more than one environment.
        TypeError: If it is neither.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        self._is_vec_env = hasattr(env, "num_envs") and hasattr(env, "step_async") and hasattr(env, "env_is_wrapped")
        if isinstance(env, gym.vector.VectorEnv):
            raise ValueError("this agent acts in one environment, got a VectorEnv. Make it with gym.make instead.")
        if self._is_vec_env and env.num_envs != 1:
            raise ValueError(f"this agent acts in one environment, got a VecEnv of {env.num_envs}. Use a VecEnv of 1.")
        if not self._is_vec_env and not isinstance(env, gym.Env):
            raise TypeError(
                f"env must be a gym.Env or a VecEnv of 1, got {type(env).__name__}. Make one with gym.make."
            )
        self._waiting: tuple[Any, dict[str, Any]] | None = None

    def reset(self, seed: int | None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; a `VecEnv` has already begun the next one at the end of the last, unseeded."""
        if not self._is_vec_env:
            return self.env.reset(seed=seed)
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            return waiting
        if seed is not None:
            self.env.seed(seed)
        observations = self.env.reset()
        return first_of(observations), self.env.unwrapped.reset_infos[0]

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Return (observation, reward, terminated, truncated, info), the last observation of an episode included."""
        if not self._is_vec_env:
            observation, reward, terminated, truncated, info = self.env.step(action)
            return observation, float(reward), bool(terminated), bool(truncated), info
        observations, rewards, dones, infos = self.env.step(np.asarray([action]))
        observation, info = first_of(observations), infos[0]
        if not dones[0]:
            return observation, float(rewards[0]), False, False, info
        self._waiting = (observation, self.env.unwrapped.reset_infos[0])
        truncated = bool(info.get("TimeLimit.truncated", False))
        return info["terminal_observation"], float(rewards[0]), not truncated, truncated, info

    def action_mask(self, info: dict[str, Any]) -> np.ndarray | None:
        """Return the flags of allowed actions after the call that gave `info`; None where nothing is masked."""
        mask = info.get("action_mask")
        if mask is not None or self._is_vec_env:
            return mask
        return mask_of(self.env)


def mask_of(env: Any) -> np.ndarray | None:
    """Return what `env.action_masks()` says, through any wrappers; None where nothing can be masked."""
    if not isinstance(env, gym.Env) or isinstance(env.action_space, gym.spaces.Box):
        return None
    method = getattr(env.unwrapped, "action_masks", None)
    return None if method is None else method()


def first_of(observations: Any) -> Any:
    """Return the first observation of a batch: an array, or a dict or tuple of arrays."""
    if isinstance(observations, dict):
        return {key: first_of(part) for key, part in observations.items()}
    if isinstance(observations, tuple):
        return tuple(first_of(part) for part in observations)
    return observations[0]


def is_batch(observation: Any, space: gym.Space) -> bool:
    """Whether an observation has one more leading axis than its space."""
    while isinstance(space, (gym.spaces.Dict, gym.spaces.Tuple)):
        key: Any = next(iter(space.spaces)) if isinstance(space, gym.spaces.Dict) else 0
        observation, space = observation[key], space.spaces[key]
    return np.ndim(observation) == len(space.shape or ()) + 1


def episode_seed(seed: int, episode: int) -> int:
    """Return the seed of an episode's reset: `seed` for the first, fixed by (seed, episode) for later ones.

    So a run that goes on from a saved agent begins its next episode as the uninterrupted run would have.
    """
    return seed if episode == 0 else seed_of(seed, episode)


def seed_of(seed: int, number: int) -> int:
    """Return the seed of one of many parts of the work under a seed, in 31 bits."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)
