"""Whole studies on digits, small enough for the default suite."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

import agents.tuning.storage as storage_module
import agents.tuning.study as study_module
from agents.tuning import run_study, tune
from agents.tuning.folder import StudyFolder, default_path
from agents.tuning.objective import TrialOutcome
from agents.tuning.storage import FinishedTrial, opened_study
from agents.tuning.study import create_study, is_over


def studied(path, config):
    tune(config, path, quiet=True)
    return StudyFolder(path)


def rows_of(folder):
    """The rows of `trials.csv`, without what a clock says."""
    rows = list(csv.DictReader(folder.trials.read_text().splitlines()))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def same_result(one, other):
    bests = [
        {name: value for name, value in folder.read_best().items() if name != "seconds"} for folder in (one, other)
    ]
    return rows_of(one) == rows_of(other) and bests[0] == bests[1]


def states_of(folder):
    with opened_study(folder.study) as study:
        return [trial.state.name for trial in study.get_trials(deepcopy=False)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory, study_config):
    return studied(tmp_path_factory.mktemp("studies") / "study", study_config())


NAMES = ("learning_rate", "exploration_fraction")


def test_a_study_leaves_its_files(finished):
    names = {path.name for path in finished.path.iterdir()}
    assert names == {"config.json", "study.db", "best.json", "trials.csv", "study.png"}
    assert finished.picture.read_bytes().startswith(b"\x89PNG")


def test_the_first_trial_is_the_agents_own_settings(finished):
    first = rows_of(finished)[0]
    assert tuple(float(first[name]) for name in NAMES) == (1e-3, 0.3)


def test_every_trial_has_a_row(finished):
    rows = rows_of(finished)
    assert [int(row["trial"]) for row in rows] == list(range(6))
    assert all(1e-4 <= float(row["learning_rate"]) <= 1e-2 and row["env_steps"] == "30" for row in rows)
    assert len({row["val_accuracy"] for row in rows}) > 1


def test_the_best_is_the_highest_of_the_rows(finished):
    best, rows = finished.read_best(), rows_of(finished)
    highest = max(rows, key=lambda row: float(row["val_accuracy"]))
    assert best["best_trial"] == int(highest["trial"])
    assert best["val_accuracy"] == float(highest["val_accuracy"])
    assert best["params"] == {name: float(highest[name]) for name in NAMES}
    assert best["default_val_accuracy"] == float(rows[0]["val_accuracy"])
    assert (best["trials"], best["failed_trials"], best["stopped_early"]) == (6, 0, False)
    assert {"optuna", "mps-distill"} <= set(best["versions"])
    assert best["config"] == json.loads(finished.config.read_text())


def test_a_finished_study_is_not_repeated(finished, study_config, monkeypatch):
    monkeypatch.setattr(study_module, "measure", lambda *args, **kwargs: pytest.fail("a trial was done again"))
    before = finished.best.read_bytes()
    assert tune(study_config(), finished.path, quiet=True) == json.loads(before)
    assert finished.best.read_bytes() == before


def test_a_result_that_was_lost_is_made_again_from_the_trials(finished, monkeypatch):
    monkeypatch.setattr(study_module, "measure", lambda *args, **kwargs: pytest.fail("a trial was done again"))
    before = [file.read_bytes() for file in (finished.best, finished.trials, finished.picture)]
    for file in (finished.best, finished.trials, finished.picture):
        file.unlink()
    run_study(finished, quiet=True)
    assert [file.read_bytes() for file in (finished.best, finished.trials, finished.picture)] == before


def test_a_folder_with_another_study_is_left_alone(finished, study_config):
    with pytest.raises(FileExistsError, match="holds a study with another config"):
        tune(study_config(seed=1), finished.path, quiet=True)


def test_the_same_settings_are_run_once(tmp_path, study_config, monkeypatch):
    runs = []
    original = study_module.measure
    monkeypatch.setattr(study_module, "measure", lambda *a, **k: runs.append(1) or original(*a, **k))
    monkeypatch.setattr(study_module, "ask", lambda study, config, number: ask_same(study))

    def ask_same(study):
        from optuna.distributions import FloatDistribution

        study.enqueue_trial({name: 0.1 for name in NAMES})
        return study.ask({name: FloatDistribution(0.0, 1.0) for name in NAMES})

    folder = studied(tmp_path / "study", study_config(trials=3, steps=5))
    assert len(runs) == 1
    assert [row["env_steps"] for row in rows_of(folder)] == ["5", "0", "0"]
    assert len({row["val_accuracy"] for row in rows_of(folder)}) == 1


def test_an_interrupted_trial_is_failed_and_done_again(finished, tmp_path, study_config, monkeypatch):
    runs = []
    original = study_module.measure

    def interrupted(*args, **kwargs):
        if len(runs) == 4:
            raise KeyboardInterrupt
        runs.append(1)
        return original(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(study_module, "measure", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tune(study_config(), tmp_path / "study", quiet=True)
    assert states_of(StudyFolder(tmp_path / "study")) == ["COMPLETE"] * 4 + ["RUNNING"]
    monkeypatch.setattr(study_module, "measure", lambda *a, **k: runs.append(1) or original(*a, **k))
    resumed = studied(tmp_path / "study", study_config())
    assert len(runs) == 6
    assert states_of(resumed) == ["COMPLETE"] * 4 + ["FAIL"] + ["COMPLETE"] * 2
    assert same_result(finished, resumed)


def test_a_trial_cut_off_while_its_outcome_is_written_is_kept(finished, tmp_path, study_config, monkeypatch):
    told = []
    original = storage_module._tell

    def cut_off(*args):
        if len(told) == 3:
            raise KeyboardInterrupt
        told.append(1)
        original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(storage_module, "_tell", cut_off)
        with pytest.raises(KeyboardInterrupt):
            tune(study_config(), tmp_path / "study", quiet=True)
    resumed = studied(tmp_path / "study", study_config())
    assert states_of(resumed) == ["COMPLETE"] * 6
    assert same_result(finished, resumed)


KILLED_STUDY = """
import sys
from pathlib import Path
from agents.tuning import run_study
from agents.tuning.folder import StudyFolder
run_study(StudyFolder(Path(sys.argv[1])), quiet=True)
"""


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_a_killed_study_continues_to_the_same_trials(sampler, finished, tmp_path, study_config):
    config = study_config(sampler=sampler)
    undisturbed = finished if sampler == "tpe" else studied(tmp_path / "undisturbed", config)
    killed = create_study(tmp_path / "killed", config)
    process = subprocess.Popen([sys.executable, "-c", KILLED_STUDY, str(killed.path)], env=os.environ)
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if killed.trials.exists() and len(rows_of(killed)) >= 4:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.01)
    assert process.wait() == -signal.SIGKILL
    assert not killed.is_finished
    run_study(killed, quiet=True)
    assert same_result(undisturbed, killed)


def test_two_processes_cannot_work_on_one_study(tmp_path, study_config):
    folder = create_study(tmp_path / "study", study_config())
    with folder.locked(), pytest.raises(BlockingIOError, match="being worked on by another process"):
        run_study(folder, quiet=True)


def test_failed_trials_are_reported_and_do_not_end_the_study(tmp_path, study_config, monkeypatch):
    outcomes = iter([TrialOutcome(val_accuracy=None, error="nan")] * 2 + [TrialOutcome(val_accuracy=0.5)])
    monkeypatch.setattr(study_module, "measure", lambda *args, **kwargs: next(outcomes))
    folder = studied(tmp_path / "study", study_config(trials=3))
    assert [row["error"] for row in rows_of(folder)] == ["nan", "nan", ""]
    best = folder.read_best()
    assert (best["best_trial"], best["failed_trials"], best["default_val_accuracy"]) == (2, 2, None)


def test_a_study_of_failures_says_why(tmp_path, study_config, monkeypatch):
    failed = TrialOutcome(val_accuracy=None, error="not finite")
    monkeypatch.setattr(study_module, "measure", lambda *args, **kwargs: failed)
    with pytest.raises(RuntimeError, match="all 2 trials failed; the first one: not finite"):
        tune(study_config(trials=2), tmp_path / "study", quiet=True)
    assert not StudyFolder(tmp_path / "study").is_finished


def finished_with(*accuracies):
    return [
        FinishedTrial(number=number, params={}, outcome=TrialOutcome(val_accuracy=accuracy))
        for number, accuracy in enumerate(accuracies)
    ]


@pytest.mark.parametrize(
    ("accuracies", "over"),
    [
        ((0.5, 0.4, 0.4), False),  # the startup is not counted
        ((0.5, 0.4, 0.4, 0.4), False),
        ((0.5, 0.4, 0.4, 0.4, 0.5), True),  # an equal value is no improvement
        ((0.5, 0.4, 0.4, 0.6, 0.5), False),
        ((0.5, 0.4, 0.4, 0.6, 0.5, None), True),
        ((None, None, None, None, None), True),
    ],
)
def test_patience_counts_trials_in_vain_after_the_startup(accuracies, over, study_config):
    config = study_config(startup=3, patience=2, trials=10)
    assert is_over(config, finished_with(*accuracies)) == over


def test_without_patience_all_trials_are_done(study_config):
    assert not is_over(study_config(trials=5), finished_with(0.5, 0.1, 0.1, 0.1))
    assert is_over(study_config(trials=5), finished_with(0.5, 0.1, 0.1, 0.1, 0.1))


def test_what_cannot_be_studied_is_told_before_anything_is_written(tmp_path, study_config):
    with pytest.raises(ValueError, match="agent 'sac' acts in Box spaces"):
        create_study(tmp_path / "study", study_config(agent="sac"))
    with pytest.raises(ValueError, match="no argument 'gama'"):
        create_study(tmp_path / "study", study_config(agent_kwargs={"gama": 0.9}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["with space", "100%", "what?x=1", "{braces}", "hash#ü"])
def test_a_study_may_lie_in_a_folder_of_any_name(name, tmp_path):
    (tmp_path / name).mkdir()
    with opened_study(tmp_path / name / "study.db") as study:
        study.ask()
    assert [path.name for path in (tmp_path / name).iterdir()] == ["study.db"]


def test_a_file_that_is_no_study_is_named(tmp_path):
    (tmp_path / "study.db").write_text("no database")
    message = r"study.db cannot be used: .*not a database.* Start a new study"
    with pytest.raises(ValueError, match=message), opened_study(tmp_path / "study.db"):
        pass


def test_optuna_keeps_quiet_and_is_left_as_it_was(tmp_path, caplog, capsys):
    import optuna

    before = optuna.logging.get_verbosity()
    with opened_study(tmp_path / "study.db") as study:
        study.tell(study.ask(), 1.0)
    assert optuna.logging.get_verbosity() == before
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_result_that_cannot_be_used_is_named(tmp_path, text):
    folder = StudyFolder(tmp_path)
    folder.best.write_text(text)
    with pytest.raises(ValueError, match=r"best.json .*Remove it, and --resume makes it again"):
        folder.read_best()


def test_default_paths_are_numbered(tmp_path, monkeypatch, study_config):
    monkeypatch.chdir(tmp_path)
    first = default_path(study_config())
    assert str(first) == "runs/tune-digits-ipc1-sb3_dqn-tpe-seed0"
    first.mkdir(parents=True)
    assert str(default_path(study_config())) == "runs/tune-digits-ipc1-sb3_dqn-tpe-seed0-2"
