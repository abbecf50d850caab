"""What an observation is: a space, and a function from the episode to an element of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import gymnasium as gym

if TYPE_CHECKING:
    from mps_env.episode import Episode


class Observation(ABC):
    """Shows an agent the state.

    Args:
        n_slots: N.
        image_shape: (H, W, C).
        num_classes: K.
    """

    space: gym.Space[Any]

    @abstractmethod
    def __init__(self, n_slots: int, image_shape: tuple[int, int, int], num_classes: int) -> None: ...

    @abstractmethod
    def observe(self, episode: Episode) -> Any:
        """Return a fresh element of `space`; the episode is only read."""
