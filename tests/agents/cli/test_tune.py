"""`mps tune` as a user meets it."""

import json
import shlex

import pytest

from agents.cli import main
from agents.cli.parsing import parse

SMALL = ["--proxy", "ridge", "--proxy-kwargs", "nets", "1", "width", "8", "--ipc", "1", "--observation", "features"]
SHORT = ["--trials", "2", "--steps", "5", "--quiet"]


def call(*arguments, code=0):
    assert main([str(argument) for argument in arguments]) == code


@pytest.fixture(scope="module")
def study_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "study"
    call("tune", "ars", *SMALL, *SHORT, "--out", folder)
    return folder


def test_tune_prints_the_best_and_how_to_use_it(tmp_path, capsys):
    call("tune", "dqn", *SMALL, *SHORT, "--agent-kwargs", "batch_size", 8, "--out", tmp_path / "study")
    printed = capsys.readouterr().out
    assert "epsilon_decay" in printed
    assert "study.png" in printed
    _, *arguments = shlex.split(printed.splitlines()[-1])
    best = json.loads((tmp_path / "study" / "best.json").read_text())
    assert parse(arguments).agent_kwargs == best["agent_kwargs"]
    assert best["agent_kwargs"]["batch_size"] == 8


def test_tune_prints_json_and_makes_its_folder_in_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    call("tune", "ars", *SMALL, *SHORT, "--sampler", "random", "--json")
    assert json.loads(capsys.readouterr().out)["config"]["sampler"] == "random"
    assert (tmp_path / "runs" / "tune-digits-ipc1-ars-random-seed0" / "best.json").exists()


def test_resuming_a_finished_study_says_so(study_folder, capsys):
    call("tune", "--resume", study_folder)
    assert "is finished already" in capsys.readouterr().out


def test_an_interrupted_study_says_how_to_continue(tmp_path, monkeypatch, capsys):
    import agents.tuning.study as module

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "measure", interrupted)
        call("tune", "ars", *SMALL, *SHORT, "--out", tmp_path / "study", code=130)
    assert capsys.readouterr().err.strip().endswith(f"interrupted. Continue with: mps tune --resume {tmp_path}/study")
    call("tune", "--resume", tmp_path / "study", "--quiet")
    assert (tmp_path / "study" / "best.json").exists()


def test_a_study_that_is_worked_on_is_left_alone(tmp_path, capsys):
    from agents.tuning import TuneConfig, create_study
    from mps_env.config import EnvConfig

    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features")
    folder = create_study(tmp_path / "study", TuneConfig(env=env, agent="ars"))
    with folder.locked():
        call("tune", "--resume", folder.path, code=2)
    assert "being worked on by another process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "tune needs the name of an agent, e.g. mps tune dqn. Known: dqn, sb3_dqn"),
        (["dqnn"], "Did you mean 'dqn'?"),
        (["greedy"], "agent 'greedy' has no search space. Agents that have one: dqn, sb3_dqn"),
        (["td3"], "Agents that can act in it"),
        (["dqn", "--trials", "0"], "trials must be >= 1, got 0"),
        (["dqn", "--sampler", "gpp"], "unknown sampler 'gpp'. Did you mean 'gp'?"),
        (["dqn", "--patience", "0"], "patience must be >= 1, got 0"),
        (["dqn", "--agent-kwargs", "gama", "0.9"], "Did you mean 'gamma'?"),
        (["dqn", "--ipc", "500"], "The largest ipc possible"),
        (["--resume", "nowhere"], "is no study folder"),
        (["dqn", "--resume", "nowhere"], "--resume takes everything from the run's config, got agent as well"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call("tune", *arguments, code=2)
    error = capsys.readouterr().err.strip()
    assert error.startswith("mps: ")
    assert "\n" not in error
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_an_existing_study_is_left_alone(study_folder, capsys):
    before = (study_folder / "best.json").read_bytes()
    call("tune", "ars", *SMALL, "--out", study_folder, code=2)
    assert "exists already" in capsys.readouterr().err
    assert (study_folder / "best.json").read_bytes() == before


def test_a_study_whose_file_was_lost_or_replaced_is_not_begun_anew(tmp_path, capsys):
    from agents.tuning import TuneConfig, create_study
    from agents.tuning.objective import TrialOutcome
    from agents.tuning.report import write_trials
    from agents.tuning.storage import ask, finished_trials, keep, opened_study
    from mps_env.config import EnvConfig

    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features")
    config = TuneConfig(env=env, agent="ars")
    folder, other = create_study(tmp_path / "study", config), create_study(tmp_path / "other", config)
    with opened_study(folder.study) as study:
        keep(study, ask(study, config, 0), TrialOutcome(val_accuracy=0.5))
        write_trials(folder.trials, config, finished_trials(study))
    listed = folder.trials.read_bytes()

    folder.study.write_bytes(other.study.read_bytes())
    call("tune", "--resume", folder.path, code=2)
    assert "study.db holds 0 finished trials, and trials.csv lists 1" in capsys.readouterr().err
    folder.study.unlink()
    call("tune", "--resume", folder.path, code=2)
    assert "study.db is missing" in capsys.readouterr().err
    assert folder.trials.read_bytes() == listed


def test_a_damaged_outcome_is_told_in_one_line(tmp_path, capsys):
    from agents.tuning import TuneConfig, create_study
    from agents.tuning.storage import ask, opened_study
    from mps_env.config import EnvConfig

    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features")
    config = TuneConfig(env=env, agent="ars")
    folder = create_study(tmp_path / "study", config)
    with opened_study(folder.study) as study:
        ask(study, config, 0).set_user_attr("outcome", {"accuracy": 1})
    call("tune", "--resume", folder.path, code=2)
    assert "study.db cannot be used: a trial's outcome is damaged" in capsys.readouterr().err
