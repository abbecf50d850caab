"""`DQNAgent`: remember, act, replay, and the loop around them. What one replay does is in `network.py`."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np

from agents.archive import read_archive, with_suffix, write_archive
from agents.base import check_same_spaces
from agents.dqn.actions import ActionEncoder
from agents.dqn.config import DQNConfig
from agents.dqn.network import QNetwork
from agents.dqn.value_scale import ValueScale
from agents.encoding import encoder_for
from agents.replay import ReplayMemory
from agents.settings import config_from
from agents.single_env import episode_seed, is_batch
from agents.single_env_agent import SingleEnvAgent
from agents.spaces import space_to_json

FORMAT_VERSION = 2
_SLOWER_AFTER_MOVE = 30.0


class DQNAgent(SingleEnvAgent):
    """The MPS family's deep Q-network in Keras, with the interface of Stable-Baselines3's agents.

    Observations of any kind are flattened, of a whole set the slot under the cursor (`encoder_for`); `MultiDiscrete`
    actions are numbered jointly (`ActionEncoder`). All randomness comes from `seed`: the same seed gives the same run,
    bit for bit.

    Args:
        env: A `gym.Env` (or a `VecEnv` of one) with `Discrete` or `MultiDiscrete` actions. Where it offers
            `info["action_mask"]` or `action_masks()`, forbidden actions are neither taken nor bootstrapped from.
        config: All settings in one; None builds it from `settings`.
        seed: Seeds weights, exploration, replay, and the environment at each reset.
        settings: Fields of `DQNConfig`.

    Raises:
        TypeError: If the actions are continuous.
        ValueError: If a setting is unknown or out of range, or there are too many actions.
    """

    name = "dqn"

    def __init__(self, env: Any, config: DQNConfig | None = None, *, seed: int = 0, **settings: Any) -> None:
        if config is not None and settings:
            raise TypeError(f"give config or settings, not both (got settings {', '.join(settings)}).")
        self._build(env.observation_space, env.action_space, config or config_from(DQNConfig, "dqn", settings), seed)
        self._attach(env)

    def _build(self, observation_space: Any, action_space: Any, config: DQNConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        self.observation_space, self.action_space = observation_space, action_space
        self.observations = encoder_for(observation_space)
        self.actions = ActionEncoder(action_space)
        size, n = self.observations.size, self.actions.n
        self.network = QNetwork(size, n, config, seed)
        self.memory = ReplayMemory(config.memory_size, size, n, max_bytes=config.memory_bytes)
        self.scale = ValueScale()
        self.rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
        self.reseed(seed)
        self.epsilon = config.epsilon_start
        self.num_timesteps = self.num_replays = self.num_episodes = 0
        self._vector: np.ndarray | None = None  # the observation to act on; None between episodes
        self._mask = np.ones(n, bool)
        self._last_reward = math.nan  # of the step before in this episode

    def reseed(self, seed: int) -> None:
        """As `Agent.reseed`; asking an agent what it would do leaves its learning as it is."""
        self._prediction_rng = np.random.default_rng(np.random.SeedSequence([seed, 2]))

    def is_finite(self) -> bool:
        """As `Agent.is_finite`."""
        return all(np.isfinite(array).all() for array in self.network.to_arrays().values())

    # --- the family's three verbs ---

    def act(self, observation: Any, action_mask: np.ndarray | None = None) -> Any:
        """Return an action for one observation: with probability epsilon a random allowed one, else the best."""
        mask = self._allowed(action_mask)
        return self.actions.decode(self._choose(self.observations.encode(observation), mask, self.epsilon, self.rng))

    def remember(
        self,
        observation: Any,
        action: Any,
        reward: float,
        next_observation: Any,
        terminated: bool,
        next_action_mask: np.ndarray | None = None,
        last_reward: float = math.nan,
    ) -> None:
        """Store one transition.

        `terminated` says that nothing follows (a truncated episode goes on in value), `last_reward` is the reward of
        the step before in the same episode.
        """
        vector, next_vector = self.observations.encode(observation), self.observations.encode(next_observation)
        self._remember(
            vector,
            self.actions.encode(action),
            reward,
            next_vector,
            terminated,
            self._allowed(next_action_mask),
            last_reward,
        )

    def replay(self) -> float | None:
        """Learn from one minibatch and let epsilon decay; return the loss, None while there are too few transitions."""
        if len(self.memory) < self.config.batch_size:
            return None
        batch = self.memory.sample(self.config.batch_size, self.rng)
        if self.config.batched:
            loss = self.network.update(batch, self.scale)
        else:
            rows = range(len(batch.rewards))
            losses = [
                self.network.update(type(batch)(*(column[[row]] for column in batch)), self.scale) for row in rows
            ]
            loss = float(np.mean(losses))
        self.num_replays += 1
        if self.config.target_network and self.num_replays % self.config.target_update_every == 0:
            self.network.copy_to_target()
        self.epsilon = max(self.config.epsilon_end, self.epsilon * self.config.epsilon_decay)
        return loss

    # --- the interface shared by all agents ---

    def _step(self) -> dict[str, Any]:
        assert self._single is not None
        if self._vector is None:
            observation, info = self._single.reset(episode_seed(self.seed, self.num_episodes))
            self._see(observation, info)
        assert self._vector is not None
        index, vector = self._choose(self._vector, self._mask, self.epsilon, self.rng), self._vector
        action = self.actions.decode(index)
        observation, reward, terminated, truncated, info = self._single.step(action)
        self._see(observation, info)
        ended = terminated or (truncated and not self.config.bootstrap_truncated)
        self._remember(vector, index, reward, self._vector, ended, self._mask, self._last_reward)
        self._last_reward = reward
        self.num_timesteps += 1
        loss = self.replay() if self.num_timesteps % self.config.train_every == 0 else None
        done = terminated or truncated
        if done:
            self.num_episodes += 1
            self._vector, self._last_reward = None, math.nan
        return {
            "self": self, "new_obs": observation, "actions": np.asarray([action]), "rewards": np.array([reward]),
            "dones": np.array([done]), "infos": [info], "loss": loss, "num_timesteps": self.num_timesteps,
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
        """Return (action, None), or a batch of actions; without `deterministic`, epsilon-greedy as in learning."""
        epsilon = 0.0 if deterministic else self.epsilon
        if not is_batch(observation, self.observation_space):
            vector = self.observations.encode(observation)
            index = self._choose(vector, self._allowed(action_masks), epsilon, self._prediction_rng)
            return self.actions.decode(index), None
        vectors = self.observations.encode_batch(observation)
        masks = [None] * len(vectors) if action_masks is None else np.reshape(action_masks, (len(vectors), -1))
        chosen = [
            self._choose(vector, self._allowed(mask), epsilon, self._prediction_rng)
            for vector, mask in zip(vectors, masks, strict=True)
        ]
        return np.stack([self.actions.decode(index) for index in chosen]), None

    def move_to(self, env: Any) -> None:
        """Go on in another environment: weights, optimiser and epsilon stay, memory and the rewards' scale begin anew.

        The scale may differ there (another proxy's accuracies), and values are learned relative to it. The learning
        rate falls to a thirtieth: the first few transitions, replayed over and over, would undo what was learned.

        Raises:
            ValueError: If `env` has other spaces.
        """
        check_same_spaces(f"{self.name!r} acts in", [self.observation_space, self.action_space], env)
        self._give_up_episode()
        self._attach(env)
        self.memory.clear()
        self.scale = ValueScale()
        self.network.slow_down(_SLOWER_AFTER_MOVE)

    def q_values(self, observation: Any, last_reward: float = math.nan) -> np.ndarray:
        """Return the values of all actions, (A,), in the rewards' units (probabilities with the softmax head).

        Args:
            observation: One observation.
            last_reward: The reward that came with it; NaN, at the start of an episode, stands for the mean.
        """
        values = self.network.values(self.observations.encode(observation)[None])[0]
        if not self.config.normalizes:
            return values
        return (
            self.scale.baseline(np.array(last_reward), self.config.gamma) + self.scale.unit(self.config.gamma) * values
        )

    def save(self, path: str | Path, *, with_memory: bool = True) -> Path:
        """Write an `.npz` of arrays and JSON: weights, optimiser, memory, random state, counters. No pickles."""
        path = with_suffix(path, ".npz")
        document = {
            "agent": self.name,
            "class": type(self).name,
            "format": FORMAT_VERSION,
            "config": dataclasses.asdict(self.config),
            "seed": self.seed,
            "observation_space": space_to_json(self.observation_space),
            "action_space": space_to_json(self.action_space),
            "counters": {key: getattr(self, key) for key in _COUNTERS},
            "scale": dataclasses.asdict(self.scale),
            "rng": self.rng.bit_generator.state,
            "mid_episode": self._vector is not None,
        }
        arrays = {**self.network.to_arrays(), "now/mask": self._mask}
        if with_memory:
            arrays |= {f"memory/{name}": column for name, column in self.memory.to_arrays().items()}
        if self._vector is not None:
            arrays["now/observation"] = self._vector
        return write_archive(path, document, arrays)

    @classmethod
    def load(cls, path: str | Path, env: Any = None, *, force_reset: bool = True) -> DQNAgent:
        """Read back what `save` wrote; learning on equals an uninterrupted run bit for bit (see `Agent.load`).

        Raises:
            ValueError: If the file is not a saved DQN, or `env` has other spaces than it was saved with.
        """
        document, arrays = read_archive(Path(path))
        saved = cls._saved_spaces(path, document, FORMAT_VERSION, env)
        agent = cls.__new__(cls)
        agent._build(saved[0], saved[1], DQNConfig(**document["config"]), document["seed"])
        agent._attach(env)
        agent.network.restore(arrays)
        memory = {key.removeprefix("memory/"): array for key, array in arrays.items() if key.startswith("memory/")}
        if memory:
            agent.memory.restore(memory)
        agent.scale = ValueScale(**document["scale"])
        agent.rng.bit_generator.state = document["rng"]
        for key in _COUNTERS:
            setattr(agent, key, document["counters"][key])
        if document["mid_episode"]:
            agent._vector, agent._mask = arrays["now/observation"], arrays["now/mask"]
        if force_reset:
            agent._give_up_episode()
        return agent

    # --- on vectors and action numbers ---

    def _choose(self, vector: np.ndarray, mask: np.ndarray, epsilon: float, rng: np.random.Generator) -> int:
        if rng.random() < epsilon:
            allowed = np.flatnonzero(mask)
            return int(allowed[rng.integers(len(allowed))])
        values = self.network.values(vector[None])[0]
        return int(np.where(mask, values, -np.inf).argmax())

    def _remember(
        self,
        vector: np.ndarray,
        index: int,
        reward: float,
        next_vector: np.ndarray,
        ended: bool,
        next_mask: np.ndarray,
        last_reward: float,
    ) -> None:
        self.scale.observe(reward, last_reward)
        self.memory.add(vector, index, reward, next_vector, ended, next_mask, last_reward)

    def _see(self, observation: Any, info: dict[str, Any]) -> None:
        assert self._single is not None
        self._vector = self.observations.encode(observation)
        self._mask = self._allowed(self._single.action_mask(info))

    def _give_up_episode(self) -> None:
        self.num_episodes += self._vector is not None
        self._vector, self._last_reward = None, math.nan

    def _allowed(self, flags: np.ndarray | None) -> np.ndarray:
        """The joint mask; all actions where masks are off, absent, or forbid everything."""
        mask = self.actions.joint_mask(flags if self.config.mask_actions else None)
        return mask if mask.any() else np.ones_like(mask)


_COUNTERS = ("num_timesteps", "num_replays", "num_episodes", "epsilon", "_last_reward")
