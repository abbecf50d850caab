"""Validating a benchmark: its runs are repeated from their seeds, and their sets are audited again."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.benchmark.engines import Ended, EngineOptions
from agents.benchmark.engines.local import LocalEngine
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import Cell, grid_of, title_of
from agents.benchmark.jobs import Job, first_line
from agents.benchmark.repetition import Finding, finding_file
from agents.benchmark.tables import DONE, result_row, status_of
from agents.runs.versions import versions


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
        work="agents.benchmark.repetition:validate_run",
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
    finding = Finding(**json.loads(finding_file(Path(job.settings["place"]), job.folder).read_text()))
    made_anew = {
        name: str(value) for name, value in (result_row(folder, cell) or {}).items() if value not in (None, "")
    }
    stated = {name: value for name, value in (row or {}).items() if value}
    problem = "" if stated == made_anew else "its row in results.csv is not what its folder says"
    return Verdict(keys=cell.keys, finding=finding, problem=problem, other_versions=other)
