"""Which observations Stable-Baselines3 can read as they are, and a vector of those it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from agents.encoding import ObservationEncoder
from agents.sb3.table import DICT, IMAGE, VECTOR

SMALLEST_IMAGE = 36  # pixels per side that SB3's NatureCNN needs


class VectorObservation(gym.ObservationWrapper):
    """Shows any observation as one float32 vector, pixels divided by 255 (see `ObservationEncoder`)."""

    def __init__(self, env: gym.Env) -> None:
        super().__init__(env)
        self.encoder = ObservationEncoder(env.observation_space)
        self.observation_space = spaces.Box(-np.inf, np.inf, (self.encoder.size,), np.float32)

    def observation(self, observation: Any) -> np.ndarray:
        """Return the vector of one observation."""
        return self.encoder.encode(observation)


def kind_of(space: gym.Space) -> str | None:
    """Return image, dict or vector for what SB3 reads as it is, None for what must be made a vector."""
    if isinstance(space, spaces.Dict):
        parts = {kind_of(part) for part in space.spaces.values()}
        return DICT if parts <= {IMAGE, VECTOR} else None
    if isinstance(space, spaces.Box) and space.dtype == np.uint8:
        return IMAGE if _is_picture(space) else None  # any other uint8 box is taken for a picture, and crashes
    if isinstance(space, (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)):
        return VECTOR
    return None


def readable(env: Any, policies: Mapping[str, str]) -> tuple[Any, str]:
    """Return the environment as an algorithm with these policies can see it, and the policy to use.

    Raises:
        ValueError: If it must be wrapped and is a `VecEnv`.
    """
    kind = kind_of(env.observation_space)
    if kind is not None and kind in policies:
        return env, policies[kind]
    if not isinstance(env, gym.Env):
        raise ValueError(
            f"this algorithm cannot read {env.observation_space} from a VecEnv. Give a gym.Env, which is then wrapped,"
            " or choose another observation."
        )
    return VectorObservation(env), policies[VECTOR]


def bytes_of(space: gym.Space) -> int:
    """Return the bytes of one observation in a replay buffer."""
    if isinstance(space, spaces.Dict):
        return sum(bytes_of(part) for part in space.spaces.values())
    return int(np.prod(space.shape or (1,))) * np.dtype(space.dtype).itemsize


def _is_picture(space: spaces.Box) -> bool:
    if len(space.shape) != 3 or not (space.low == 0).all() or not (space.high == 255).all():
        return False
    height_width = sorted(space.shape)[1:]  # SB3 takes the smallest dimension for the channels
    return min(height_width) >= SMALLEST_IMAGE
