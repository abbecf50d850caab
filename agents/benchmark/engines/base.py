"""What an engine is: it does jobs, and tells of each as it starts and ends."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.benchmark.jobs import Job
from mps_env.threads import cores

_WORKERS = 2


@dataclass(frozen=True)
class Started:
    """A job was taken up."""

    id: str


@dataclass(frozen=True)
class Ended:
    """A job is over.

    Args:
        id: Its run's.
        error: What went wrong, the first line for a table; None where nothing did.
    """

    id: str
    error: str | None = None


Event = Started | Ended


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """How many jobs at once, on what."""

    workers: int | None = None  # jobs at once; None: two (on one core: one), or what a Ray cluster has room for
    ray_address: str | None = None  # of a running cluster; None: a local one
    max_retries: int = 3  # how often Ray does a job again whose process died

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers must be >= 1, got {self.workers}. Use workers=1 for one run after the other.")
        if self.max_retries < 0:
            raise ValueError(f"max_retries must be >= 0, got {self.max_retries}. Use 0 for none.")

    @property
    def local_workers(self) -> int:
        """Jobs at once on this machine."""
        return self.workers or min(_WORKERS, cores())

    @property
    def cores_per_job(self) -> int:
        """The share of this machine's cores that a job may count on."""
        return max(1, cores() // self.local_workers)


class Engine(Protocol):
    """Built as `Engine(options)`; one file with a class and one registry line."""

    def __init__(self, options: EngineOptions) -> None:
        """Take the options; work starts in `run`.

        Raises:
            ModuleNotFoundError: If what it needs is not installed, with the command that installs it.
        """

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """Do the jobs, each in a process of its own; a job whose process dies is an `Ended` with an error.

        Closing the generator ends what is still running.
        """
