"""Environments of a few numbers, on which agents are tested without any proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces


class TinyEnv(gym.Env[Any, Any]):
    """A random walk of observations with masked actions; the score is a number that actions move a little.

    It has what policies read of MPSDistill-v0: `edit_names`, `action_masks()`, and `info` with `action_mask`,
    `val_accuracy`, `val_loss` and `slot`. The action numbered 1, `undo`, is possible after an edit only.
    """

    edit_names = ("keep", "undo", "noise")

    def __init__(self, action_space: gym.Space[Any], observation_space: gym.Space[Any], length: int) -> None:
        self.action_space, self.observation_space, self.length = action_space, observation_space, length
        self.render_mode = None
        self.before: float | None = None

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.steps, self.accuracy, self.before = 0, 0.5, None
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        edit = int(np.reshape(action, -1)[-1])
        if self.before is not None and edit == 1:
            self.accuracy, self.before = self.before, None
        elif edit != 0:
            self.before, self.accuracy = self.accuracy, self.accuracy + float(self.np_random.normal(0, 0.01))
        return self._observe(), self.accuracy, False, self.steps >= self.length, self._info()

    def action_masks(self) -> np.ndarray:
        flags = np.array([1, self.before is not None, 1], np.int8)
        if isinstance(self.action_space, spaces.MultiDiscrete):
            return np.concatenate([np.ones(self.action_space.nvec[0], np.int8), flags])
        return flags

    def _observe(self) -> Any:
        return _random_member(self.observation_space, self.np_random)

    def _info(self) -> dict[str, Any]:
        info = {"val_accuracy": self.accuracy, "val_loss": 1 - self.accuracy, "slot": self.steps % 4}
        return info if isinstance(self.action_space, spaces.Box) else {**info, "action_mask": self.action_masks()}


def _random_member(space: gym.Space[Any], rng: np.random.Generator) -> Any:
    if isinstance(space, spaces.Dict):
        return {key: _random_member(part, rng) for key, part in space.spaces.items()}
    if isinstance(space, spaces.Discrete):
        return rng.integers(space.n)
    assert isinstance(space, spaces.Box)
    if space.dtype == np.uint8:
        return rng.integers(0, 256, space.shape, dtype=np.uint8)
    return rng.random(space.shape, np.float32)


OBSERVATIONS = {
    "vector": spaces.Box(0, 1, (4,), np.float32),
    "dict": spaces.Dict(
        images=spaces.Box(0, 1, (3, 2, 2, 1), np.float32),
        slot=spaces.Discrete(3),
        accuracy=spaces.Box(0, 1, (1,), np.float32),
    ),
    "picture": spaces.Box(0, 255, (36, 40, 1), np.uint8),
    "stack": spaces.Box(0, 255, (3, 8, 8, 1), np.uint8),
}
ACTIONS = {
    "Discrete": spaces.Discrete(3),
    "MultiDiscrete": spaces.MultiDiscrete([4, 3]),
    "Box": spaces.Box(-1, 1, (3,), np.float32),
}


@pytest.fixture
def tiny_env() -> Callable[..., gym.Env[Any, Any]]:
    """Make a `TinyEnv`: `tiny_env("Discrete", "vector", length=20)`."""

    def make(actions: str = "Discrete", observation: str = "vector", *, length: int = 20) -> gym.Env[Any, Any]:
        return TinyEnv(ACTIONS[actions], OBSERVATIONS[observation], length)

    return make
