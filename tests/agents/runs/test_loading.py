from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from agents import load_run
from agents.runs.config import RunConfig
from agents.runs.folder import create_folder
from agents.runs.run import execute
from mps_env.config import EnvConfig
from mps_env.evaluation import AuditConfig

AUDIT = AuditConfig(network="linear", seeds=1, steps=5, eval_points=1)
ENV = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features", edits=("noise",))


def finished(path: Path, **changes) -> Path:
    execute(create_folder(path, RunConfig(**{"env": ENV, "audit": AUDIT, **changes})), quiet=True)
    return path


@pytest.fixture(scope="module")
def dqn_run(tmp_path_factory) -> Path:
    return finished(tmp_path_factory.mktemp("runs") / "dqn", agent="dqn", steps=6, episode_steps=4)


def test_a_copied_folder_is_enough_for_agent_and_set(dqn_run, tmp_path):
    folder = shutil.copytree(dqn_run, tmp_path / "shared")
    run = load_run(folder)
    assert (run.config.agent, run.config.steps, run.summary["env_steps"]) == ("dqn", 6, 6)
    assert run.synthetic_set.images.shape == (10, 8, 8, 1)
    env = run.make_env()
    observation, _ = env.reset(seed=0)
    assert env.action_space.contains(run.agent.predict(observation, deterministic=True)[0])
    assert run.agent is run.agent


def test_the_environment_is_that_of_the_run_but_for_what_is_changed(dqn_run):
    env = load_run(dqn_run).make_env(ipc=2)
    assert env.unwrapped.task.config == EnvConfig(**{**vars(ENV), "ipc": 2})
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(4)] == [False, False, False, True]


def test_the_agent_goes_on_learning_in_it(dqn_run):
    run = load_run(dqn_run)
    agent = run.load_agent(run.make_env())
    assert agent.learn(3, reset_num_timesteps=False).num_timesteps == 9


def test_opening_a_stable_baselines_agent_is_announced_and_the_rest_of_the_run_is_not(tmp_path, caplog):
    run_folder = finished(tmp_path / "run", agent="a2c", agent_kwargs={"n_steps": 2}, steps=4)
    with caplog.at_level(logging.WARNING):
        run = load_run(run_folder)
        assert caplog.text == ""
        action, _ = run.agent.predict(np.zeros(13, np.float32), deterministic=True)
    assert "is unpickled: open only files from people you trust" in caplog.text
    assert action == 0


def test_a_distillers_run_has_a_set_and_no_agent(tmp_path):
    run = load_run(finished(tmp_path / "run", method="herding"))
    assert len(run.synthetic_set) == 10
    with pytest.raises(ValueError, match=r"is a run of the distiller 'herding' and holds no agent. Use .synthetic_set"):
        _ = run.agent


def test_what_is_no_run_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"is no run folder: it has no config.json"):
        load_run(tmp_path)


def test_an_unfinished_run_is_told_with_the_command_that_finishes_it(tmp_path):
    create_folder(tmp_path / "run", RunConfig(env=ENV, audit=AUDIT))
    with pytest.raises(ValueError, match=r"run is not finished. Finish it with: mps distill --resume"):
        load_run(tmp_path / "run")


def test_a_missing_agent_is_told(dqn_run, tmp_path):
    folder = shutil.copytree(dqn_run, tmp_path / "shared")
    (folder / "agent.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks its agent's file, agent.npz, agent.json, agent.zip"):
        _ = load_run(folder).agent
