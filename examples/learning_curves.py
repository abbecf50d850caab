"""Learning curves of several agents on one task at the same number of steps, with the test accuracy each ends at.

    python examples/learning_curves.py --out curves            # digits, about twenty minutes on two cores
    python examples/learning_curves.py --out curves --resume   # continue after an interruption

Writes one run folder per agent and seed, `learning_curves.csv` (one row per agent, seed and step), `results.csv`
(one row per run) and `learning_curves.png` (mean validation accuracy in windows of steps; the band is the range over
seeds).
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder, create_folder
from agents.runs.run import execute
from mps_env.config import EnvConfig
from mps_env.evaluation import AuditConfig

WINDOW = 100  # steps that are averaged in the picture


def main() -> None:
    """Run every agent with every seed, then write tables and picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agents", nargs="+", default=["random", "greedy", "dqn", "ppo"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--observation", default="features")
    parser.add_argument("--proxy", default="cnn")
    parser.add_argument("--audit-seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    env = EnvConfig(dataset=options.dataset, observation=options.observation, proxy=options.proxy)
    folders = {}
    for agent in options.agents:
        for seed in range(options.seeds):
            audit = AuditConfig(seeds=options.audit_seeds)
            config = RunConfig(env=env, agent=agent, steps=options.steps, rehearsal=0, seed=seed, audit=audit)
            path = options.out / f"{agent.replace(':', '-')}-{seed}"
            folder = RunFolder(path) if options.resume and path.exists() else create_folder(path, config)
            execute(folder)
            folders[agent, seed] = folder
    write_results(options.out / "results.csv", folders)
    write_curves(options.out / "learning_curves.csv", folders)
    draw(options.out / "learning_curves.png", folders, options.agents, options.dataset)


def read_curve(folder: RunFolder) -> Iterator[tuple[int, float]]:
    """Yield (step, validation accuracy) of every environment step."""
    with folder.metrics.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["episode_step"] != "0":
                yield int(row["step"]), float(row["val_accuracy"])


def write_results(path: Path, folders: dict[tuple[str, int], RunFolder]) -> None:
    """Write the main figures of every run."""
    keys = (
        "method",
        "seed",
        "env_steps",
        "proxy_trainings",
        "seconds",
        "val_accuracy",
        "test_accuracy_mean",
        "test_accuracy_std",
        "baseline_random_test_accuracy",
    )
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(keys)
        for folder in folders.values():
            summary = folder.read_summary()
            writer.writerow([summary[key] for key in keys])


def write_curves(path: Path, folders: dict[tuple[str, int], RunFolder]) -> None:
    """Write every step of every run."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["agent", "seed", "step", "val_accuracy"])
        for (agent, seed), folder in folders.items():
            writer.writerows([agent, seed, step, accuracy] for step, accuracy in read_curve(folder))


def draw(path: Path, folders: dict[tuple[str, int], RunFolder], agents: list[str], dataset: str) -> None:
    """Draw mean and range over seeds, averaged in windows."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for agent in agents:
        curves = np.array([[a for _, a in read_curve(f)] for (name, _), f in folders.items() if name == agent])
        windows = curves[:, : curves.shape[1] // WINDOW * WINDOW].reshape(len(curves), -1, WINDOW).mean(axis=2)
        middles = WINDOW * (np.arange(windows.shape[1]) + 0.5)
        axes.plot(middles, 100 * windows.mean(axis=0), label=agent)
        axes.fill_between(middles, 100 * windows.min(axis=0), 100 * windows.max(axis=0), alpha=0.15)
    axes.set(xlabel="environment steps", ylabel="validation accuracy of the proxy (%)", title=f"{dataset}, ipc 10")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
