"""A benchmark's folder made without a run: small, but with all that a report has to cope with."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.runs.trajectory import Trajectory
from mps_env.set_file import save_set
from mps_env.synthetic_set import SyntheticSet, one_hot

RESULT_COLUMNS = (
    "run", "agent", "dataset", "ipc", "n_images", "action", "proxy", "accept", "seed", "status", "error", "env_steps",
    "iterations", "rehearsal_steps", "proxy_trainings", "seconds", "audit_seconds", "val_accuracy",
    "test_accuracy_mean", "test_accuracy_std", "baseline_random_test_accuracy", "baseline_initial_test_accuracy",
    "network", "audit_seeds",
)  # fmt: skip
CURVE_COLUMNS = (
    "run", "agent", "dataset", "ipc", "action", "seed", "step", "proxy_trainings", "seconds", "val_accuracy",
    "best_val_accuracy",
)  # fmt: skip
EDIT_NAMES = ("keep", "undo", "random_real", "noise", "shift")
VERSIONS = {"mps-distill": "0.1.0", "numpy": "2.4.6"}


@dataclass(frozen=True)
class Contestant:
    """Who takes part: an agent, or a distiller where `is_agent` is false, and how much it gains."""

    name: str
    gain: float
    seeds: int = 5
    is_agent: bool = True
    action: str = "edit"


# Two agents, a distiller; of one agent two seeds only, and one run of the other failed.
CONTESTANTS = (
    Contestant("ppo", 0.05),
    Contestant("dqn", 0.02, seeds=2),
    Contestant("herding|x<b>", 0.08, is_agent=False),  # a name that would break a table, and a page
)
FAILURE = "MemoryError: no room for | <script>alert(1)</script>"


@dataclass(frozen=True)
class Benchmark:
    """What is made.

    Args:
        tasks: (data set, ipc, accuracy of a random set) each.
        contestants: Who takes part.
        steps: Of an agent's run, in episodes of half of it.
        failed: (agent, data set, seed) of a run that failed.
        config: More entries of `benchmark.json`.
        draw: Returns (n, H, W, C) images in [0, 1] of given classes of a data set.
    """

    tasks: Sequence[tuple[str, int, float]] = (("digits", 1, 0.6), ("letters", 5, 0.4))
    contestants: Sequence[Contestant] = CONTESTANTS
    steps: int = 24
    failed: tuple[str, str, int] | None = ("ppo", "letters", 3)
    config: dict[str, Any] | None = None
    draw: Callable[[str, np.ndarray, np.random.Generator], np.ndarray] | None = None

    def write(self, out: Path) -> Path:
        """Write the folder and return it."""
        rng = np.random.default_rng(0)
        rows: list[dict[str, Any]] = []
        points: list[dict[str, Any]] = []
        for dataset, ipc, base in self.tasks:
            for contestant in self.contestants:
                for seed in range(contestant.seeds):
                    self._write_run(out, (dataset, ipc, base), contestant, seed, rng, rows, points)
        agents = [{"name": one.name, "agent" if one.is_agent else "method": one.name} for one in self.contestants]
        config = {"agents": agents, "steps": self.steps, "seeds": [0, 1, 2, 3, 4]}
        (out / "benchmark.json").write_text(json.dumps(config | (self.config or {})))
        _write_table(out / "results.csv", RESULT_COLUMNS, rows)
        _write_table(out / "curves.csv", CURVE_COLUMNS, points)
        return out

    def _write_run(self, out, task, contestant, seed, rng, rows, points) -> None:
        dataset, ipc, base = task
        name = f"{len(rows):012x}"
        keys = {
            "run": name, "agent": contestant.name, "dataset": dataset, "ipc": ipc, "action": contestant.action,
            "seed": seed,
        }  # fmt: skip
        keys_of_row = {**keys, "proxy": "ridge", "accept": "always"}
        if self.failed == (contestant.name, dataset, seed):
            rows.append({**keys_of_row, "status": "failed", "error": FAILURE})
            return
        classes = np.repeat(np.arange(10), ipc)
        initial = (self.draw or _blobs)(dataset, classes, rng)
        final, curve = initial, []
        test = base + contestant.gain + 0.01 * rng.standard_normal()
        if contestant.is_agent:
            folder = out / "runs" / name
            folder.mkdir(parents=True)
            final, curve = self._write_trajectory(folder, dataset, classes, initial, base + 0.02, contestant.gain, rng)
        else:
            (out / "runs" / name).mkdir(parents=True)
            curve = [base + 0.02 + 0.9 * contestant.gain * step / 10 for step in range(11)]
        save_set(
            out / "runs" / name / "synthetic.npz",
            SyntheticSet(final, one_hot(classes, 10), meta={"class_names": [f"c{k}" for k in range(10)]}),
        )
        summary = {"test_accuracy_mean": test, "versions": VERSIONS}
        (out / "runs" / name / "summary.json").write_text(json.dumps(summary))
        cost = 0.1 if contestant.is_agent else 2.0
        points.extend(
            {
                **keys,
                "step": step,
                "proxy_trainings": 1 + step,
                "seconds": f"{cost * (step + 1):.3f}",
                "val_accuracy": f"{value:.6f}",
                "best_val_accuracy": f"{max(curve[: step + 1]):.6f}",
            }
            for step, value in enumerate(curve)
            if step % max(1, len(curve) // 200) == 0 or step == len(curve) - 1
        )
        rows.append(
            {
                **keys_of_row,
                "status": "done",
                "n_images": len(classes),
                "env_steps": self.steps if contestant.is_agent else 0,
                "iterations": 0 if contestant.is_agent else 10,
                "proxy_trainings": len(curve),
                "seconds": f"{cost * len(curve):.3f}",
                "audit_seconds": "3.5",
                "val_accuracy": max(curve),
                "test_accuracy_mean": test,
                "test_accuracy_std": 0.004,
                "baseline_random_test_accuracy": base + 0.004 * (seed - 2),
                "baseline_initial_test_accuracy": base,
                "network": "mps_cnn",
                "audit_seeds": 5,
            }
        )

    def _write_trajectory(self, folder, dataset, classes, initial, base, gain, rng) -> tuple[np.ndarray, list[float]]:
        steps, episode = self.steps, max(1, self.steps // 2)
        state, order = initial.copy(), rng.permutation(len(classes))
        starts = np.arange(steps) % episode == 0
        edits = rng.choice(len(EDIT_NAMES), steps, p=[0.05, 0.05, 0.4, 0.25, 0.25])
        slots = order[np.arange(steps) % len(order)]
        images, before = [], None
        for step, (slot, edit) in enumerate(zip(slots, edits, strict=True)):
            if starts[step]:
                state, before = initial.copy(), None
            if edit == 1 and before is not None:
                state, before = before, None
            elif edit > 1:
                before, state = state, state.copy()
                state[slot] = _edited(EDIT_NAMES[edit], state[slot], self.draw or _blobs, dataset, classes[slot], rng)
            images.append(np.rint(255 * state[slot]).astype(np.uint8))
        progress = 1 - np.exp(-3 * (np.arange(steps) % episode + 1) / episode)
        accuracies = (base + gain * progress + 0.006 * rng.standard_normal(steps)).astype(np.float32)
        trajectory = Trajectory(
            actions=edits, rewards=accuracies.astype(np.float64), resets=starts.astype(np.int64),
            val_accuracy=accuracies, slots=slots.astype(np.int64), edits=edits.astype(np.int64),
            edit_names=np.array(EDIT_NAMES), accepted=np.ones(steps, bool), images=np.array(images),
            initial_images=np.rint(255 * initial).astype(np.uint8), initial_classes=classes.astype(np.int64),
        )  # fmt: skip
        trajectory.save(folder / "trajectory.npz")
        return state, [base, *accuracies.tolist()]


def _edited(name, image, draw, dataset, own_class, rng) -> np.ndarray:
    if name == "random_real":
        return draw(dataset, np.array([own_class]), rng)[0]
    if name == "noise":
        return np.clip(image + 0.1 * rng.standard_normal(image.shape), 0, 1).astype(np.float32)
    return np.roll(image, 1, axis=int(rng.integers(2)))


def _blobs(dataset: str, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one bright spot an image, whose place tells the class; colour for one of the data sets."""
    side, channels = (8, 1) if dataset == "digits" else (12, 3)
    images = 0.1 * rng.random((len(classes), side, side, channels), dtype=np.float32)
    for image, own_class in zip(images, classes, strict=True):
        row, column = divmod(int(own_class), 4)
        image[2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = rng.uniform(0.7, 1.0)
    return images


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def contestant() -> type[Contestant]:
    """Who takes part: `contestant("ppo", 0.1)`."""
    return Contestant


@pytest.fixture(scope="session")
def write_benchmark(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a folder: `write_benchmark(steps=10)`."""

    def write(**changes: Any) -> Path:
        return Benchmark(**changes).write(tmp_path_factory.mktemp("benchmark"))

    return write


@pytest.fixture(scope="session")
def reported(write_benchmark: Callable[..., Path]) -> Path:
    """A folder with its report; read only."""
    from agents.benchmark.report import write_report

    out = write_benchmark()
    write_report(out)
    return out
