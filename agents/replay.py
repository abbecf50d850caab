"""The replay memory: a ring of transitions in preallocated arrays."""

from __future__ import annotations

import logging
import math
from typing import NamedTuple

import numpy as np

_log = logging.getLogger(__name__)


class Transitions(NamedTuple):
    """A batch of B transitions."""

    observations: np.ndarray  # (B, D) float32
    actions: np.ndarray  # (B,) int32
    rewards: np.ndarray  # (B,) float32
    next_observations: np.ndarray  # (B, D) float32
    terminated: np.ndarray  # (B,) bool, no future after it
    next_masks: np.ndarray  # (B, A) bool, actions allowed next
    last_rewards: np.ndarray  # (B,) float32, the reward before, NaN at the start of an episode


class ReplayMemory:
    """Keeps the last `capacity` transitions.

    Args:
        capacity: Most transitions to keep.
        observation_size: D.
        num_actions: A; the masks are stored one bit an action.
        max_bytes: Bound on the arrays; it lowers `capacity` where observations are large (logged).

    The arrays are reserved at once, but the system gives pages only when they are written to.
    """

    def __init__(self, capacity: int, observation_size: int, num_actions: int, *, max_bytes: int) -> None:
        mask_bytes = (num_actions + 7) // 8
        row_bytes = 2 * 4 * observation_size + mask_bytes + 13
        self.capacity = max(1, min(capacity, max_bytes // row_bytes))
        if self.capacity < capacity:
            _log.info("replay memory: %d of %d transitions fit in %d bytes", self.capacity, capacity, max_bytes)
        self.num_actions = num_actions
        self.size = 0
        self._next = 0
        self._columns = {
            "observations": np.zeros((self.capacity, observation_size), np.float32),
            "actions": np.zeros(self.capacity, np.int32),
            "rewards": np.zeros(self.capacity, np.float32),
            "next_observations": np.zeros((self.capacity, observation_size), np.float32),
            "terminated": np.zeros(self.capacity, bool),
            "next_masks": np.zeros((self.capacity, mask_bytes), np.uint8),
            "last_rewards": np.zeros(self.capacity, np.float32),
        }

    def __len__(self) -> int:
        return self.size

    def add(
        self,
        observation: np.ndarray,
        action: int,
        reward: float,
        next_observation: np.ndarray,
        terminated: bool,
        next_mask: np.ndarray,
        last_reward: float = math.nan,
    ) -> None:
        """Store one transition, over the oldest where the memory is full."""
        row = (observation, action, reward, next_observation, terminated, np.packbits(next_mask), last_reward)
        for column, value in zip(self._columns.values(), row, strict=True):
            column[self._next] = value
        self._next = (self._next + 1) % self.capacity
        self.size = min(self.size + 1, self.capacity)

    def clear(self) -> None:
        """Forget all transitions."""
        self.size = self._next = 0

    def take(self, rows: np.ndarray) -> Transitions:
        """Return the transitions at the given rows, 0 <= row < len(self)."""
        taken = {name: column[rows] for name, column in self._columns.items()}
        taken["next_masks"] = np.unpackbits(taken["next_masks"], axis=1, count=self.num_actions).view(bool)
        return Transitions(**taken)

    def sample(self, batch_size: int, rng: np.random.Generator) -> Transitions:
        """Return transitions drawn without repeats, as many as asked for or all there are."""
        return self.take(rng.choice(self.size, size=min(batch_size, self.size), replace=False))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return what is stored, by column, and the next row to be written."""
        return {name: column[: self.size] for name, column in self._columns.items()} | {
            "next": np.array(self._next, np.int64)
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `to_arrays` of an equal memory gave.

        Raises:
            ValueError: If a column is missing, or does not fit.
        """
        for name, column in self._columns.items():
            stored = arrays.get(name)
            if stored is None or stored.shape[1:] != column.shape[1:] or len(stored) > self.capacity:
                shape = None if stored is None else stored.shape
                raise ValueError(
                    f"saved replay column {name!r} has shape {shape}, the memory's is {column.shape}."
                    " Load it with the settings and spaces it was saved with."
                )
            column[: len(stored)] = stored
        self.size = len(arrays["rewards"])
        self._next = int(arrays["next"])
