"""The ready hyperparameters, in rl_zoo3 itself."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agents.sb3.table import ALGORITHMS
from mps_env.config import EnvConfig
from mps_env.zoo.environment import on_task
from mps_env.zoo.settings import task_of, tuned_values

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "examples" / "results" / "zoo"
ZOO = sorted(
    path.stem
    for path in (ROOT / "mps_env" / "zoo").glob("*.py")
    if path.stem not in ("__init__", "settings", "environment")
)
# What the package calls otherwise.
AGENTS = {"dqn": "sb3_dqn", "ppo_lstm": "recurrent_ppo"}
_OF_THE_ZOO = ("n_timesteps", "env_kwargs", "env_wrapper", "policy", "policy_kwargs")


@pytest.fixture(autouse=True, scope="module")
def gymnasium_as_it_was() -> Iterator[None]:
    """Importing rl_zoo3 replaces Gymnasium's TimeLimit for the whole process; later tests shall have the original."""
    homes = (gym.wrappers, gym.wrappers.common, gym.envs.registration)
    originals = [vars(home).get("TimeLimit") for home in homes]
    yield
    for home, original in zip(homes, originals, strict=True):
        if original is not None:
            home.TimeLimit = original
        elif "TimeLimit" in vars(home):
            del home.TimeLimit


def hyperparams(name: str) -> dict[str, Any]:
    """As the module gives them: rl_zoo3 changes the dictionary that it reads."""
    return importlib.reload(importlib.import_module(f"mps_env.zoo.{name}")).hyperparams["MPSDistill-v0"]


def rl_zoo3(*arguments: str, cwd: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_a_config_for_every_algorithm_of_rl_zoo3():
    from rl_zoo3.utils import ALGOS

    assert sorted(ALGOS) == ZOO


COMMON = ("--algo", "ppo", "--env", "MPSDistill-v0", "--gym-packages", "mps_env")


def test_the_command_of_the_documentation_trains(tmp_path):
    # Evaluated once, in the environment that rl_zoo3 makes without the config's arguments.
    short = ("-n", "256", "--eval-freq", "200", "--eval-episodes", "1", "--seed", "0")
    trained = rl_zoo3("rl_zoo3.train", *COMMON, "-conf", "mps_env.zoo.ppo", *short, cwd=tmp_path)
    assert re.search(r"total_timesteps\s+\| 256", trained)
    assert "Eval num_timesteps=200" in trained


@pytest.mark.slow
def test_what_was_trained_plays(tmp_path):
    rl_zoo3("rl_zoo3.train", *COMMON, "-conf", "mps_env.zoo.ppo", "-n", "128", "--eval-freq", "-1", cwd=tmp_path)
    played = rl_zoo3("rl_zoo3.enjoy", *COMMON, "-f", "logs", "--no-render", "-n", "210", cwd=tmp_path)
    assert "Episode Length 200" in played


@pytest.mark.parametrize("name", ZOO)
def test_every_config_trains_in_rl_zoo3(name, tmp_path):
    import argparse

    from rl_zoo3.exp_manager import ExperimentManager

    manager = ExperimentManager(
        argparse.Namespace(),
        name,
        "MPSDistill-v0",
        str(tmp_path),
        n_timesteps=8,
        eval_freq=-1,
        log_interval=-1,
        verbose=0,
        device="cpu",
        config=f"mps_env.zoo.{name}",
        hyperparams=_smaller(name),
    )
    model, _ = manager.setup_experiment()
    manager.learn(model)
    manager.save_trained_model(model)
    assert model.num_timesteps >= 8
    assert model.observation_space.shape == (13,)
    assert list(tmp_path.rglob("MPSDistill-v0.zip"))


def _smaller(name: str) -> dict[str, Any]:
    """Smaller sets and banks, and a first update within a few steps."""
    env_kwargs = {**hyperparams(name)["env_kwargs"], "ipc": 2, "proxy_kwargs": {"nets": 1, "width": 8}}
    if name in ("ppo", "ppo_lstm", "trpo"):
        return {"env_kwargs": env_kwargs, "n_steps": 8, "batch_size": 8}
    return {"env_kwargs": env_kwargs, **({"learning_starts": 4} if "learning_starts" in hyperparams(name) else {})}


@pytest.mark.parametrize("name", ZOO)
def test_settings_are_those_of_the_agent_but_for_what_was_tuned(name):
    row = ALGORITHMS[AGENTS.get(name, name)]
    found = hyperparams(name)
    own = {key: value for key, value in found.items() if key not in _OF_THE_ZOO}
    if own.pop("noise_type", None) is not None:
        own["action_noise"] = own.pop("noise_std")
    tuned = {{"noise_std": "action_noise"}.get(key, key) for key in tuned_values().get(name, {})}
    without = lambda settings: {key: value for key, value in settings.items() if key not in tuned}  # noqa: E731
    assert without(own) == without(row.settings)
    assert found.get("policy_kwargs", {}) == row.policy_kwargs
    assert found["policy"] == row.policies["vector"]


def test_tuned_values_are_those_of_the_kept_studies():
    studies = {path.parent.name: json.loads(path.read_text()) for path in RESULTS.glob("*/best.json")}
    names = {"action_noise": "noise_std"}
    found = {
        name: {names.get(key, key): value for key, value in study["params"].items()} for name, study in studies.items()
    }
    assert tuned_values() == found
    for name, study in studies.items():
        env = study["config"]["env"]
        assert {key: env[key] for key in ("proxy", "observation", "reward", "action")} == {
            key: value for key, value in hyperparams(name)["env_kwargs"].items() if key != "edits"
        }


def test_an_environment_made_without_arguments_is_put_on_the_task():
    env = on_task(gym.make("MPSDistill-v0"), **task_of("perturb"))
    assert env.unwrapped.task.config == EnvConfig(**task_of("perturb"))
    assert env.reset(seed=0)[0].shape == (13,)
    assert env.step(env.action_space.sample())[4]["edit"] == 0


def test_an_environment_made_with_arguments_stays_as_it_is():
    env = on_task(gym.make("MPSDistill-v0", proxy="ridge", ipc=1), **task_of())
    assert env.unwrapped.task.config == EnvConfig(proxy="ridge", ipc=1)
