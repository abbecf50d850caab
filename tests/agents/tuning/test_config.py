import json

import pytest

from agents.runs.config import RunConfig
from agents.tuning import TuneConfig
from mps_env.config import EnvConfig


def test_a_config_comes_back_from_its_json():
    config = TuneConfig(env=EnvConfig(edits=("noise", "keep")), agent="ppo", agent_kwargs={"n_steps": 64}, patience=3)
    assert TuneConfig.from_json(config.to_json()) == config


def test_a_trial_is_a_run_with_the_proposed_settings():
    config = TuneConfig(agent_kwargs={"gamma": 0.9}, steps=50, seed=3)
    settings = {"gamma": 0.9, "learning_rate": 1e-3}
    assert config.run_configs({"learning_rate": 1e-3}) == [RunConfig(agent_kwargs=settings, steps=50, seed=3)]


def test_each_repeat_has_a_seed_of_its_own():
    assert [run.seed for run in TuneConfig(repeats=3, seed=5).run_configs({})] == [5, 6, 7]


def test_what_is_held_fixed_is_not_searched_over():
    assert list(TuneConfig(agent_kwargs={"learning_rate": 1e-3}).space) == ["epsilon_decay"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"trials": 0}, "trials must be >= 1, got 0. Leave it out for the default."),
        ({"repeats": 0}, "repeats must be >= 1, got 0"),
        ({"startup": 0}, "startup must be >= 1, got 0"),
        ({"patience": 0}, "patience must be >= 1, got 0"),
        ({"steps": 0}, "steps must be > 0, got 0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
        ({"sampler": "tpee"}, "unknown sampler 'tpee'. Did you mean 'tpe'\\? Known: tpe, gp, random"),
        ({"agent": "dqnn"}, "unknown agent 'dqnn'. Did you mean 'dqn'"),
        ({"agent": "greedy"}, "agent 'greedy' has no search space. Agents that have one: dqn, sb3_dqn, ppo"),
        ({"agent": "crossq", "agent_kwargs": {"learning_rate": 1}}, "agent_kwargs fixes all .* \\(learning_rate\\)"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        TuneConfig(**wrong)


def test_a_number_must_be_whole():
    with pytest.raises(TypeError, match="trials must be a whole number, got 2.5"):
        TuneConfig(trials=2.5)


def test_an_entry_that_no_config_has_is_named():
    text = json.dumps(json.loads(TuneConfig().to_json()) | {"trial": 3})
    with pytest.raises(ValueError, match="a study's config takes no argument 'trial'. Did you mean 'trials'"):
        TuneConfig.from_json(text)


def test_a_config_that_is_no_object_is_refused():
    with pytest.raises(ValueError, match="must be a JSON object, got list"):
        TuneConfig.from_json("[]")
