"""Actions as integers: what a network with an output an action can choose."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

LARGEST_JOINT_SPACE = 10_000


class ActionEncoder:
    """Numbers the actions of a `Discrete` or `MultiDiscrete` space 0..n-1; the last dimension counts fastest.

    Raises:
        ValueError: If there are more than 10,000 joint actions: each is an output of the network.
        TypeError: If the space is not countable.
    """

    def __init__(self, space: gym.Space) -> None:
        self.space = space
        if isinstance(space, spaces.Discrete):
            self._sizes: tuple[int, ...] = (int(space.n),)
            self._start = np.array([space.start])
        elif isinstance(space, spaces.MultiDiscrete):
            self._sizes = tuple(int(n) for n in space.nvec.reshape(-1))
            self._start = space.start.reshape(-1)
        else:
            raise TypeError(
                f"actions must be Discrete or MultiDiscrete, got {type(space).__name__}. Use another agent."
            )
        self._is_joint = isinstance(space, spaces.MultiDiscrete)
        self.n = int(np.prod(self._sizes))
        if self.n > LARGEST_JOINT_SPACE:
            raise ValueError(
                f"a value per action allows at most {LARGEST_JOINT_SPACE:,} joint actions, {space} has {self.n:,}."
                " Use an agent that chooses each dimension apart, such as ppo, or fewer slots."
            )

    def decode(self, index: int | np.integer) -> Any:
        """Return the action numbered `index`: an int64 for `Discrete`, an int64 array for `MultiDiscrete`."""
        if not self._is_joint:
            return np.int64(index + self._start[0])
        return (np.array(np.unravel_index(index, self._sizes)) + self._start).reshape(self.space.shape)

    def encode(self, action: Any) -> int:
        """Return the number of an action."""
        if not self._is_joint:
            return int(action) - int(self._start[0])
        return int(np.ravel_multi_index(tuple(np.reshape(action, -1) - self._start), self._sizes))

    def joint_mask(self, flags: np.ndarray | None) -> np.ndarray:
        """Return (n,) bool of allowed actions from the environment's flags (one an action, or the dimensions' joined).

        Raises:
            ValueError: If there is a wrong number of flags.
        """
        if flags is None:
            return np.ones(self.n, bool)
        flags = np.asarray(flags).astype(bool).reshape(-1)
        if len(flags) == self.n and not self._is_joint:
            return flags
        if len(flags) != sum(self._sizes):
            raise ValueError(
                f"action mask has {len(flags)} flags, {self.space} needs {sum(self._sizes)}. Mend env.action_masks()."
            )
        joint = np.ones((), bool)
        for part in np.split(flags, np.cumsum(self._sizes)[:-1]):
            joint = joint[..., None] & part
        return joint.reshape(-1)
