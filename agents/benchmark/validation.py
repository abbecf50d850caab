"""Validating a benchmark: its runs are repeated from their seeds, and their sets are audited again."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.benchmark.engines import Ended, EngineOptions
from agents.benchmark.engines.local import LocalEngine
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Cell, grid_of
from agents.benchmark.jobs import Job, first_line
from agents.benchmark.tables import DONE, result_row, status_of
from agents.distillers import make_distiller
from agents.runs.acting import record
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from agents.runs.journal import Journal, JournaledProxy
from agents.runs.record import Record
from agents.runs.trajectory import Trajectory, load_trajectory
from agents.runs.versions import versions
from mps_env.atomic import atomic_write_text
from mps_env.evaluation import audit
from mps_env.set_file import load_set


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one run.

    Args:
        rewards: The largest difference between a recorded reward and the replayed one; None of a distiller.
        reaches_set: Whether the repetition came by the set that the run chose.
        audit: The largest difference between a recorded test accuracy and the repeated one.
        audit_seeds: Trainings that were repeated.
        states_audit: Whether the run's figures are those that its set carries.
    """

    rewards: float | None
    reaches_set: bool
    audit: float
    audit_seeds: int
    states_audit: bool

    @property
    def is_ok(self) -> bool:
        """Whether all is the same, to the bit."""
        return not self.rewards and self.reaches_set and self.audit == 0.0 and self.states_audit


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A row of the validation.

    Args:
        cell: The run.
        finding: What became of it; None where it could not be validated.
        problem: What is wrong besides, in a line; empty where nothing is.
        other_versions: The versions that made the run where they are not those that validate it.
    """

    cell: Cell
    finding: Finding | None = None
    problem: str = ""
    other_versions: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the run's row in the table may be believed."""
        return self.finding is not None and self.finding.is_ok and not self.problem

    @property
    def row(self) -> dict[str, Any]:
        """What a table shows."""
        found = self.finding
        keys = {name: value for name, value in self.cell.keys.items() if name != "run"}
        if found is None:
            return {**keys, "rewards": "-", "set": "-", "audit": "-", "result": f"differs: {self.problem}"}
        result = "ok" if self.is_ok else "differs"
        if not found.states_audit:
            result = "differs: its figure is not the mean of its set's audit"
        elif self.problem:
            result = f"differs: {self.problem}"
        return {
            **keys,
            "rewards": _same(found.rewards),
            "set": "reached" if found.reaches_set else "not reached",
            "audit": f"{_same(found.audit)} ({found.audit_seeds})",
            "result": result,
        }

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON-able values."""
        return {
            **self.cell.keys,
            "ok": self.is_ok,
            **(vars(self.finding) if self.finding else {}),
            "problem": self.problem,
            "other_versions": self.other_versions,
        }


def _same(difference: float | None) -> str:
    if difference is None:
        return "-"
    return f"differ by {difference:.2g}" if difference else "same"


def done_cells(folder: BenchmarkFolder) -> list[Cell]:
    """Return the cells that can be validated.

    Raises:
        FileNotFoundError, ValueError: If this is no benchmark's folder, or no run of it is done.
    """
    cells = [cell for cell in grid_of(folder.read_config()).cells if status_of(folder, cell) == DONE]
    if not cells:
        raise ValueError(
            f"{folder.path} has no run that is done. Continue it with mps benchmark --resume {folder.path}."
        )
    return cells


def validate_benchmark(
    folder: BenchmarkFolder,
    *,
    audit_seeds: int | None = None,
    options: EngineOptions | None = None,
    on_verdict: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """Validate every run of a benchmark that is done, each in a process of its own.

    A replay counts on as many cores as its run did, for the last bits of a training depend on them.

    Args:
        folder: The benchmark's.
        audit_seeds: Trainings to repeat of each audit; None for all.
        options: How many at once.
        on_verdict: Told of each verdict as soon as it is there.

    Raises:
        FileNotFoundError, ValueError: If there is no benchmark with results.
    """
    cells = done_cells(folder)
    rows = read_results(folder)
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="mps-validation-") as place:
        jobs = {cell.id: _job(folder, cell, Path(place), audit_seeds) for cell in cells}
        with closing(LocalEngine(options or EngineOptions()).run(list(jobs.values()))) as events:
            by_id = {cell.id: cell for cell in cells}
            for event in events:
                if isinstance(event, Ended):
                    cell = by_id[event.id]
                    verdict = _verdict(folder, cell, rows.get(cell.id), jobs[cell.id], event.error)
                    on_verdict(verdict)
                    verdicts.append(verdict)
    return sorted(verdicts, key=lambda verdict: cells.index(verdict.cell))


def read_results(folder: BenchmarkFolder) -> dict[str, dict[str, str]]:
    """Return the rows of `results.csv` by run.

    Raises:
        FileNotFoundError: If there is none.
    """
    if not folder.results.is_file():
        raise FileNotFoundError(f"{folder.path} has no results.csv. Run mps benchmark --resume {folder.path} first.")
    with folder.results.open(newline="") as file:
        return {row["run"]: row for row in csv.DictReader(file)}


def _job(folder: BenchmarkFolder, cell: Cell, place: Path, audit_seeds: int | None) -> Job:
    return Job(
        id=cell.id,
        work="agents.benchmark.validation:validate_run",
        folder=folder.run(cell).path,
        settings={"out": str(place / f"{cell.id}.json"), "audit_seeds": audit_seeds},
        cores=int(folder.run(cell).read_summary().get("cores", 1)),
        error=place / f"{cell.id}.error.txt",
        log=place / f"{cell.id}.log",
    )


def _verdict(folder: BenchmarkFolder, cell: Cell, row: dict[str, str] | None, job: Job, error: str | None) -> Verdict:
    made_with = folder.run(cell).read_summary().get("versions", {})
    here = versions()
    other = ", ".join(f"{name} {version}" for name, version in made_with.items() if here.get(name) != version)
    if error is not None:
        return Verdict(cell=cell, problem=first_line(error), other_versions=other)
    finding = Finding(**json.loads(Path(job.settings["out"]).read_text()))
    made_anew = {
        name: str(value) for name, value in (result_row(folder, cell) or {}).items() if value not in (None, "")
    }
    stated = {name: value for name, value in (row or {}).items() if value}
    problem = "" if stated == made_anew else "its row in results.csv is not what its folder says"
    return Verdict(cell=cell, finding=finding, problem=problem, other_versions=other)


# --- one run, in its own process ---


def validate_run(path: Path, *, out: str, audit_seeds: int | None) -> None:
    """Validate one run and write what was found as JSON."""
    folder = RunFolder(path)
    config = folder.read_config()
    rewards, reaches_set = (
        _compare_replay(folder, config) if config.method is None else _compare_distilled(folder, config)
    )
    audited, seeds = _compare_audit(folder, config, audit_seeds)
    finding = Finding(
        rewards=rewards,
        reaches_set=reaches_set,
        audit=audited,
        audit_seeds=seeds,
        states_audit=_states_audit(folder),
    )
    atomic_write_text(out, json.dumps(vars(finding)))


def _compare_replay(folder: RunFolder, config: RunConfig) -> tuple[float, bool]:
    trajectory = load_trajectory(folder.trajectory)
    rewards, seen = replay(config, trajectory)
    return largest_difference(trajectory.rewards, rewards), load_set(folder.synthetic_set).fingerprint in seen


def _compare_distilled(folder: RunFolder, config: RunConfig) -> tuple[None, bool]:
    seen = distil_again(config, folder.read_summary()["iterations"])
    return None, load_set(folder.synthetic_set).fingerprint in seen


def distil_again(config: RunConfig, iterations: int) -> set[bytes]:
    """Let a run's distiller work once more.

    Args:
        config: The run's.
        iterations: How many it did.

    Returns:
        The fingerprints of the sets that the run scored.
    """
    from agents.runs.run import starting_point

    assert config.method is not None
    task, initial = starting_point(config)
    distiller = make_distiller(config.method, task, initial, seed=config.seed, settings=config.method_kwargs)
    seen = {distiller.synthetic_set().fingerprint}
    for number in range(1, iterations + 1):
        distiller.iterate(number - 1)
        if number % distiller.evaluate_every == 0 or number == iterations:
            with suppress(ValueError):  # not finite, and so not scored by the run either
                seen.add(distiller.synthetic_set().fingerprint)
    return seen


def replay(config: RunConfig, trajectory: Trajectory) -> tuple[np.ndarray, set[bytes]]:
    """Take a run's actions in its environment once more, with its resets between them.

    Args:
        config: The run's.
        trajectory: What its agent did.

    Returns:
        The rewards, (T,) float64, and the fingerprints of all sets on the way.
    """
    from agents.runs.run import starting_point

    config = replace(config, steps=max(1, len(trajectory.actions)), budget_s=None, patience=None)  # all, and no more
    task, initial = starting_point(config)
    seen = _Seen()
    rewards = []
    with (
        tempfile.TemporaryDirectory(prefix="mps-replay-") as place,
        closing(Journal(Path(place) / "answers.bin")) as journal,
    ):
        task = task.with_proxy(JournaledProxy(task.proxy, journal))  # as in the run
        env = record(config, task, initial, clock=lambda: 0.0, listeners=[seen])
        for resets, action in zip(trajectory.resets, trajectory.actions, strict=True):
            for _ in range(resets):
                env.reset()
            rewards.append(env.step(action)[1])
    return np.array(rewards, np.float64), seen.fingerprints | {initial.fingerprint}


class _Seen:
    """Notes which sets a run comes by."""

    def __init__(self) -> None:
        self.fingerprints: set[bytes] = set()

    def on_record(self, record: Record) -> None:
        self.fingerprints.add(record.synthetic_set.fingerprint)


def largest_difference(recorded: Sequence[float] | np.ndarray, repeated: Sequence[float] | np.ndarray) -> float:
    """Return the largest absolute difference; infinity where the numbers of values differ."""
    if len(recorded) != len(repeated):
        return math.inf
    return float(np.max(np.abs(np.asarray(recorded) - np.asarray(repeated)), initial=0.0))


def _compare_audit(folder: RunFolder, config: RunConfig, audit_seeds: int | None) -> tuple[float, int]:
    """Return the largest difference of a test accuracy, and how many trainings were repeated."""
    seeds = min(config.audit.seeds, audit_seeds or config.audit.seeds)
    result = load_set(folder.synthetic_set)
    again = audit(
        result,
        config.env.dataset,
        data_dir=config.env.data_dir,
        config=replace(config.audit, seeds=seeds),
        seed=config.seed,
    )
    return largest_difference(_stated_accuracies(result.meta)[:seeds], again.accuracies), seeds


def _states_audit(folder: RunFolder) -> bool:
    """Whether the summary's figure is the mean of the accuracies that the set carries."""
    accuracies = _stated_accuracies(load_set(folder.synthetic_set).meta)
    return bool(accuracies) and folder.read_summary()["test_accuracy_mean"] == math.fsum(accuracies) / len(accuracies)


def _stated_accuracies(meta: dict[str, Any]) -> list[float]:
    return [float(accuracy) for accuracy in meta.get("audit", {}).get("accuracies", [])]
