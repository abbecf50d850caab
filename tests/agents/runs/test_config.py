import json

import pytest

from agents.runs.config import RunConfig
from mps_env.config import EnvConfig


def test_a_config_comes_back_from_its_json():
    config = RunConfig(env=EnvConfig(edits=("noise", "keep"), proxy_kwargs={"epochs": 3}), agent="ppo", budget_s=9.5)
    assert RunConfig.from_json(config.to_json()) == config


def test_the_budget_alone_lifts_the_default_step_limit():
    assert RunConfig().step_limit == 600
    assert RunConfig(budget_s=5).step_limit is None
    assert RunConfig(budget_s=5, steps=7).step_limit == 7


def test_a_run_leaves_stop_out_unless_it_is_named():
    assert "stop" not in RunConfig().env_of_run.edits
    assert RunConfig(env=EnvConfig(edits=("stop", "keep"))).env_of_run.edits == ("stop", "keep")


def test_the_dqn_rehearses_before_a_costly_proxy_only():
    assert RunConfig().rehearsal_steps == 2000
    assert RunConfig(rehearsal=0).rehearsal_steps == 0
    assert RunConfig(env=EnvConfig(proxy="ridge")).rehearsal_steps == 0
    assert RunConfig(agent="ppo").rehearsal_steps == RunConfig(method="herding").rehearsal_steps == 0
    assert RunConfig(env=EnvConfig(proxy_kwargs={"epochs": 3})).env_of_rehearsal.proxy == "ridge"


def test_a_climb_is_one_long_episode():
    assert RunConfig().episode_limit == 200
    assert RunConfig(env=EnvConfig(accept="improve"), steps=5000).episode_limit == 5000
    assert RunConfig(env=EnvConfig(accept="improve"), steps=5000, episode_steps=50).episode_limit == 50


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "steps must be > 0, got 0"),
        ({"budget_s": -1}, "budget_s must be a number > 0, got -1"),
        ({"episode_steps": -5}, "episode_steps must be > 0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
        ({"rehearsal": -1}, "rehearsal must be >= 0, got -1"),
        ({"agent": "ppo", "rehearsal": 10}, "'ppo' cannot rehearse, got rehearsal=10. Who can: dqn"),
        ({"iterations": 5}, "iterations and method_kwargs belong to a distiller"),
        ({"method": "herding", "steps": 5}, "steps counts an agent's steps, and 'herding' is a distiller"),
        ({"method": "herding", "episode_steps": 5}, "episode_steps is for an agent, and 'herding' is a distiller"),
        ({"method": "herding", "agent_kwargs": {"gamma": 0.9}}, "agent_kwargs is for an agent"),
        ({"agent_kwargs": {"seed": 3}}, "agent_kwargs must not hold 'seed', which the run gives"),
        ({"method": "ridge_search", "method_kwargs": {"task": 3}}, "method_kwargs must not hold 'task'"),
    ],
)
def test_bad_numbers_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        RunConfig(**wrong)


def test_an_entry_that_no_config_has_is_named():
    text = json.dumps(json.loads(RunConfig().to_json()) | {"agnt": "dqn"})
    with pytest.raises(ValueError, match="a run's config takes no argument 'agnt'. Did you mean 'agent'"):
        RunConfig.from_json(text)
