from __future__ import annotations

import logging
import random
import zipfile
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from agents import AGENTS, load_agent, make_agent
from agents.sb3.observations import kind_of
from agents.sb3.table import ALGORITHMS


@pytest.mark.parametrize(
    ("observation", "policy"),
    [
        ("vector", "ActorCriticPolicy"),
        ("dict", "MultiInputActorCriticPolicy"),
        ("picture", "ActorCriticCnnPolicy"),
        ("stack", "ActorCriticPolicy"),
    ],
)
def test_the_policy_suits_the_observation(observation: str, policy: str, tiny_env: Any) -> None:
    env = tiny_env("Discrete", observation)
    agent = make_agent("ppo", env, n_steps=4, n_epochs=1).learn(5)
    assert type(agent.model.policy).__name__ == policy
    assert env.action_space.contains(int(agent.predict(env.reset(seed=0)[0])[0]))


def test_recurrent_ppo_has_a_recurrent_policy(tiny_env: Any) -> None:
    agent = make_agent("recurrent_ppo", tiny_env("Discrete", "dict"), n_steps=4, n_epochs=1)
    assert type(agent.model.policy).__name__ == "RecurrentMultiInputActorCriticPolicy"


@pytest.mark.parametrize(("name", "actions"), [("ars", "Discrete"), ("crossq", "Box")])
def test_what_reads_vectors_only_is_shown_a_vector(name: str, actions: str, tiny_env: Any, tmp_path: Path) -> None:
    env = tiny_env(actions, "dict")
    agent = make_agent(name, env).learn(4)
    observation, _ = env.reset(seed=0)
    loaded = load_agent(agent.save(tmp_path / "agent"), tiny_env(actions, "dict"))
    for one in (agent, loaded):
        assert env.action_space.contains(one.predict(observation, deterministic=True)[0])


def test_small_pictures_and_stacks_are_no_images() -> None:
    assert kind_of(spaces.Box(0, 255, (36, 36, 3), np.uint8)) == "image"
    assert kind_of(spaces.Box(0, 255, (35, 36, 3), np.uint8)) is None
    assert kind_of(spaces.Box(0, 255, (10, 40, 40, 1), np.uint8)) is None


def test_the_action_spaces_of_the_catalogue_are_those_of_the_algorithms(tiny_env: Any) -> None:
    for name, row in ALGORITHMS.items():
        for kind in ("Discrete", "MultiDiscrete", "Box"):
            if kind in AGENTS.get(name).actions:
                continue
            policy = row.policies["vector"]
            with pytest.raises(AssertionError, match="only supports"):
                row.load_class()(policy, tiny_env(kind))


def test_the_replay_buffer_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch, tiny_env: Any) -> None:
    monkeypatch.setattr("agents.sb3.making.LARGEST_BUFFER", 2 * 16 * 500)
    assert make_agent("sb3_dqn", tiny_env()).model.buffer_size == 500


def test_settings_of_ones_own_win(tiny_env: Any) -> None:
    model = make_agent("ppo", tiny_env(), n_steps=32, policy_kwargs={"net_arch": [8]}).model
    assert (model.n_steps, model.batch_size, model.policy_kwargs) == (32, 32, {"net_arch": [8]})


def test_a_number_is_the_deviation_of_the_action_noise(tiny_env: Any) -> None:
    noises = [
        make_agent("td3", tiny_env("Box"), **settings).model.action_noise for settings in ({}, {"action_noise": 0.5})
    ]
    assert [noise._sigma.tolist() for noise in noises] == [[0.2] * 3, [0.5] * 3]
    assert make_agent("ddpg", tiny_env("Box"), action_noise=None).model.action_noise is None


def test_a_frequency_of_training_may_come_from_json(tiny_env: Any) -> None:
    agent = make_agent("sb3_dqn", tiny_env(), train_freq=[1, "episode"])
    assert agent.model.train_freq.unit.value == "episode"


def test_negative_action_noise_is_refused(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=r"action_noise must be >= 0, got -0.1"):
        make_agent("sac", tiny_env("Box"), action_noise=-0.1)


def test_maskable_ppo_takes_allowed_actions_only(tiny_env: Any) -> None:
    agent = make_agent("maskable_ppo", tiny_env())
    chosen = {int(agent.predict(np.zeros(4, np.float32), action_masks=np.array([1, 0, 0]))[0]) for _ in range(10)}
    assert chosen == {0}


def test_maskable_ppo_needs_masks() -> None:
    with pytest.raises(ValueError, match=r"needs an environment with action_masks\(\).*Use ppo"):
        make_agent("maskable_ppo", gym.make("CartPole-v1"))


def test_global_random_state_is_left_alone(tiny_env: Any) -> None:
    import torch

    def draw() -> tuple[float, float, float]:
        return random.random(), np.random.random(), float(torch.rand(()))

    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    expected = draw()
    random.setstate(states[0])
    np.random.set_state(states[1])
    torch.set_rng_state(states[2])
    make_agent("ppo", tiny_env(), n_steps=4).learn(4).predict(np.zeros(4, np.float32))
    assert draw() == expected


def test_opening_a_zip_warns_of_pickles(tiny_env: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = make_agent("a2c", tiny_env()).save(tmp_path / "agent")
    with caplog.at_level(logging.WARNING):
        load_agent(path)
    assert "is unpickled: open only files from people you trust" in caplog.text


def test_stable_baselines_reads_our_files_and_we_read_its(tiny_env: Any, tmp_path: Path) -> None:
    from stable_baselines3 import PPO

    agent = make_agent("ppo", tiny_env())
    observation = np.ones(4, np.float32)
    expected = agent.predict(observation, deterministic=True)[0]
    theirs = PPO.load(agent.save(tmp_path / "ours"))
    assert theirs.predict(observation, deterministic=True)[0] == expected
    theirs.save(tmp_path / "theirs")
    loaded = load_agent(tmp_path / "theirs.zip", name="ppo")
    assert loaded.predict(observation, deterministic=True)[0] == expected


def test_the_replay_buffer_is_saved_as_arrays(tiny_env: Any, tmp_path: Path) -> None:
    agent = make_agent("sb3_dqn", tiny_env("Discrete", "dict")).learn(7)
    path = agent.save(tmp_path / "agent")
    with zipfile.ZipFile(path) as archive, archive.open("mps/buffer/observations/images.npy") as file:
        assert np.load(file, allow_pickle=False).shape == (7, 1, 3, 2, 2, 1)
    assert load_agent(path, tiny_env("Discrete", "dict")).model.replay_buffer.size() == 7


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agent.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="is not a Stable-Baselines3 zip"):
        load_agent(tmp_path / "agent.zip", name="ppo")


def test_a_gymnasium_vector_environment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got a Gymnasium VectorEnv\. Use gym.make"):
        make_agent("ppo", gym.make_vec("CartPole-v1", num_envs=2))
