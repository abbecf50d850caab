"""Measure what one edit does to the score of a set, beside how much that score moves by chance.

    python examples/results/edit_effects.py --dataset mnist --data-dir DATA --out edit_effects.csv

A random set is scored `--seeds` times under fresh random numbers: their spread is what an agent sees as noise where it
compares two episodes. Then each edit is tried on `--tries` random slots, every time under the random numbers of the
unedited set, as within an episode: a row has the mean change of validation accuracy and the spread of a single one.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np

from mps_env.config import EnvConfig
from mps_env.edits import get_edit
from mps_env.env import MPSDistillEnv
from mps_env.task import Task

WITHOUT_EFFECT = ("keep", "undo", "stop")
COLUMNS = ("proxy", "edit", "tries", "mean_change", "spread_of_one", "mean_over_spread")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--data-dir")
    parser.add_argument("--ipc", type=int, default=10)
    parser.add_argument("--proxies", nargs="+", default=["cnn", "ridge"])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--tries", type=int, default=24)
    parser.add_argument("--out", type=Path, default=Path("edit_effects.csv"))
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for proxy in arguments.proxies:
        config = EnvConfig(
            dataset=arguments.dataset,
            data_dir=arguments.data_dir,
            ipc=arguments.ipc,
            proxy=proxy,
            action="select",
            observation="slot",
        )
        rows += effects(MPSDistillEnv.sharing(Task(config)), arguments.seeds, arguments.tries)
    with arguments.out.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(f"{row['proxy']:6} {row['edit']:12} {row['mean_change']:+.4f}, one: +-{row['spread_of_one']:.4f}")


def effects(env: MPSDistillEnv, seeds: int, tries: int) -> list[dict[str, Any]]:
    """Return a row for the score itself and one an edit."""
    proxy = env.task.config.proxy
    env.reset(seed=0)
    scores = []
    for seed in range(seeds):
        renewed = env.task.proxy.renewed(seed)  # of ridge, another bank
        scores.append(renewed.score(renewed.begin(seed), env.synthetic_set).accuracy)
    rows = [_row(proxy, "(none, fresh random numbers)", np.array(scores) - np.mean(scores))]
    rng = np.random.default_rng(0)
    for name in env.edit_names:
        if name in WITHOUT_EFFECT:
            continue
        changes = []
        for _ in range(tries):
            trial, before = env.episode.trial, env.episode.score
            slot, edit = int(rng.integers(env.task.n_slots)), get_edit(name)
            edited = edit.apply(env.synthetic_set, slot, env.episode.context(), rng)
            changes.append(env.task.proxy.score(trial, edited).accuracy - before.accuracy)
        rows.append(_row(proxy, name, np.array(changes)))
    return rows


def _row(proxy: str, edit: str, changes: np.ndarray) -> dict[str, Any]:
    spread = float(changes.std(ddof=1))
    return {
        "proxy": proxy,
        "edit": edit,
        "tries": len(changes),
        "mean_change": round(float(changes.mean()), 6),
        "spread_of_one": round(spread, 6),
        "mean_over_spread": round(float(changes.mean()) / spread, 3) if spread else "",
    }


if __name__ == "__main__":
    main()
