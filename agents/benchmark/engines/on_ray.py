"""`ray`: one Ray task a job, on a cluster or on a local Ray, done again where its process or machine dies.

A worker that sees the run's folder (shared storage) works in it, and goes on from the journal in it when the task is
done again. One that does not gets the folder as bytes, and returns it as bytes.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tarfile
import tempfile
import uuid
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agents.benchmark.engines.base import Ended, EngineOptions, Event, Started
from agents.benchmark.jobs import Job, do, environment_of
from agents.folders import new_folder
from mps_env.atomic import atomic_write_text

_TOKEN_FILE = ".ray-call"  # in the folder of all runs, with a word that no other call has


class RayEngine:
    """Does jobs as Ray tasks.

    Args:
        options: Says where, how many at once and how often again.

    Raises:
        ModuleNotFoundError: If Ray is not installed.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._ray = _import_ray()

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        ray, options = self._ray, self._options
        at_once = options.local_workers if options.ray_address is None else options.workers or len(jobs)
        with self._connected(), _token(jobs) as token:
            waiting, running = list(reversed(jobs)), dict[Any, Job]()
            try:
                while waiting or running:
                    while waiting and len(running) < at_once:
                        job = waiting.pop()
                        # A process a task (max_calls), as with the local engine.
                        task = ray.remote(num_cpus=job.cores, max_calls=1, max_retries=options.max_retries)(_work)
                        running[task.remote(job, pack(job.folder), token)] = job
                        yield Started(job.id)
                    done, _ = ray.wait(list(running), num_returns=1)
                    for reference in done:
                        yield self._ended(running.pop(reference), reference)
            finally:
                for reference in running:
                    ray.cancel(reference, force=True)

    def _ended(self, job: Job, reference: Any) -> Ended:
        try:
            result: Result = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            said = " ".join(str(error).split())
            return Ended(job.id, f"{type(error).__name__}: {said[:300]}\n\n{error}")
        if result.folder is not None:
            unpack(result.folder, job.folder)
        return Ended(job.id, result.error)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[None]:
        """Join the cluster, or start a local one; whoever has Ray running already keeps it."""
        ray, options = self._ray, self._options
        if ray.is_initialized():
            yield
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if options.ray_address is not None:
            ray.init(address=options.ray_address, **quiet)
        else:
            cpus = options.local_workers * options.cores_per_job
            ray.init(address="local", num_cpus=cpus, include_dashboard=False, **quiet)
        try:
            yield
        finally:
            ray.shutdown()


def _import_ray() -> Any:
    try:
        import ray
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'engine ray needs Ray, which is not installed. Run: pip install "mps-distill[ray]"'
        ) from None
    return ray


@contextlib.contextmanager
def _token(jobs: Sequence[Job]) -> Iterator[str]:
    """Leave a word beside the runs: who reads it sees these folders, and not some of the same name."""
    token = uuid.uuid4().hex
    places = {job.folder.parent / _TOKEN_FILE for job in jobs}
    for place in places:
        atomic_write_text(place, token)
    try:
        yield token
    finally:
        for place in places:
            place.unlink(missing_ok=True)


# --- in the worker ---


@dataclass(frozen=True)
class Result:
    """What a task returns.

    Args:
        error: As `do` tells it.
        folder: The run's folder as bytes, where the driver cannot see it.
    """

    error: str | None
    folder: bytes | None


def _work(job: Job, packed: bytes, token: str) -> Result:
    os.environ.update(environment_of(job))
    if sees(job, token):
        return Result(do(job), None)
    # A name that a second try on the same machine finds again, to go on from where the first one died.
    own = Path(tempfile.gettempdir()) / f"mps-{token}" / job.id
    if not own.exists():
        unpack(packed, own)
    error = do(replace(job, folder=own, settings={}))  # what the settings name lies on the driver's machine
    returned = Result(error, pack(own))
    shutil.rmtree(own)
    return returned


def sees(job: Job, token: str) -> bool:
    """Whether this machine sees the job's folder itself."""
    try:
        return (job.folder.parent / _TOKEN_FILE).read_text() == token
    except OSError:
        return False


def pack(folder: Path) -> bytes:
    """Return a folder as bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        archive.add(folder, arcname=".")
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Make a folder of what `pack` returned, in the place of what was there; it appears whole or not at all."""
    word = uuid.uuid4().hex
    fresh, before = (folder.with_name(f".{folder.name}.{what}-{word}") for what in ("new", "old"))
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive, new_folder(fresh) as temporary:
        archive.extractall(temporary, filter="data")
    if folder.exists():
        folder.rename(before)
    fresh.rename(folder)
    shutil.rmtree(before, ignore_errors=True)
