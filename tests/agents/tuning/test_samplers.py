import math

import pytest

from agents.tuning.objective import TrialOutcome
from agents.tuning.samplers import SAMPLERS
from agents.tuning.storage import ask, finished_trials, keep, opened_study, settle_interrupted

TRIALS = 6


def worth(params):
    """A smooth stand-in for a run, best at a learning rate of 3e-3."""
    return math.exp(-((math.log10(params["learning_rate"]) + 2.5) ** 2))


def proposals(path, config):
    """What a sampler proposes along a study."""
    with opened_study(path) as study:
        for number in range(TRIALS):
            do_trial(study, config, number)
        return [trial.params for trial in finished_trials(study)]


def proposals_when_interrupted(path, config):
    """The same where every trial is interrupted once, and the file opened anew."""
    for number in range(TRIALS):
        with opened_study(path) as study:
            ask(study, config, number)
        with opened_study(path) as study:
            settle_interrupted(study)
            do_trial(study, config, number)
    with opened_study(path) as study:
        return [trial.params for trial in finished_trials(study)]


def do_trial(study, config, number):
    trial = ask(study, config, number)
    keep(study, trial, TrialOutcome(val_accuracy=worth(trial.params)))


@pytest.fixture(scope="module")
def straight(tmp_path_factory, study_config):
    """The proposals of an undisturbed study, by sampler."""
    folder = tmp_path_factory.mktemp("straight")
    return {name: proposals(folder / f"{name}.db", study_config(sampler=name)) for name in SAMPLERS.names()}


@pytest.mark.parametrize("sampler", SAMPLERS.names())
def test_proposals_are_a_function_of_the_seed_and_the_trials_so_far(sampler, straight, tmp_path, study_config):
    config = study_config(sampler=sampler)
    assert proposals_when_interrupted(tmp_path / "study.db", config) == straight[sampler]


def test_another_seed_proposes_something_else(straight, tmp_path, study_config):
    ones, others = straight["random"], proposals(tmp_path / "study.db", study_config(sampler="random", seed=1))
    assert ones[0] == others[0]  # the agent's own settings
    assert all(one != other for one, other in zip(ones[1:], others[1:], strict=True))


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_what_is_proposed_after_the_startup_is_learned(sampler, straight):
    assert straight[sampler][:3] == straight["random"][:3]
    assert all(one != other for one, other in zip(straight[sampler][3:], straight["random"][3:], strict=True))


def test_the_gaussian_process_closes_in_on_the_best(straight):
    assert max(worth(params) for params in straight["gp"]) > 0.99
