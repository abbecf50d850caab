import dataclasses
import importlib

import pytest

from agents.runs.folder import create_folder
from agents.runs.run import execute
from agents.runs.selection import leader
from agents.tuning.objective import measure
from mps_env.evaluation import AuditConfig
from mps_env.task import Task

AUDIT = AuditConfig(network="linear", seeds=1, steps=5, eval_points=1)


def outcome_of(config, params, **kwargs):
    runs = config.run_configs(params)
    return measure(runs, Task(runs[0].env_of_run), **kwargs)


@pytest.mark.parametrize("agent", ["sb3_dqn", "dqn"])
def test_a_trial_is_worth_what_the_run_finds(agent, study_config, tmp_path, monkeypatch):
    """A trial writes nothing, so it is code beside a run's; this is what holds the two together."""
    # A run's own choice also asks for a clear lead over the initial set; a trial's value is that of the leader.
    monkeypatch.setattr("agents.runs.run.choose", leader)
    config = study_config(agent=agent, agent_kwargs={"batch_size": 8}, steps=40, episode_steps=15)
    params = {"learning_rate": 3e-3}
    (run,) = config.run_configs(params)
    summary = execute(create_folder(tmp_path / "run", dataclasses.replace(run, audit=AUDIT)), quiet=True)
    outcome = outcome_of(config, params)
    assert outcome.val_accuracy == summary["val_accuracy"]
    assert outcome.env_steps == summary["env_steps"] == 40
    assert outcome.proxy_trainings == summary["proxy_trainings"]


def test_repeats_are_averaged(study_config):
    ones = [outcome_of(study_config(seed=seed, steps=10), {}) for seed in (0, 1)]
    both = outcome_of(study_config(repeats=2, steps=10), {})
    assert both.val_accuracy == pytest.approx(sum(one.val_accuracy for one in ones) / 2)
    assert both.env_steps == 20


def test_steps_are_counted_over_all_repeats(study_config):
    seen = []
    outcome_of(study_config(repeats=2, steps=3), {}, on_step=seen.append)
    assert seen == [0, 1, 2, 3, 3, 4, 5, 6]


def test_settings_under_which_the_agent_breaks_are_an_outcome(study_config):
    perturbing = dataclasses.replace(study_config().env, action="perturb", edits=None)
    config = study_config(agent="td3", env=perturbing, steps=20, agent_kwargs={"learning_starts": 4, "batch_size": 4})
    outcome = outcome_of(config, {"learning_rate": 1e30})
    assert outcome.val_accuracy is None
    assert "weights were not finite after 6 steps" in outcome.error
    assert 0 < outcome.env_steps <= 20
    assert outcome.proxy_trainings > 0


def test_the_test_split_is_never_read(study_config, monkeypatch):
    def read(*args, **kwargs):
        raise AssertionError("the test split was read")

    monkeypatch.setattr("mps_env.data.test_split.load_test_split", read)
    monkeypatch.setattr(importlib.import_module("mps_env.evaluation.audit"), "load_test_split", read)
    assert outcome_of(study_config(steps=5), {}).val_accuracy > 0
