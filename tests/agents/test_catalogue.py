from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import AGENTS, load_agent, make_agent, register_agent
from agents.policies.random import RandomPolicy


def test_an_unknown_name_gives_the_nearest_and_the_list(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown agent 'pppo'. Did you mean 'ppo'\? Known: dqn, .*greedy"):
        make_agent("pppo", tiny_env())


def test_an_agent_that_cannot_act_names_those_that_can(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=r"'sac' acts in Box spaces, got Discrete\(3\).*: dqn, sb3_dqn, ppo, .*greedy"):
        make_agent("sac", tiny_env("Discrete"))


def test_the_dqn_names_agents_for_continuous_actions(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=r"Agents that can act in it: ppo, a2c, sac, td3, ddpg, tqc"):
        make_agent("dqn", tiny_env("Box"))


def test_a_parameter_where_none_is_taken_is_refused(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match="'random' takes no parameter, got 'random:noise'"):
        make_agent("random:noise", tiny_env())


@pytest.mark.parametrize("name", ["dqn", "ppo", "random"])
def test_an_unknown_setting_is_refused(name: str, tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=rf"agent '{name}' takes no argument 'gama'"):
        make_agent(name, tiny_env(), gama=0.9)


def test_an_agent_of_ones_own_is_registered_by_name(tiny_env: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AGENTS, "_entries", dict(AGENTS._entries))
    register_agent("mine", RandomPolicy, actions={"Discrete"})
    assert make_agent("mine", tiny_env()).name == "mine"


def test_an_agent_may_be_named_by_its_import_path(tiny_env: Any) -> None:
    assert isinstance(make_agent("agents.policies.random:RandomPolicy", tiny_env()), RandomPolicy)


def test_missing_sb3_contrib_is_named_with_the_command(tiny_env: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sb3_contrib" else find_spec(name))
    with pytest.raises(ModuleNotFoundError, match=r'TQC needs sb3-contrib.*pip install "mps-distill\[contrib\]"'):
        make_agent("tqc", tiny_env("Box"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no saved agent at .*nothing.npz"):
        load_agent(tmp_path / "nothing.npz")


def test_a_file_that_is_no_agent_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=np.zeros(3))
    with pytest.raises(ValueError, match="does not say which agent it holds"):
        load_agent(tmp_path / "set.npz")


def test_an_environment_of_other_spaces_is_refused(tiny_env: Any, tmp_path: Path) -> None:
    path = make_agent("random", tiny_env("Discrete")).save(tmp_path / "agent")
    with pytest.raises(ValueError, match=r"saved for the action space Discrete\(3\), the environment has Box"):
        load_agent(path, tiny_env("Box"))


def test_saved_policies_are_json(tiny_env: Any, tmp_path: Path) -> None:
    path = make_agent("greedy", tiny_env()).learn(5).save(tmp_path / "agent")
    assert json.loads(path.read_text())["agent"] == "greedy"


def modules_after(code: str) -> set[str]:
    """The top-level packages a fresh interpreter has imported after running `code`."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_agents_imports_no_learning_library() -> None:
    assert not modules_after("import agents") & {"tensorflow", "keras", "torch", "sklearn", "matplotlib"}


def test_the_keras_dqn_does_not_import_torch() -> None:
    code = "import gymnasium, agents; agents.make_agent('dqn', gymnasium.make('CartPole-v1')).learn(2)"
    assert "torch" not in modules_after(code)


@pytest.mark.parametrize(
    ("factory", "settings"),
    [
        ("agents.dqn.agent:DQNAgent", {}),
        ("agents.policies.greedy:GreedyPolicy", {}),
        ("agents.sb3.making:make_sb3_agent", {"algorithm": "a2c"}),
    ],
)
def test_an_agent_under_another_name_is_found_again(
    factory: str, settings: dict[str, Any], tiny_env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AGENTS, "_entries", dict(AGENTS._entries))
    loader = "agents.sb3.agent:load_sb3_agent" if settings else None
    register_agent("mine", factory, loader=loader, options=settings)
    agent = make_agent("mine", tiny_env()).learn(3)
    assert load_agent(agent.save(tmp_path / "agent"), tiny_env()).name == "mine"


@pytest.mark.parametrize("name", ["dqn", "sb3_dqn"])
def test_a_replay_memory_may_be_left_out_of_the_file(name: str, tiny_env: Any, tmp_path: Path) -> None:
    agent = make_agent(name, tiny_env("Discrete", "picture")).learn(20)
    sizes = [agent.save(tmp_path / "agent", with_memory=with_memory).stat().st_size for with_memory in (True, False)]
    assert sizes[1] < sizes[0]
    assert load_agent(tmp_path / ("agent.npz" if name == "dqn" else "agent.zip")).name == name


def test_stable_baselines_imports_no_tensorflow_and_spares_tensorboard(tmp_path: Path) -> None:
    """Afterwards its writer works, asked for by `tensorboard_log`, and so does TensorFlow's, for the rest of a run."""
    code = f"""
import sys, gymnasium, agents
env = gymnasium.make("CartPole-v1")
agents.make_agent("ppo", env, n_steps=4).learn(4)
assert "tensorflow" not in sys.modules
agents.make_agent("ppo", env, n_steps=4, tensorboard_log={str(tmp_path / "torch")!r}).learn(8)
import tensorflow as tf
with tf.summary.create_file_writer({str(tmp_path / "tf")!r}).as_default():
    tf.summary.scalar("value", 1.0, step=0)
"""
    modules_after(code)
    assert [len(list((tmp_path / name).rglob("events.out.*"))) for name in ("torch", "tf")] == [1, 1]
