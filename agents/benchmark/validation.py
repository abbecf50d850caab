"""Validating a benchmark: its runs are repeated from their seeds, and their sets are audited again."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.benchmark.engines import Ended, EngineOptions
from agents.benchmark.engines.local import LocalEngine
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Cell, grid_of, title_of
from agents.benchmark.jobs import Job, first_line
from agents.benchmark.tables import DONE, result_row, status_of
from agents.distillers import make_distiller
from agents.runs.acting import record
from agents.runs.audit_store import AuditStore
from agents.runs.audits import audit_sets
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from agents.runs.journal import Journal, JournaledProxy
from agents.runs.record import Record
from agents.runs.run import MEANS, sets_to_audit, starting_point
from agents.runs.selection import score_freshly
from agents.runs.trajectory import Trajectory, load_trajectory
from agents.runs.versions import versions
from mps_env.atomic import atomic_write_text
from mps_env.set_file import load_set
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one run.

    Args:
        rewards: The largest difference between a recorded reward and the replayed one; None of a distiller.
        reaches_set: Whether the repetition came by the set that the run chose.
        audit: The largest difference between a recorded test accuracy and the repeated one, of the run's set, the one
            it began from and the random one.
        audit_seeds: Trainings of each that were repeated.
        problems: What else its summary states and the repetition does not, a few words each.
    """

    rewards: float | None
    reaches_set: bool
    audit: float
    audit_seeds: int
    problems: Sequence[str] = ()

    @property
    def is_ok(self) -> bool:
        """Whether all is the same, to the bit."""
        return not self.rewards and self.reaches_set and self.audit == 0.0 and not self.problems


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A row of the validation.

    Args:
        keys: What the table of results finds the run by.
        finding: What became of it; None where it could not be validated.
        problem: What is wrong besides, in a line; empty where nothing is.
        other_versions: The versions that made the run where they are not those that validate it.
    """

    keys: Mapping[str, Any]
    finding: Finding | None = None
    problem: str = ""
    other_versions: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the run's row in the table may be believed."""
        return self.finding is not None and self.finding.is_ok and not self.problem

    @property
    def title(self) -> str:
        """What a line of progress calls it."""
        return title_of(self.keys)

    @property
    def row(self) -> dict[str, Any]:
        """What a table shows."""
        found = self.finding
        keys = {name: value for name, value in self.keys.items() if name != "run"}
        problems = [*filter(None, [self.problem]), *(found.problems if found else ())]
        result = "ok" if self.is_ok else ": ".join(filter(None, ["differs", "; ".join(problems)]))
        if found is None:
            return {**keys, "rewards": "-", "set": "-", "audit": "-", "result": result}
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
            **self.keys,
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
    """Validate every run of a benchmark that is done, each in a process of its own, and every row that says it is.

    A replay counts on as many cores as its run did, for the last bits of a training depend on them. Of a run's
    figures only the seconds cannot be repeated.

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
    by_id = {cell.id: cell for cell in cells}
    verdicts = {}
    with tempfile.TemporaryDirectory(prefix="mps-validation-") as place:
        jobs = {}
        for cell in cells:
            if problem := _problem_of_folder(folder, cell):
                verdicts[cell.id] = Verdict(keys=cell.keys, problem=problem)
            else:
                jobs[cell.id] = _job(folder, cell, Path(place), audit_seeds)
        for row in rows.values():
            if row["status"] == DONE and row["run"] not in by_id:
                keys = {name: row[name] for name in cells[0].keys}
                verdicts[row["run"]] = Verdict(keys=keys, problem="there is no finished run of the grid behind its row")
        for verdict in verdicts.values():
            on_verdict(verdict)
        with closing(LocalEngine(options or EngineOptions()).run(list(jobs.values()))) as events:
            for event in events:
                if isinstance(event, Ended):
                    verdict = _verdict(folder, by_id[event.id], rows.get(event.id), jobs[event.id], event.error)
                    on_verdict(verdict)
                    verdicts[event.id] = verdict
    order = list(dict.fromkeys([*by_id, *rows]))
    return sorted(verdicts.values(), key=lambda verdict: order.index(verdict.keys["run"]))


def read_results(folder: BenchmarkFolder) -> dict[str, dict[str, str]]:
    """Return the rows of `results.csv` by run.

    Raises:
        FileNotFoundError: If there is none.
    """
    if not folder.results.is_file():
        raise FileNotFoundError(f"{folder.path} has no results.csv. Run mps benchmark --resume {folder.path} first.")
    with folder.results.open(newline="") as file:
        return {row["run"]: row for row in csv.DictReader(file)}


def _problem_of_folder(folder: BenchmarkFolder, cell: Cell) -> str:
    """Return why a run's folder is not worth a repetition; empty where it is."""
    run = folder.run(cell)
    try:
        if run.read_config() != cell.config:
            return "its config.json is not that of its place in the grid"
        run.read_summary()
    except (OSError, ValueError) as error:
        return first_line(str(error))
    return ""


def _job(folder: BenchmarkFolder, cell: Cell, place: Path, audit_seeds: int | None) -> Job:
    return Job(
        id=cell.id,
        work="agents.benchmark.validation:validate_run",
        folder=folder.run(cell).path,
        settings={"place": str(place), "audit_seeds": audit_seeds},
        cores=int(folder.run(cell).read_summary().get("cores", 1)),
        error=place / f"{cell.id}.error.txt",
        log=place / f"{cell.id}.log",
    )


def _verdict(folder: BenchmarkFolder, cell: Cell, row: dict[str, str] | None, job: Job, error: str | None) -> Verdict:
    made_with = folder.run(cell).read_summary().get("versions", {})
    here = versions()
    other = ", ".join(f"{name} {version}" for name, version in made_with.items() if here.get(name) != version)
    if error is not None:
        return Verdict(keys=cell.keys, problem=first_line(error), other_versions=other)
    finding = Finding(**json.loads(_finding_file(Path(job.settings["place"]), job.folder).read_text()))
    made_anew = {
        name: str(value) for name, value in (result_row(folder, cell) or {}).items() if value not in (None, "")
    }
    stated = {name: value for name, value in (row or {}).items() if value}
    problem = "" if stated == made_anew else "its row in results.csv is not what its folder says"
    return Verdict(keys=cell.keys, finding=finding, problem=problem, other_versions=other)


def _finding_file(place: Path, run: Path) -> Path:
    return place / f"{run.name}.json"


# --- one run, in its own process ---


@dataclass(frozen=True)
class Repetition:
    """What doing a run once more gives.

    Args:
        rewards: (T,) float64 of an agent's steps; None of a distiller.
        seen: The fingerprints of the sets on the way.
        steps: Environment steps or iterations.
        proxy_trainings: Scores until the last of them.
    """

    rewards: np.ndarray | None
    seen: frozenset[bytes]
    steps: int
    proxy_trainings: int


def validate_run(path: Path, *, place: str, audit_seeds: int | None) -> None:
    """Validate one run and write what was found as JSON.

    Args:
        path: The run's folder.
        place: The folder to write to; runs share the audits of their baselines there.
        audit_seeds: Trainings to repeat of each audit; None for all.
    """
    folder = RunFolder(path)
    config, summary, result = folder.read_config(), folder.read_summary(), load_set(folder.synthetic_set)
    rewards = None
    if config.method is None:
        trajectory = load_trajectory(folder.trajectory)
        again = replay(config, trajectory)
        assert again.rewards is not None
        rewards = largest_difference(trajectory.rewards, again.rewards)
    else:
        again = distil_again(config, summary["iterations"])
    task, initial = starting_point(config)
    sets = sets_to_audit(config, task, initial, result)
    seeds = min(config.audit.seeds, audit_seeds or config.audit.seeds)
    finding = Finding(
        rewards=rewards,
        reaches_set=result.fingerprint in again.seen,
        audit=_audit_difference(folder, config, summary, sets, seeds, Path(place)),
        audit_seeds=seeds,
        problems=[
            *_problems_of_work(config, summary, again),
            *_problems_of_second_look(task, result, summary, config.seed),
            *_problems_of_means(summary, result),
        ],
    )
    atomic_write_text(_finding_file(Path(place), path), json.dumps(vars(finding)))


def distil_again(config: RunConfig, iterations: int) -> Repetition:
    """Let a run's distiller work once more.

    Args:
        config: The run's.
        iterations: How many it did.
    """
    assert config.method is not None
    task, initial = starting_point(config)
    distiller = make_distiller(config.method, task, initial, seed=config.seed, settings=config.method_kwargs)
    seen = {distiller.synthetic_set().fingerprint}
    scores = 1 if distiller.iterations else 0
    for number in range(1, iterations + 1):
        distiller.iterate(number - 1)
        if number % distiller.evaluate_every == 0 or number == iterations:
            with suppress(ValueError):  # not finite, and so not scored by the run either
                seen.add(distiller.synthetic_set().fingerprint)
                scores += 1
    return Repetition(None, frozenset(seen), iterations, scores + distiller.proxy_trainings)


def replay(config: RunConfig, trajectory: Trajectory) -> Repetition:
    """Take a run's actions in its environment once more, with its resets between them.

    Args:
        config: The run's.
        trajectory: What its agent did.
    """
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
    fingerprints = frozenset(seen.fingerprints | {initial.fingerprint})
    return Repetition(np.array(rewards, np.float64), fingerprints, env.steps, env.base.proxy_trainings)


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


def _problems_of_work(config: RunConfig, summary: Mapping[str, Any], again: Repetition) -> list[str]:
    """Compare what the run says it took."""
    problems = []
    unit = "env_steps" if config.method is None else "iterations"
    if summary[unit] != again.steps:
        problems.append(f"its {unit} are {again.steps}, not {summary[unit]}")
    # A reset after the last step, which nothing replays, is one score more.
    if summary["proxy_trainings"] - again.proxy_trainings not in (0, 1):
        problems.append(f"its proxy_trainings are {again.proxy_trainings}, not {summary['proxy_trainings']}")
    return problems


def _problems_of_second_look(task: Task, result: SyntheticSet, summary: Mapping[str, Any], seed: int) -> list[str]:
    """Compare the validation accuracy by which reports choose."""
    (fresh,) = score_freshly(task.proxy, [result], seed)
    if summary["val_accuracy"] == fresh.accuracy:
        return []
    return [f"its validation accuracy is {fresh.accuracy:.4g}, not {summary['val_accuracy']:.4g}"]


def _audit_difference(
    folder: RunFolder,
    config: RunConfig,
    summary: Mapping[str, Any],
    sets: Mapping[str, SyntheticSet],
    seeds: int,
    place: Path,
) -> float:
    """Audit the run's set and its baselines, and return the largest difference of a test accuracy."""
    audits = audit_sets(
        sets,
        dataset=config.env.dataset,
        data_dir=config.env.data_dir,
        config=replace(config.audit, seeds=seeds),
        seed=config.seed,
        checkpoint=place / f"{folder.path.name}.audits.jsonl",
        store=AuditStore(place / "audits"),
    )
    stated = summary.get("accuracies", {})
    return max(largest_difference(stated.get(name, [])[:seeds], audit.accuracies) for name, audit in audits.items())


def _problems_of_means(summary: Mapping[str, Any], result: SyntheticSet) -> list[str]:
    """Compare the figures of the summary with the accuracies that they are the means of."""
    stated = summary.get("accuracies", {})
    problems = []
    if stated.get("result") != result.meta.get("audit", {}).get("accuracies"):
        problems.append("its set carries another audit than its summary")
    for name, figure in MEANS.items():
        accuracies = stated.get(name)
        if not accuracies or summary[figure] != math.fsum(accuracies) / len(accuracies):
            problems.append(f"its {figure} is not the mean of its audit")
    return problems
