"""The command line as a user meets it: exit codes, one-line errors, files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agents.cli import main
from agents.cli.reporting import report_errors
from agents.runs.durations import parse_duration

SMALL = ["--proxy", "ridge", "--proxy-kwargs", "nets", "1", "width", "8", "--ipc", "2", "--observation", "features"]
AUDIT = ["--network", "linear", "--audit-seeds", "1", "--audit-steps", "10"]


def call(*arguments, code=0):
    """Run a command in this process and check its exit code."""
    assert main([str(argument) for argument in arguments]) == code


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "run"
    call("distill", *SMALL, *AUDIT, "--agent", "random", "--steps", 10, "--out", folder, "--quiet")
    return folder


def test_distill_prints_the_figures_and_where_the_pictures_are(tmp_path, capsys):
    call("distill", *SMALL, *AUDIT, "--agent", "random", "--steps", 4, "--out", tmp_path / "run", "--quiet")
    printed = capsys.readouterr().out
    assert "distilled" in printed
    assert "contact_sheet.png" in printed


def test_distill_prints_json(tmp_path, capsys):
    call("distill", *SMALL, *AUDIT, "--method", "herding", "--out", tmp_path / "run", "--quiet", "--json")
    assert json.loads(capsys.readouterr().out)["method"] == "herding"


def test_resuming_a_finished_run_says_so(run_folder, capsys):
    call("distill", "--resume", run_folder)
    assert "is finished already" in capsys.readouterr().out


def test_show_names_the_pictures(run_folder, capsys):
    call("show", run_folder)
    assert "progress.png" in capsys.readouterr().out


def test_a_run_on_a_relative_path_continues_from_anywhere(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    images, labels = (rng.random((80, 8, 8)) * 255).astype(np.uint8), np.arange(80) % 10
    np.savez(tmp_path / "mine.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    monkeypatch.chdir(tmp_path)
    call("distill", *SMALL, *AUDIT, "--dataset", "mine.npz", "--val-size", 20, "--method", "random", "--out", "run")
    assert json.loads((tmp_path / "run" / "config.json").read_text())["env"]["dataset"] == str(tmp_path / "mine.npz")


def test_show_overwrites_nothing(run_folder, tmp_path, capsys):
    (tmp_path / "kept").write_text("mine")
    call("show", run_folder / "synthetic.npz", "--out", tmp_path / "kept", code=2)
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "kept").read_text() == "mine"


def test_show_draws_the_sheet_of_a_set(run_folder, tmp_path):
    call("show", run_folder / "synthetic.npz", "--out", tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_evaluate_writes_its_result(run_folder, tmp_path, capsys):
    out = tmp_path / "evaluation.json"
    networks = ["--networks", "linear", "mlp", "--seeds", 1, "--steps", 10]
    call("evaluate", run_folder / "synthetic.npz", *networks, "--out", out, "--quiet")
    values = json.loads(out.read_text())
    assert set(values["networks"]) == {"linear", "mlp"}
    assert len(values["networks"]["mlp"]["accuracies"]) == 1
    call("evaluate", run_folder / "synthetic.npz", *networks, "--out", out, "--quiet", code=2)
    assert "exists already" in capsys.readouterr().err


def test_evaluate_gives_the_networks_their_arguments(run_folder, tmp_path):
    out = tmp_path / "evaluation.json"
    options = [
        "--networks",
        "lenet",
        "--network-kwargs",
        "size",
        "native",
        "--learning-rate",
        "2e-4",
        "--augment",
        "slight",
    ]
    call("evaluate", run_folder / "synthetic.npz", *options, "--seeds", 1, "--steps", 2, "--out", out, "--quiet")
    recipe = json.loads(out.read_text())["networks"]["lenet"]["recipe"]
    assert (recipe["network_kwargs"], recipe["learning_rate"]) == ({"size": "native"}, 2e-4)
    assert (recipe["augmentation"]["rotation"], recipe["augmentation"]["flip"]) == (5.0, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["linear", "--network-kwargs", "size", "64"], "network 'linear' takes no argument 'size'. Allowed: none."),
        (["lenet", "--network-kwargs", "size", "4"], "takes sizes of 8 pixels and up, got size=4. Use size=8"),
        (["resnet50", "--network-kwargs", "size", "big"], "wants size as a whole number of pixels or 'native'"),
        (["lenet", "linear", "--network-kwargs", "sise", "8"], "Did you mean 'size'?"),
    ],
)
def test_evaluate_checks_the_networks_before_any_work(run_folder, tmp_path, capsys, arguments, message):
    out = tmp_path / "evaluation.json"
    call("evaluate", run_folder / "synthetic.npz", "--networks", *arguments, "--out", out, code=2)
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_datasets_lists_what_can_be_loaded(capsys):
    call("datasets", "--json")
    listed = {status["name"]: status for status in json.loads(capsys.readouterr().out)}
    assert listed["digits"]["is_available"]
    assert set(listed) >= {"mnist", "fashion_mnist", "cifar10", "cifar100"}


def test_speed_measures_the_parts_it_is_asked_for(tmp_path):
    call("speed", "--parts", "overhead", "import", "--quick", "--out", tmp_path / "speed.json")
    figures = json.loads((tmp_path / "speed.json").read_text())
    assert set(figures) == {"overhead", "import"}
    assert figures["import"]["heavy_modules"] == []


def test_no_command_prints_all_of_them(capsys):
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("distill", "evaluate", "tune", "benchmark", "speed", "show", "datasets"))


@pytest.mark.parametrize("command", ["distill", "evaluate", "tune", "benchmark", "speed", "show", "datasets"])
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"  mps {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["distil"], "unknown command 'distil'. Did you mean 'distill'?"),
        (["distill", "--ipcc", "4"], "Unrecognized options: --ipcc"),
        (["distill", "--ipc", "four"], "Error parsing --ipc"),
        (["distill", "--ipc", "0"], "ipc must be >= 1, got 0"),
        (["distill", "--ipc", "500"], "The largest ipc possible"),
        (["distill", "--dataset", "minst"], "Did you mean 'mnist'?"),
        (["distill", "--agent", "ppoo"], "Did you mean 'ppo'?"),
        (["distill", "--agent", "sac"], "Agents that can act in it"),
        (["distill", "--accept", "sometimes"], "Known: always, improve, descend"),
        (["distill", "--budget", "soon"], "budget must be a time such as 90s"),
        (["distill", "--budget", "0"], "budget must be more than zero"),
        (["distill", "--network", "vgg"], "Did you mean 'vgg11'?"),
        (
            ["distill", "--network", "lenet", "--network-kwargs", "size", "4"],
            "takes sizes of 8 pixels and up, got size=4",
        ),
        (["distill", "--audit-steps", "0"], "steps must be"),
        (["distill", "--audit-augment", "strong"], "augment must be auto or one of none, slight, light, light_flip"),
        (["reproduce", "mps2", "--audit-augment", "strong"], "augment must be auto or one of none, slight, light"),
        (["distill", "--proxy", "ridge", "--proxy-kwargs", "nets", "true"], "nets must be a whole number"),
        (["distill", "--proxy-kwargs", "epoch", "3"], "Did you mean 'epochs'?"),
        (["distill", "--resume", "nowhere"], "is no run folder"),
        (["distill", "--resume", "nowhere", "--ipc", "4"], "--resume takes everything from the run's config"),
        (["evaluate", "nothing.npz"], "no synthetic set at nothing.npz"),
        (["show", "nothing"], "is no run folder"),
        (["datasets", "--out", "nowhere/list.json"], "there is no folder nowhere. Make it"),
        (["distill", "--method", "herding", "--agent", "ppo"], "has an agent or a method, got agent 'ppo'"),
        (["speed", "--parts", "cpu"], "cpu"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call(*arguments, code=2)
    error = capsys.readouterr().err.strip()
    assert error.startswith("mps: ")
    assert "\n" not in error
    assert "--- " not in error
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_folder_is_left_alone(run_folder, capsys):
    before = (run_folder / "summary.json").read_bytes()
    call("distill", *SMALL, "--out", run_folder, code=2)
    assert "exists already" in capsys.readouterr().err
    assert (run_folder / "summary.json").read_bytes() == before


def test_a_set_of_another_data_set_is_refused_as_the_start(run_folder, tmp_path, capsys):
    rng = np.random.default_rng(0)
    images, labels = (rng.random((80, 8, 8)) * 255).astype(np.uint8), np.arange(80) % 10
    np.savez(tmp_path / "mine.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    arguments = ["--dataset", tmp_path / "mine.npz", "--init", run_folder / "synthetic.npz", "--ipc", 2]
    call("distill", *arguments, "--out", tmp_path / "run", code=2)
    assert "was made for 'digits'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("20m", 1200), ("1.5h", 5400), ("1h30m", 5400)])
def test_durations_are_what_people_write(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["1h30", "30 s", "s", "", "90x", "0s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="budget must be"):
        parse_duration(text)


def test_a_pipe_that_breaks_elsewhere_is_a_failed_run(capsys):
    def lose_a_worker() -> int:
        raise BrokenPipeError("a worker is gone")

    assert report_errors(lose_a_worker) == 1
    assert "BrokenPipeError: a worker is gone" in capsys.readouterr().err


def test_distill_as_a_user_runs_it(tmp_path):
    """The one real run as a subprocess: DQN, cnn proxy, full audit recipe, only shorter."""
    command = [sys.executable, "-m", "agents.cli", "distill", "--steps", "60", "--audit-seeds", "2", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["env_steps"] == 60
    assert 0.5 < summary["test_accuracy_mean"] <= 1
    folder = tmp_path / "runs" / "digits-ipc10-dqn-seed0"
    assert (folder / "contact_sheet.png").stat().st_size > 1000
    assert (folder / "progress.png").stat().st_size > 1000


def test_a_recipe_s_start_that_diverges_is_said(tmp_path, capsys, monkeypatch):
    from agents.distillers.kernel_regression.distiller import KernelRegression

    monkeypatch.setattr(KernelRegression, "iterate", lambda self, n: {"loss": np.nan, "regression_accuracy": 0.0})
    audit = ["--audit-seeds", "1", "--audit-steps", "10"]
    call("reproduce", "mps2", "--quick", *audit, "--out", tmp_path / "recipe", "--quiet")
    printed = capsys.readouterr().out
    assert "initial set, kernel_regression: The loss was not finite at iteration 0; the set is the best one" in printed


def test_a_budget_too_short_for_a_step_is_said(tmp_path, capsys):
    call(
        "distill", *SMALL, *AUDIT, "--method", "ridge_search", "--budget", "0.001s", "--out", tmp_path / "a", "--quiet"
    )
    assert "The budget was spent before the first step" in capsys.readouterr().out
    call("distill", *SMALL, *AUDIT, "--method", "herding", "--out", tmp_path / "b", "--quiet")
    assert "The budget was" not in capsys.readouterr().out
