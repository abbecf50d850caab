"""The native vector environment as SB3's `VecEnv`, against `DummyVecEnv` over single environments."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import load_agent, make_agent, make_sb3_vec_env
from agents.single_env import SingleEnv
from mps_env.synthetic_set import SyntheticSet
from tests.conftest import SMALL_RIDGE

NUM_ENVS = 3


def native(num_envs: int = NUM_ENVS, **kwargs: Any) -> Any:
    """Without the monitor, whose infos hold the time of day."""
    return make_sb3_vec_env(num_envs, **{**SMALL_RIDGE, **kwargs}).venv


def dummy(num_envs: int = NUM_ENVS, **kwargs: Any) -> DummyVecEnv:
    return DummyVecEnv([lambda: gym.make("MPSDistill-v0", **{**SMALL_RIDGE, **kwargs}) for _ in range(num_envs)])


def assert_same(one: Any, other: Any) -> None:
    """Types, dtypes and values, bit for bit."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for first, second in zip(one, other, strict=True):
            assert_same(first, second)
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    else:
        assert (type(one), one) == (type(other), other)


@pytest.mark.parametrize("observation", ["set", "slot", "features", "mosaic"])
@pytest.mark.parametrize("action", ["edit", "select", "flat", "replace", "perturb"])
def test_it_equals_sb3s_own_over_single_environments(action: str, observation: str) -> None:
    kwargs = {"action": action, "observation": observation, "max_episode_steps": 3}
    mine, theirs = native(**kwargs), dummy(**kwargs)
    assert mine.seed(5) == theirs.seed(5)
    assert_same(mine.reset(), theirs.reset())
    assert_same(mine.reset_infos, theirs.reset_infos)
    mine.action_space.seed(0)
    for _ in range(7):
        actions = np.stack([mine.action_space.sample() for _ in range(NUM_ENVS)])
        for ours, reference in zip(mine.step(actions), theirs.step(actions), strict=True):
            assert_same(ours, reference)
        assert_same(mine.reset_infos, theirs.reset_infos)


def test_a_termination_is_no_truncation() -> None:
    env = native(2, edits=["keep", "stop"], max_episode_steps=2)
    env.reset()
    _, _, dones, infos = env.step(np.array([0, 1]))
    assert dones.tolist() == [False, True]
    _, _, dones, infos = env.step(np.array([1, 0]))  # the first is stopped at its limit, the second's episode is new
    assert dones.tolist() == [True, False]
    assert [info["TimeLimit.truncated"] for info in infos] == [False, False]
    _, _, dones, infos = env.step(np.array([0, 0]))
    assert dones.tolist() == [False, True]
    assert [info["TimeLimit.truncated"] for info in infos] == [False, True]


def test_a_reset_takes_seeds_and_options_once() -> None:
    env = native(2)
    env.seed(3)
    first = env.reset()["images"]
    given = env.envs[1].synthetic_set
    env.set_options([{}, {"set": SyntheticSet(given.images[::-1].copy(), given.labels[::-1].copy())}])
    second = env.reset()["images"]
    np.testing.assert_array_equal(second[1], first[1][::-1])
    assert (second[0] != first[0]).any()
    assert (env.reset()["images"][1] != second[1]).any()


def test_arrays_of_a_step_are_left_alone_by_the_next() -> None:
    env = native(observation="slot")
    observations = env.reset()
    before = observations.copy()
    env.step(np.full(NUM_ENVS, env.envs[0].edit_names.index("noise")))
    np.testing.assert_array_equal(observations, before)


def test_one_proxy_call_scores_a_step() -> None:
    env = native()
    env.reset()
    calls: list[int] = []
    proxy = env.envs[0].task.proxy
    original = proxy.score_batch
    proxy.score_batch = lambda episodes, sets: calls.append(len(sets)) or original(episodes, sets)
    env.step(np.full(NUM_ENVS, env.envs[0].edit_names.index("noise")))
    assert calls == [NUM_ENVS]


def test_attributes_and_methods_of_each_environment_are_reached() -> None:
    env = make_sb3_vec_env(2, **SMALL_RIDGE, render_mode="rgb_array")
    env.reset()
    assert env.get_attr("edit_names") == [env.unwrapped.envs[0].edit_names] * 2
    env.set_attr("note", "seen", indices=1)
    assert env.get_attr("note", indices=[1]) == ["seen"]
    assert not env.has_attr("note")
    masks = np.stack(env.env_method("action_masks"))
    assert masks.shape == (2, env.action_space.n)
    assert env.env_is_wrapped(Monitor) == [False, False]
    assert env.render_mode == "rgb_array"
    frame = env.render()
    assert frame.ndim == 3
    assert frame.dtype == np.uint8
    env.close()


def test_returns_and_lengths_of_episodes_are_reported() -> None:
    env = make_sb3_vec_env(2, seed=0, **SMALL_RIDGE, max_episode_steps=2, reward="gain")
    env.reset()
    noise = np.full(2, env.get_attr("edit_names")[0].index("noise"))
    first, second = env.step(noise)[1], env.step(noise)
    assert [info["episode"]["l"] for info in second[3]] == [2, 2]
    np.testing.assert_allclose([info["episode"]["r"] for info in second[3]], first + second[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("ppo", {"n_steps": 4, "n_epochs": 1}),
        ("maskable_ppo", {"n_steps": 4, "n_epochs": 1}),
        ("sb3_dqn", {"learning_starts": 4}),
        ("recurrent_ppo", {"n_steps": 4, "n_epochs": 1}),
    ],
)
def test_agents_learn_in_it_and_go_on_after_a_reload(name: str, kwargs: dict[str, Any], tmp_path: Any) -> None:
    def make() -> Any:
        return make_sb3_vec_env(2, **SMALL_RIDGE, observation="features", max_episode_steps=3)

    agent = make_agent(name, make(), seed=1, **kwargs).learn(9)
    assert agent.num_timesteps == 10  # two at a time
    env = make()
    loaded = load_agent(agent.save(tmp_path / "agent"), env)
    loaded.learn(4, reset_num_timesteps=False)
    assert loaded.num_timesteps == 14
    actions, _ = loaded.predict(env.reset(), deterministic=True)
    assert actions.shape == (2,)


def test_an_agent_of_one_environment_sees_the_masks_of_one() -> None:
    _, info = SingleEnv(make_sb3_vec_env(1, **SMALL_RIDGE)).reset(seed=0)
    assert info["action_mask"].sum() < info["action_mask"].size  # there is nothing to undo yet


def test_the_same_seed_learns_the_same_in_it_and_in_sb3s_own() -> None:
    settings = {"n_steps": 8, "n_epochs": 1, "seed": 3}
    kwargs = {"observation": "features", "max_episode_steps": 5}
    agents = [make_agent("ppo", make(2, **kwargs), **settings).learn(32) for make in (native, dummy)]
    weights = [[value.numpy() for value in agent.model.policy.state_dict().values()] for agent in agents]
    for first, second in zip(*weights, strict=True):
        np.testing.assert_array_equal(first, second)
