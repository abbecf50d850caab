"""Turn the folders of `mps reproduce` and `mps distill` into one CSV and a table for a README.

    mps reproduce mps2 --dataset mnist --ipc 10 --out results/mps2-mnist-10
    python examples/results/accuracy_table.py results/* --out accuracy.csv

A row a run: what was made, its audited test accuracy beside those of random images and of a random policy with the
same budget, seconds, a distiller's iterations, an agent's steps, and the command that repeats it.
"""

from __future__ import annotations

import argparse
import csv
import json
import shlex
from pathlib import Path
from typing import Any

from agents.recipes import ReproduceConfig
from agents.runs.config import RunConfig
from agents.typed import changed, environment_options, option
from mps_env.evaluation.config import AuditConfig

_AUDIT = ("network", "network_kwargs", "audit_seeds", "audit_steps", "audit_points", "audit_augment")
_OF_RUN = ("agent_kwargs", "method_kwargs", "steps", "iterations", "episode_steps", "rehearsal", "seed")
_ASKED = ("dataset", "ipc", "n_images", "factor", "seed", *_AUDIT)
COLUMNS = (
    "what",
    "dataset",
    "n_images",
    "seed",
    "test_accuracy_mean",
    "test_accuracy_std",
    "initial_set",
    "initial_set_std",
    "random_policy",
    "random_policy_std",
    "random_images",
    "random_images_std",
    "reported",
    "seconds",
    "iterations",
    "env_steps",
    "random_policy_env_steps",
    "audit_seeds",
    "command",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy.csv"))
    arguments = parser.parse_args()
    rows = [row_of(folder) for folder in arguments.folders if (folder / "summary.json").is_file()]
    with arguments.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(markdown(rows))


def row_of(folder: Path) -> dict[str, Any]:
    """Return a run's row."""
    summary = json.loads((folder / "summary.json").read_text())
    figures = {name: summary.get(name) for name in COLUMNS}
    random_policy, start = summary.get("random_policy") or {}, summary.get("start") or {}
    return figures | {
        "what": summary.get("recipe") or summary["method"],
        "initial_set": start.get("test_accuracy_mean", summary["baseline_initial_test_accuracy"]),
        "initial_set_std": start.get("test_accuracy_std"),
        "random_policy": random_policy.get("test_accuracy_mean"),
        "random_policy_std": random_policy.get("test_accuracy_std"),
        "random_policy_env_steps": random_policy.get("env_steps"),
        "iterations": start.get("iterations", summary["iterations"]),
        "random_images": summary["baseline_random_test_accuracy"],
        "random_images_std": summary["baseline_random_test_accuracy_std"],
        "command": command_of(folder),
    }


def command_of(folder: Path) -> str:
    """Return the call that made a folder, by its config, without paths."""
    recipe = folder / "recipe.json"
    if recipe.is_file():
        asked = json.loads(recipe.read_text())
        words = ["mps", "reproduce", asked["recipe"], *(["--quick"] if asked["quick"] else [])]
        options = changed(ReproduceConfig(), {name: asked.get(name) for name in _ASKED})
    else:
        asked = json.loads((folder / "config.json").read_text())
        kind = "method" if asked["method"] else "agent"
        words = ["mps", "distill", *option(kind, asked[kind]), *environment_options({**asked["env"], "data_dir": None})]
        options = changed(RunConfig(), {name: asked[name] for name in _OF_RUN})
        audit = changed(AuditConfig(), asked["audit"])
        options |= {name: audit[of] for name in _AUDIT if (of := name.removeprefix("audit_")) in audit}
    if asked["budget_s"]:
        options["budget"] = f"{asked['budget_s'] / 60:g}m"
    return shlex.join(words + [word for name, value in options.items() for word in option(name, value)])


def markdown(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| command | test accuracy | random policy | initial set | random images | reported | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        own = f"{100 * row['test_accuracy_mean']:.1f}"
        if row["audit_seeds"] > 1:
            own += f" ± {100 * row['test_accuracy_std']:.1f}"
        others = [row[name] for name in ("random_policy", "initial_set", "random_images", "reported")]
        cells = [f"`{row['command']}`", own, *("" if value is None else f"{100 * value:.1f}" for value in others)]
        lines.append(f"| {' | '.join(cells)} | {row['seconds']:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
