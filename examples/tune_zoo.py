"""Tunes the hyperparameters of `mps_env.zoo` on digits, and writes down what the studies found.

    python examples/tune_zoo.py                  # every algorithm: 12 studies, an hour or so on two idle cores
    python examples/tune_zoo.py ppo dqn          # some; what is known of the others stays
    python examples/tune_zoo.py ppo --trials 2 --steps 100 --repeats 1 --root try         # a try that changes nothing

Each study is one of `mps tune` on the very task of the zoo's config; a call that was interrupted is continued by the
next. Its result and its trials are kept in `examples/results/zoo/ALGORITHM`, and the best values of all go to
`mps_env/zoo/tuned.json`, where the configs read them.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from agents.tuning import TuneConfig, tune
from agents.tuning.folder import StudyFolder
from mps_env.atomic import atomic_write_text
from mps_env.config import checked_config
from mps_env.zoo.settings import task_of

ROOT = Path(__file__).parents[1]
# rl_zoo3's algorithms by the action family of their task, and what this package calls them and their settings.
ACTIONS = {
    **dict.fromkeys(("ppo", "ppo_lstm", "trpo", "a2c", "dqn", "qrdqn", "ars"), "edit"),
    **dict.fromkeys(("sac", "td3", "ddpg", "tqc", "crossq"), "perturb"),
}
AGENTS = {"dqn": "sb3_dqn", "ppo_lstm": "recurrent_ppo"}
SETTINGS = {"action_noise": "noise_std"}


def study_of(algorithm: str, *, trials: int, steps: int, repeats: int) -> TuneConfig:
    """Return the study of an algorithm."""
    return TuneConfig(
        env=checked_config(task_of(ACTIONS[algorithm])),
        agent=AGENTS.get(algorithm, algorithm),
        trials=trials,
        steps=steps,
        repeats=repeats,
    )


def keep(folder: StudyFolder, results: Path) -> None:
    """Copy what is small and can be read from a study's folder."""
    results.mkdir(parents=True, exist_ok=True)
    for file in (folder.best, folder.trials):
        shutil.copyfile(file, results / file.name)


def write_tuned(results: Path, tuned: Path) -> dict[str, Any]:
    """Write the best values of every kept study, by algorithm, under rl_zoo3's names."""
    found = {}
    for best in sorted(results.glob("*/best.json")):
        params = json.loads(best.read_text())["params"]
        found[best.parent.name] = {SETTINGS.get(name, name): value for name, value in params.items()}
    atomic_write_text(tuned, json.dumps(found, indent=2) + "\n")
    return found


def main() -> None:
    """Run the studies that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("algorithms", nargs="*", metavar="ALGORITHM", help=", ".join(ACTIONS))
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--steps", type=int, default=1_000, help="environment steps of a run")
    parser.add_argument("--repeats", type=int, default=3, help="runs of a trial, each with a seed of its own")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository, or where a try is to write")
    options = parser.parse_args()
    if unknown := set(options.algorithms) - set(ACTIONS):
        parser.error(f"unknown algorithm {sorted(unknown)[0]!r}. Known: {', '.join(ACTIONS)}.")
    results = options.root / "examples" / "results" / "zoo"
    for algorithm in options.algorithms or ACTIONS:
        config = study_of(algorithm, trials=options.trials, steps=options.steps, repeats=options.repeats)
        path = options.root / "runs" / "zoo" / algorithm
        best = tune(config, path)
        keep(StudyFolder(path), results / algorithm)
        print(f"{algorithm}: validation accuracy {best['val_accuracy']:.1%} with {best['params']}")
    tuned = options.root / "mps_env" / "zoo" / "tuned.json"
    tuned.parent.mkdir(parents=True, exist_ok=True)
    write_tuned(results, tuned)
    print(f"Written to {tuned} and {results}.")


if __name__ == "__main__":
    main()
