"""What the policies that do not learn have in common: the loop, the sampling of actions, the JSON file."""

from __future__ import annotations

import copy
import json
from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from gymnasium import spaces

from agents.archive import with_suffix
from agents.single_env import episode_seed, is_batch, mask_of
from agents.single_env_agent import SingleEnvAgent
from agents.spaces import space_to_json
from mps_env.atomic import atomic_write_text
from mps_env.keywords import check_names

FORMAT_VERSION = 2
PolicyType = TypeVar("PolicyType", bound="Policy")


class Policy(SingleEnvAgent):
    """A policy that does not learn; it chooses from the action mask, the last `info` and the last observation.

    Args:
        env: A `gym.Env` (or a `VecEnv` of one).
        seed: Seeds its choices, and the environment at each reset.
        settings: None are known, unless a policy says so.

    Raises:
        ValueError: If a setting is unknown.
    """

    def __init__(self, env: Any, *, seed: int = 0, **settings: Any) -> None:
        check_names(f"agent {self.name!r}", settings, ())
        self._build(env.observation_space, env.action_space, seed)
        self._attach(env)

    def _build(self, observation_space: spaces.Space, action_space: spaces.Space, seed: int) -> None:
        self.observation_space, self.action_space, self.seed = observation_space, action_space, seed
        self.num_timesteps = self.num_episodes = 0
        self._mid_episode = False
        self._info: dict[str, Any] = {}
        self.seen: Any = None  # the last observation
        self._sampler = copy.deepcopy(action_space)  # a copy, so that its random state is the policy's own
        self._sampler.seed(seed)

    # --- what a policy adds ---

    @abstractmethod
    def choose(self, observation: Any, mask: np.ndarray | None, info: dict[str, Any]) -> Any:
        """Return an action.

        Args:
            observation: The last one.
            mask: Flags of allowed actions, in the environment's form; None where nothing is masked.
            info: The environment's last `info`; empty where nobody passed it on.
        """

    def begin_episode(self) -> None:
        """Forget what belongs to one episode."""

    def state(self) -> dict[str, Any]:
        """Return what `choose` remembers from step to step, for JSON."""
        return {}

    def restore(self, state: dict[str, Any], path: Path) -> None:
        """Take over what `state` returned.

        Args:
            state: From the file.
            path: The file.
        """

    # --- the interface shared by all agents ---

    def _step(self) -> dict[str, Any]:
        assert self._single is not None
        if not self._mid_episode:
            self.seen, self._info = self._single.reset(episode_seed(self.seed, self.num_episodes))
            self._mid_episode = True
            self.begin_episode()
        action = self.choose(self.seen, self._single.action_mask(self._info), self._info)
        self.seen, reward, terminated, truncated, self._info = self._single.step(action)
        done = terminated or truncated
        self.num_timesteps += 1
        self.num_episodes += done
        self._mid_episode = not done
        return {
            "self": self, "new_obs": self.seen, "actions": np.asarray([action]), "rewards": np.array([reward]),
            "dones": np.array([done]), "infos": [self._info], "num_timesteps": self.num_timesteps,
        }  # fmt: skip

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
        *,
        action_masks: np.ndarray | None = None,
    ) -> tuple[Any, Any]:
        """Return (action, None), or a batch of actions. Without `action_masks`, its environment is asked for them."""
        if not is_batch(observation, self.observation_space):
            mask = self._current_mask() if action_masks is None else np.asarray(action_masks)
            return self._predictor.choose(observation, mask, {}), None
        n = len(next(iter(observation.values())) if isinstance(observation, dict) else observation)
        masks = [self._current_mask()] * n if action_masks is None else np.reshape(action_masks, (n, -1))
        members = [_member(observation, number) for number in range(n)]
        chosen = [self._predictor.choose(member, mask, {}) for member, mask in zip(members, masks, strict=True)]
        return np.stack(chosen), None

    def reseed(self, seed: int) -> None:
        """As `Agent.reseed`."""
        self._predictor._sampler.seed(seed)

    def save(self, path: str | Path, *, with_memory: bool = True) -> Path:
        """Write a JSON file with the random state and the counters; there is no replay memory to leave out."""
        path = with_suffix(path, ".json")
        document = {
            "agent": self.name,
            "class": type(self).name,
            "format": FORMAT_VERSION,
            "seed": self.seed,
            "observation_space": space_to_json(self.observation_space),
            "action_space": space_to_json(self.action_space),
            "counters": [self.num_timesteps, self.num_episodes],
            "rng": _random_states(self._sampler),
            "mid_episode": self._mid_episode,
            "info": {key: _to_json(self._info[key]) for key in _KEPT_INFO if key in self._info},
            "memory": self.state(),
        }
        atomic_write_text(path, json.dumps(document, indent=1))
        return path

    @classmethod
    def load(cls: type[PolicyType], path: str | Path, env: Any = None, *, force_reset: bool = True) -> PolicyType:
        """Read back what `save` wrote; going on equals an uninterrupted run (see `Agent.load`).

        Raises:
            ValueError: If the file is not such a policy's, or `env` has other spaces than it was saved with.
        """
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        saved = cls._saved_spaces(path, document, FORMAT_VERSION, env)
        policy = cls.__new__(cls)
        policy._build(saved[0], saved[1], document["seed"])
        policy._attach(env)
        policy.name = document["agent"]
        policy.num_timesteps, policy.num_episodes = document["counters"]
        policy._sampler.np_random.bit_generator.state = document["rng"]
        policy._mid_episode, policy._info = document["mid_episode"], document["info"]
        policy.restore(document["memory"], Path(path))
        if force_reset:
            policy._give_up_episode()
        return policy

    def sample(self, mask: np.ndarray | None) -> Any:
        """Return an action drawn uniformly from those allowed."""
        if mask is None or isinstance(self.action_space, (spaces.Box, spaces.MultiBinary)):
            return self._sampler.sample()
        mask = np.asarray(mask, np.int8)
        if isinstance(self.action_space, spaces.MultiDiscrete):
            parts = np.split(mask, np.cumsum(self.action_space.nvec.reshape(-1))[:-1])
            return self._sampler.sample(mask=tuple(parts))
        return self._sampler.sample(mask=mask)

    @cached_property
    def _predictor(self: PolicyType) -> PolicyType:
        """A copy that answers `predict`: it has a memory of its own, so that asking leaves a run under way as it is."""
        predictor = copy.copy(self)
        predictor._sampler = copy.deepcopy(self._sampler)
        predictor.begin_episode()
        return predictor

    def _current_mask(self) -> np.ndarray | None:
        """What its environment allows now; None before its first reset, when there is nothing to ask."""
        try:
            return mask_of(self.env)
        except RuntimeError:
            return None

    def _give_up_episode(self) -> None:
        self.num_episodes += self._mid_episode
        self._mid_episode = False


_KEPT_INFO = ("val_accuracy", "val_loss", "slot", "action_mask")


def _member(batch: Any, number: int) -> Any:
    return {key: part[number] for key, part in batch.items()} if isinstance(batch, dict) else batch[number]


def _random_states(space: spaces.Space) -> dict[str, Any]:
    return dict(space.np_random.bit_generator.state)


def _to_json(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
