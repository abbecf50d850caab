"""What a benchmark's folder says, read once: its runs, their curves, its config."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from agents.runs.folder import RunFolder

_WAYS = ("action", "proxy", "accept")  # what one agent may be run with several of


@dataclass(frozen=True, order=True)
class Task:
    """A data set distilled to a number of images.

    Args:
        dataset: Its name or path.
        ipc: Images per class.
        name: What the report calls the data set.
        anchor: The same in files' names and anchors.
    """

    dataset: str
    ipc: int
    name: str = field(default="", compare=False)
    anchor: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """What the report calls it: `mnist, ipc 10`."""
        return f"{self.name or self.dataset}, ipc {self.ipc}"

    @property
    def slug(self) -> str:
        """What files and anchors call it: `mnist-ipc10`."""
        return f"{self.anchor or self.dataset}-ipc{self.ipc}"


@dataclass(frozen=True)
class Figures:
    """What a run that was finished left; accuracies are fractions."""

    env_steps: int
    iterations: int
    rehearsal_steps: int  # under the ridge proxy, before the run's own
    proxy_trainings: int
    seconds: float
    audit_seconds: float
    val_accuracy: float
    test_accuracy: float
    test_accuracy_std: float  # over the audit's seeds
    random_test_accuracy: float  # the same audit of a random real set
    initial_test_accuracy: float  # and of the set that the run began from
    network: str
    audit_seeds: int


@dataclass(frozen=True)
class Run:
    """A row of `results.csv`.

    Args:
        name: The run's folder.
        entrant: Who made the set, as the report calls it.
        agent: The name of the agent or distiller alone.
        task: What was distilled.
        seed: The run's.
        error: Why it failed; empty where it did not.
        figures: None where it failed.
    """

    name: str
    entrant: str
    agent: str
    task: Task
    seed: int
    error: str
    figures: Figures | None


@dataclass(frozen=True, eq=False)
class Curve:
    """How a run went on, one entry a point: (P,) each.

    Args:
        env_steps: Environment steps, or a distiller's iterations.
        proxy_trainings: So far.
        seconds: So far.
        val_accuracy: Of the set as it was.
        best_val_accuracy: The highest so far.
    """

    env_steps: np.ndarray
    proxy_trainings: np.ndarray
    seconds: np.ndarray
    val_accuracy: np.ndarray
    best_val_accuracy: np.ndarray


@dataclass(frozen=True, eq=False)
class Results:
    """A benchmark's results.

    Args:
        folder: Its folder.
        config: `benchmark.json`.
        runs: In the order of `results.csv`.
        curves: By the run's name.
    """

    folder: Path
    config: Mapping[str, Any]
    runs: Sequence[Run]
    curves: Mapping[str, Curve]

    @cached_property
    def tasks(self) -> list[Task]:
        """All that was asked for, in their order."""
        return list(dict.fromkeys(run.task for run in self.runs))

    @cached_property
    def entrants(self) -> list[str]:
        """All that took part, in their order."""
        return list(dict.fromkeys(run.entrant for run in self.runs))

    @cached_property
    def finished(self) -> list[Run]:
        """The runs with figures."""
        return [run for run in self.runs if run.figures is not None]

    @cached_property
    def failed(self) -> list[Run]:
        """The others."""
        return [run for run in self.runs if run.figures is None]

    def figures_of(self, entrant: str, task: Task) -> list[Figures]:
        """Return the figures of an entrant's finished runs of a task, by seed."""
        found = [run for run in self.finished if run.entrant == entrant and run.task == task]
        return [run.figures for run in sorted(found, key=lambda run: run.seed) if run.figures is not None]

    def acts(self, entrant: str) -> bool:
        """Whether it is an agent that acts on the environment; a distiller makes no environment step."""
        return any(run.figures.env_steps > 0 for run in self.finished if run.entrant == entrant and run.figures)

    def run_folder(self, run: Run) -> RunFolder:
        """Return where a run lies."""
        return RunFolder(self.folder / "runs" / run.name)


def read_results(folder: Path) -> Results:
    """Read a benchmark's folder.

    Raises:
        FileNotFoundError: If it holds no benchmark's results.
        ValueError: If they cannot be used.
    """
    for name in ("results.csv", "benchmark.json"):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} has no {name}. Give the --out of a benchmark that has begun.")
    try:
        config = json.loads((folder / "benchmark.json").read_text())
        rows = _read_rows(folder / "results.csv")
        labels = _entrants(rows)
        names = _names([row["dataset"] for row in rows])
        runs = [_run(row, label, names[row["dataset"]]) for row, label in zip(rows, labels, strict=True)]
        curves = _read_curves(folder / "curves.csv")
    except (ValueError, KeyError, TypeError) as error:
        reason = f"there is no column {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(
            f"{folder} cannot be reported on: {reason}. Run the benchmark again to write it anew."
        ) from None
    return Results(folder, config if isinstance(config, dict) else {}, runs, curves)


def _read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _entrants(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Name each row's entrant by its agent, and by what else the agent was run with several of."""
    values: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        for way in _WAYS:
            values.setdefault((row["agent"], way), set()).add(row[way])
    return [
        ", ".join([row["agent"], *(row[way] or "none" for way in _WAYS if len(values[row["agent"], way]) > 1)])
        for row in rows
    ]


def _names(datasets: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return what each data set is called, and its anchor: of a path as little as tells it from the others."""
    parts = {one: Path(one.removesuffix(".npz")).parts for one in datasets}
    names, anchors = dict[str, str](), dict[str, str]()
    for one, of_path in parts.items():
        lengths = range(1, len(of_path) + 1)
        others = [other for name, other in parts.items() if name != one]
        length = next((n for n in lengths if all(of_path[-n:] != other[-n:] for other in others)), len(of_path))
        names[one] = "/".join(of_path[-length:]) or one
        base = re.sub("[^a-z0-9]+", "-", names[one].lower()).strip("-") or "data"
        free = (base if number == 1 else f"{base}-{number}" for number in itertools.count(1))
        anchors[one] = next(anchor for anchor in free if anchor not in anchors.values())
    return {one: (names[one], anchors[one]) for one in parts}


def _run(row: Mapping[str, str], entrant: str, names: tuple[str, str]) -> Run:
    return Run(
        name=row["run"],
        entrant=entrant,
        agent=row["agent"],
        task=Task(row["dataset"], int(row["ipc"]), *names),
        seed=int(row["seed"]),
        error="" if row["status"] == "done" else row["error"] or "no reason given",
        figures=_figures(row) if row["status"] == "done" else None,
    )


def _figures(row: Mapping[str, str]) -> Figures:
    return Figures(
        env_steps=int(row["env_steps"] or 0),
        iterations=int(row["iterations"] or 0),
        rehearsal_steps=int(row.get("rehearsal_steps") or 0),
        proxy_trainings=int(row["proxy_trainings"]),
        seconds=float(row["seconds"]),
        audit_seconds=float(row["audit_seconds"]),
        val_accuracy=float(row["val_accuracy"]),
        test_accuracy=float(row["test_accuracy_mean"]),
        test_accuracy_std=float(row["test_accuracy_std"]),
        random_test_accuracy=float(row["baseline_random_test_accuracy"]),
        initial_test_accuracy=float(row["baseline_initial_test_accuracy"]),
        network=row["network"],
        audit_seeds=int(row["audit_seeds"]),
    )


def _read_curves(path: Path) -> dict[str, Curve]:
    """Read `curves.csv` where there is one; sets that are made at once leave no curve."""
    points: dict[str, list[list[float]]] = {}
    columns = ("step", "proxy_trainings", "seconds", "val_accuracy", "best_val_accuracy")
    for row in _read_rows(path) if path.is_file() else []:
        points.setdefault(row["run"], []).append([float(row[column]) for column in columns])
    return {run: Curve(*np.array(of_run).T) for run, of_run in points.items()}
