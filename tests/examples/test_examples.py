"""Every example runs as it stands, in a process of its own, with few steps."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

_ACCURACY = r"\d+\.\d%"
# The steps of a run, and what is printed in the end.
SHORT = {
    "train_ppo": (128, rf"validation accuracy {_ACCURACY} -> best {_ACCURACY}"),
    "maskable_ppo": (512, rf"best validation accuracy of the 8 episodes under way: {_ACCURACY}"),
    "keras_dqn": (60, rf"validation accuracy {_ACCURACY} -> best {_ACCURACY}; the set is .*set.npz"),
    "hand_written_policy": (40, rf"random edits: {_ACCURACY}\nby hand: +{_ACCURACY}"),
    "custom_edit": (60, rf"validation accuracy {_ACCURACY}, best of the episode {_ACCURACY}"),
    "custom_proxy": (60, rf"before: nearest mean {_ACCURACY}, ridge {_ACCURACY}\n after: nearest mean {_ACCURACY}"),
    "own_images": (60, rf"116 training images .*\nvalidation accuracy {_ACCURACY} -> {_ACCURACY}; the set is .*npz"),
    "cleanrl_ppo": (512, rf" 512 steps: validation accuracy {_ACCURACY}"),
    "use_in_keras": (40, rf"trained on 100 images, test accuracy {_ACCURACY}"),
    "use_in_pytorch": (150, rf"trained on 100 images, test accuracy {_ACCURACY}"),
}
# An experiment of many runs; studies (tested below); RLlib, which needs an environment of its own.
OTHERS = {"learning_curves", "tune_zoo", "rllib_ppo"}


def run(command: list[str], cwd: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "TMPDIR": str(cwd)}
    done = subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_run_and_in_the_index():
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    assert names == SHORT.keys() | OTHERS
    assert set(re.findall(r"\]\((\w+)\.py\)", (EXAMPLES / "README.md").read_text())) == names


@pytest.mark.parametrize("name", SHORT)
def test_an_example_runs(name, tmp_path):
    steps, printed = SHORT[name]
    output = run([str(EXAMPLES / f"{name}.py"), "--steps", str(steps)], tmp_path)
    assert re.search(printed, output)
    if name == "use_in_pytorch":
        assert float(re.search(r"accuracy ([\d.]+)%", output)[1]) > 70


@pytest.mark.parametrize("name", ["use_in_keras", "use_in_pytorch"])
def test_using_a_set_needs_nothing_of_this_package(name):
    imported = re.findall(r"^(?:import|from) (\w+)", (EXAMPLES / f"{name}.py").read_text(), flags=re.MULTILINE)
    framework = "keras" if name == "use_in_keras" else "torch"
    assert set(imported) <= {"__future__", "argparse", "pathlib", "numpy", framework}


def test_studies_of_the_zoo_are_kept_and_their_best_values_written(tmp_path):
    import json

    tune_zoo = runpy.run_path(str(EXAMPLES / "tune_zoo.py"))
    config = tune_zoo["study_of"]("td3", trials=1, steps=4, repeats=1)
    folder = tmp_path / "runs" / "td3"
    best = tune_zoo["tune"](config, folder, quiet=True)
    tune_zoo["keep"](tune_zoo["StudyFolder"](folder), tmp_path / "results" / "td3")
    assert (tmp_path / "results" / "td3" / "trials.csv").is_file()
    tune_zoo["write_tuned"](tmp_path / "results", tmp_path / "tuned.json")
    written = json.loads((tmp_path / "tuned.json").read_text())
    assert written == {"td3": {"learning_rate": best["params"]["learning_rate"], "noise_std": 0.2}}


def test_there_is_a_study_for_every_config_of_the_zoo():
    actions = runpy.run_path(str(EXAMPLES / "tune_zoo.py"))["ACTIONS"]
    modules = {path.stem for path in (ROOT / "mps_env" / "zoo").glob("*.py")}
    assert actions.keys() == modules - {"__init__", "settings", "environment"}
    for name, action in actions.items():
        text = (ROOT / "mps_env" / "zoo" / f"{name}.py").read_text()
        assert ('action="perturb"' in text) == (action == "perturb")


@pytest.mark.slow
def test_rllib_runs_in_an_environment_of_its_own(tmp_path):
    python = tmp_path / "rllib" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "rllib")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "ray[rllib]", "torch<2.14", str(ROOT)], check=True)
    command = [str(python), str(EXAMPLES / "rllib_ppo.py"), "--steps", "1024"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r" 1\d{3} steps: mean return [+-]0\.\d+", done.stdout)
