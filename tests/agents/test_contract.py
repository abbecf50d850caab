"""What holds for every registered agent."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import AGENTS, Agent, load_agent, make_agent

NAMES = [{"fixed": "fixed:noise"}.get(name, name) for name in AGENTS.names() if name != "saved"]
LEARNS_IN_ROLLOUTS = {"ppo", "a2c", "maskable_ppo", "trpo", "recurrent_ppo"}
LEARNS_OFF_POLICY = {"sb3_dqn", "sac", "td3", "ddpg", "qrdqn", "tqc", "crossq"}


def make(name: str, tiny_env: Any, *, seed: int = 0) -> Agent:
    """Make an agent, in sizes of which a few steps show all of it, in a space that it can act in."""
    spec = AGENTS.get(name.partition(":")[0])
    kind = next(kind for kind in ("Discrete", "Box") if kind in spec.actions)
    settings: dict[str, Any] = {}
    if name in LEARNS_IN_ROLLOUTS:
        settings = {"n_steps": 8} | ({"n_epochs": 2} if name.endswith("ppo") else {})
    if name in LEARNS_OFF_POLICY:
        settings = {"learning_starts": 8, "batch_size": 8}
    if name == "dqn":
        settings = {"batch_size": 4, "target_update_every": 5}
    return make_agent(name, tiny_env(kind, length=10), seed=seed, **settings)


def run(agent: Agent, steps: int, **kwargs: Any) -> list[Any]:
    """Learn, and return the rewards and actions seen."""
    seen: list[Any] = []
    agent.learn(
        steps,
        lambda locals_, _: seen.append((float(locals_["rewards"][0]), np.asarray(locals_["actions"]).tolist())),
        **kwargs,
    )
    return seen


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each registered agent in turn."""
    return str(request.param)


def test_learn_takes_exactly_the_steps_it_is_told_and_shows_each(name: str, tiny_env: Any) -> None:
    agent = make(name, tiny_env)
    assert len(run(agent, 29)) == 29
    assert agent.num_timesteps == 29


def test_learn_goes_on_counting_when_told_so(name: str, tiny_env: Any) -> None:
    agent = make(name, tiny_env)
    agent.learn(9).learn(9, reset_num_timesteps=False)
    assert agent.num_timesteps == 18


def test_a_callback_stops_the_run(name: str, tiny_env: Any) -> None:
    agent = make(name, tiny_env)
    agent.learn(50, lambda locals_, _: agent.num_timesteps < 12)
    assert agent.num_timesteps == 12


def test_the_same_seed_gives_the_same_run(name: str, tiny_env: Any) -> None:
    assert run(make(name, tiny_env, seed=3), 24) == run(make(name, tiny_env, seed=3), 24)


def test_another_seed_gives_another_run(name: str, tiny_env: Any) -> None:
    assert run(make(name, tiny_env, seed=3), 8) != run(make(name, tiny_env, seed=4), 8)


def test_predict_gives_an_action_of_the_space(name: str, tiny_env: Any) -> None:
    agent = make(name, tiny_env)
    env = tiny_env("Box" if "Discrete" not in AGENTS.get(name.partition(":")[0]).actions else "Discrete")
    observation, _ = env.reset(seed=0)
    action, _ = agent.predict(observation, deterministic=True)
    assert env.action_space.contains(action)


def test_predict_gives_a_batch_for_a_batch(name: str, tiny_env: Any) -> None:
    agent = make(name, tiny_env)
    actions, _ = agent.predict(np.zeros((5, 4), np.float32), episode_start=np.ones(5, bool))
    assert len(actions) == 5


def test_predicting_amid_a_run_leaves_it_as_it_is(name: str, tiny_env: Any) -> None:
    undisturbed = run(make(name, tiny_env), 29)
    asked = make(name, tiny_env)
    seen: list[Any] = []

    def ask(locals_: dict[str, Any], _: Any) -> None:
        seen.append((float(locals_["rewards"][0]), np.asarray(locals_["actions"]).tolist()))
        asked.predict(asked.observation_space.sample(), deterministic=True)

    asked.learn(29, ask)
    assert seen == undisturbed


def test_a_saved_agent_predicts_the_same(name: str, tiny_env: Any, tmp_path: Path) -> None:
    agent = make(name, tiny_env).learn(20)
    loaded = load_agent(agent.save(tmp_path / "agent"))
    assert loaded.name == name
    observations = np.random.default_rng(0).random((6, 4), np.float32)
    for observation in observations:
        before, after = (one.predict(observation, deterministic=True)[0] for one in (agent, loaded))
        np.testing.assert_array_equal(before, after)


def test_a_run_goes_on_from_a_file_exactly(name: str, tiny_env: Any, tmp_path: Path) -> None:
    """Saved where acting begins again, with the environment as it is then, the rest of the run is the same."""
    if name == "ars":
        pytest.skip("ARS evaluates whole episodes and has no state between two steps")
    agent, saved, steps = make(name, tiny_env), {}, 16  # in the middle of the second episode

    class SaveOnce:
        def init_callback(self, model: Any) -> None: ...
        def on_training_start(self, locals_: Any, globals_: Any) -> None: ...
        def update_locals(self, locals_: Any) -> None:
            seen.append(float(locals_["rewards"][0]))

        def on_rollout_start(self) -> None:
            if agent.num_timesteps == steps:
                env = agent.env.unwrapped.envs[0].unwrapped if agent.saves_pickles else agent.env
                saved["path"], saved["env"] = agent.save(tmp_path / "agent"), copy.deepcopy(env)
                saved["seen"] = len(seen)

        def on_step(self) -> bool:
            return True

        def on_rollout_end(self) -> None: ...
        def on_training_end(self) -> None: ...

    seen: list[float] = []
    agent.learn(32, SaveOnce())
    loaded = load_agent(saved["path"], saved["env"], force_reset=False)
    rest = [reward for reward, _ in run(loaded, 32 - steps, reset_num_timesteps=False)]
    assert rest == seen[saved["seen"] :]
