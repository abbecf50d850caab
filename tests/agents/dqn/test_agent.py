from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from agents import make_agent
from agents.archive import read_archive, write_archive
from agents.dqn.agent import DQNAgent


class Chain(gym.Env[Any, Any]):
    """Five states in a row; left pays 0.1 and ends at the start, right pays 1 at the far end only.

    The third action pays most of all and is always masked out.
    """

    observation_space = spaces.Box(0, 1, (5,), np.float32)
    action_space = spaces.Discrete(3)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.state = 0
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if action == 2:
            return self._observe(), 10.0, False, False, self._info()
        reward = 0.1 if action == 0 else float(self.state == 4)
        self.state = 0 if action == 0 else min(self.state + 1, 4)
        return self._observe(), reward, False, False, self._info()

    def action_masks(self) -> np.ndarray:
        return np.array([1, 1, 0], np.int8)

    def _observe(self) -> np.ndarray:
        return np.eye(5, dtype=np.float32)[self.state]

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self.action_masks()}


def best_actions(agent: DQNAgent) -> list[int]:
    mask = np.array([1, 1, 0])
    return [int(agent.predict(row, deterministic=True, action_masks=mask)[0]) for row in np.eye(5, dtype=np.float32)]


def actions_of(agent: DQNAgent, steps: int) -> list[int]:
    actions: list[int] = []
    agent.learn(steps, lambda locals_, _: actions.append(int(locals_["actions"][0])))
    return actions


def test_it_learns_to_go_right_on_a_chain() -> None:
    env = gym.wrappers.TimeLimit(Chain(), 20)
    agent = make_agent("dqn", env, seed=0, epsilon_decay=0.998, learning_rate=5e-3)
    agent.learn(1500)
    assert best_actions(agent) == [1] * 5


def test_it_never_takes_a_forbidden_action() -> None:
    assert set(actions_of(make_agent("dqn", gym.wrappers.TimeLimit(Chain(), 20), seed=0), 200)) == {0, 1}


def test_without_masks_it_learns_the_forbidden_action() -> None:
    env = gym.wrappers.TimeLimit(Chain(), 20)
    agent = make_agent("dqn", env, seed=0, mask_actions=False, learning_rate=5e-3).learn(600)
    assert 2 in [int(agent.predict(row, deterministic=True)[0]) for row in np.eye(5, dtype=np.float32)]


def test_differences_of_a_hundredth_are_learned() -> None:
    """Rewards like accuracies, 0.80 to 0.82: what `normalize` is for."""

    class Bandit(Chain):
        def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
            return self._observe(), 0.80 + 0.01 * int(action), False, False, {}

        def action_masks(self) -> np.ndarray:
            return np.ones(3, np.int8)

    agent = make_agent("dqn", gym.wrappers.TimeLimit(Bandit(), 20), seed=0).learn(600)
    values = agent.q_values(np.eye(5, dtype=np.float32)[0])
    assert values.argmax() == 2
    assert 15 < values.max() < 17.5  # 0.82 / (1 - 0.95) = 16.4 in the end


@pytest.mark.parametrize(("bootstrap", "stored"), [(True, [False, False]), (False, [False, True])])
def test_a_truncated_episode_has_a_future(bootstrap: bool, stored: list[bool], tiny_env: Any) -> None:
    env = tiny_env(length=2)
    agent = make_agent("dqn", env, bootstrap_truncated=bootstrap).learn(2)
    assert agent.memory.take(np.arange(2)).terminated.tolist() == stored


def test_the_familys_loop_takes_an_update_a_transition(tiny_env: Any) -> None:
    agent = make_agent("dqn", tiny_env(), batched=False, batch_size=4)
    agent.learn(4)
    assert agent.num_replays == 1
    assert int(agent.network.to_arrays()["optimizer/0"]) == 4  # Adam's count of iterations


def test_epsilon_decays_at_each_replay(tiny_env: Any) -> None:
    agent = make_agent("dqn", tiny_env(), batch_size=4, epsilon_decay=0.5, epsilon_end=0.2).learn(5)
    assert agent.epsilon == 0.25
    assert agent.learn(3).epsilon == 0.2


def test_the_copy_follows_every_few_replays(tiny_env: Any) -> None:
    agent = make_agent("dqn", tiny_env(), batch_size=2, target_update_every=3)

    def is_equal() -> bool:
        arrays = agent.network.to_arrays()
        return np.array_equal(arrays["weights/0"], arrays["target/0"])

    seen: list[bool] = []
    agent.learn(5, lambda locals_, _: seen.append(is_equal()))
    assert seen == [True, False, False, True, False]


def test_the_three_verbs_work_by_hand(tiny_env: Any) -> None:
    env = tiny_env("MultiDiscrete", "dict")
    agent = make_agent("dqn", env, batch_size=2)
    observation, info = env.reset(seed=0)
    assert agent.replay() is None
    for _ in range(3):
        action = agent.act(observation, info["action_mask"])
        before = observation
        observation, reward, terminated, _, info = env.step(action)
        agent.remember(before, action, reward, observation, terminated, info["action_mask"])
    assert agent.replay() > 0


@pytest.mark.parametrize("observation", ["dict", "picture", "stack"])
def test_it_acts_jointly_on_any_observation(observation: str, tiny_env: Any) -> None:
    env = tiny_env("MultiDiscrete", observation)
    agent = make_agent("dqn", env, batch_size=4).learn(6)
    assert agent.actions.n == 12
    assert env.action_space.contains(agent.predict(env.reset(seed=0)[0])[0])


def test_two_runs_are_one_longer_run(tiny_env: Any) -> None:
    whole = make_agent("dqn", tiny_env(), seed=2, batch_size=4).learn(24)
    parts = make_agent("dqn", tiny_env(), seed=2, batch_size=4).learn(11).learn(13, reset_num_timesteps=False)
    for name, array in whole.network.to_arrays().items():
        np.testing.assert_array_equal(array, parts.network.to_arrays()[name])


def test_rewards_are_remembered_with_the_one_before_in_their_episode(tiny_env: Any) -> None:
    agent = make_agent("dqn", gym.wrappers.TimeLimit(tiny_env(length=99), 3), batch_size=4).learn(6)
    stored = agent.memory.take(np.arange(6))
    assert np.isnan(stored.last_rewards[[0, 3]]).all()
    np.testing.assert_array_equal(stored.last_rewards[[1, 2, 4, 5]], stored.rewards[[0, 1, 3, 4]])


def test_an_agent_that_moves_keeps_what_it_learned_and_forgets_what_it_saw(tiny_env: Any) -> None:
    agent = make_agent("dqn", tiny_env(), batch_size=4).learn(12)
    weights, epsilon = agent.network.to_arrays()["weights/0"], agent.epsilon
    there = tiny_env()
    agent.move_to(there)
    assert agent.get_env() is there
    assert len(agent.memory) == agent.scale.count == 0
    assert agent.epsilon == epsilon
    np.testing.assert_array_equal(agent.network.to_arrays()["weights/0"], weights)
    agent.learn(6)
    assert not np.array_equal(agent.network.to_arrays()["weights/0"], weights)


def test_an_agent_does_not_move_to_other_spaces(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match="the environment has"):
        make_agent("dqn", tiny_env()).move_to(tiny_env("MultiDiscrete"))


def test_it_learns_in_a_vec_env_of_one(tiny_env: Any) -> None:
    from stable_baselines3.common.vec_env import DummyVecEnv

    alone = make_agent("dqn", gym.wrappers.TimeLimit(tiny_env(length=99), 5), batch_size=4).learn(5)
    env = DummyVecEnv([lambda: gym.wrappers.TimeLimit(tiny_env(length=99), 5)])
    agent = make_agent("dqn", env, batch_size=4).learn(5)
    for one, two in zip(alone.memory.take(np.arange(5)), agent.memory.take(np.arange(5)), strict=True):
        np.testing.assert_array_equal(one, two)


def test_several_environments_are_refused() -> None:
    with pytest.raises(ValueError, match="acts in one environment, got a VectorEnv"):
        make_agent("dqn", gym.make_vec("CartPole-v1", num_envs=2))


def test_a_saved_agent_holds_no_pickles(tiny_env: Any, tmp_path: Path) -> None:
    path = make_agent("dqn", tiny_env(), batch_size=4).learn(6).save(tmp_path / "agent")
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            assert name == "agent.json" or arrays[name].dtype != object


def test_a_loaded_agent_without_environment_does_not_learn(tiny_env: Any, tmp_path: Path) -> None:
    path = make_agent("dqn", tiny_env()).save(tmp_path / "agent")
    with pytest.raises(ValueError, match="loaded without an environment"):
        DQNAgent.load(path).learn(1)


def test_a_damaged_file_is_refused(tiny_env: Any, tmp_path: Path) -> None:
    path = make_agent("dqn", tiny_env()).save(tmp_path / "agent")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="is not a saved agent"):
        DQNAgent.load(path)


def test_no_flipped_bit_raises_anything_else(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "small.npz", {"a": 1}, {"b": np.arange(300)})
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for position in rng.integers(8 * len(whole), size=300):
        damaged = bytearray(whole)
        damaged[position // 8] ^= 1 << position % 8
        path.write_bytes(damaged)
        with suppress(ValueError):
            read_archive(path)
