"""The folder of a benchmark: what lies where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.benchmark.config import BenchmarkConfig
from agents.benchmark.grid import Cell
from agents.benchmark.jobs import Job
from agents.folders import check_parents, locked, read_config
from agents.runs.audit_store import AuditStore
from agents.runs.folder import RunFolder
from mps_env.atomic import atomic_write_text


@dataclass(frozen=True)
class BenchmarkFolder:
    """Paths inside a benchmark's folder.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The config: the grids of all calls together."""
        return self.path / "benchmark.json"

    @property
    def runs(self) -> Path:
        """The run folders, each named by its config's hash."""
        return self.path / "runs"

    @property
    def results(self) -> Path:
        """One row per run."""
        return self.path / "results.csv"

    @property
    def curves(self) -> Path:
        """The runs' learning curves."""
        return self.path / "curves.csv"

    @property
    def report(self) -> Path:
        """The report, which begins with the leaderboard."""
        return self.path / "report.md"

    @property
    def audits(self) -> AuditStore:
        """Trainings that the runs share."""
        return AuditStore(self.path / "audits")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from working on this benchmark.

        Raises:
            BlockingIOError: If one does already.
        """
        with locked(self.path / ".lock", self.path):
            yield

    def run(self, cell: Cell) -> RunFolder:
        """Return a cell's run folder, which may not be there yet."""
        return RunFolder(self.runs / cell.id)

    def error(self, cell: Cell) -> Path:
        """Return where a failed cell's error is written."""
        return self.runs / f"{cell.id}.error.txt"

    def log(self, cell: Cell) -> Path:
        """Return where a cell's process writes what it prints; kept where it failed."""
        return self.runs / f"{cell.id}.log"

    def job(self, cell: Cell, cores: int) -> Job:
        """Return the work that a cell is."""
        return Job(
            id=cell.id,
            work="agents.benchmark.working:do_run",
            folder=self.runs / cell.id,
            settings={"audits": str(self.audits.path)},
            cores=cores,
            error=self.error(cell),
            log=self.log(cell),
        )

    def read_config(self) -> BenchmarkConfig:
        """Read the config.

        Raises:
            FileNotFoundError: If this is no benchmark's folder.
            ValueError: If its config cannot be used.
        """
        return read_config(self.config, BenchmarkConfig.from_json, kind="benchmark", made_by="mps benchmark")

    def joined(self, config: BenchmarkConfig) -> BenchmarkConfig:
        """Return the benchmark that this folder holds, with a grid added; nothing is written.

        Raises:
            ValueError: If it holds one with another budget or task.
            FileExistsError: If it holds something else.
            NotADirectoryError: If it is a file, or lies below one.
        """
        if self.path.exists() and not self.path.is_dir():
            raise NotADirectoryError(f"{self.path} is a file. Choose another --out.")
        check_parents(self.path)
        if self.config.exists():
            try:
                return self.read_config().merged(config)
            except ValueError as error:
                raise ValueError(f"{self.path}: {error}") from None
        if self.path.is_dir() and any(path.name != ".lock" for path in self.path.iterdir()):
            raise FileExistsError(f"{self.path} exists already and holds no benchmark. Choose another --out.")
        return config

    def write_config(self, config: BenchmarkConfig) -> None:
        """Make the folder, where it is missing, with a config in it."""
        self.runs.mkdir(parents=True, exist_ok=True)
        atomic_write_text(self.config, config.to_json() + "\n")
