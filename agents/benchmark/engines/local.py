"""`local`: one spawned process a job, so that its memory and TensorFlow's state go when it is done."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from agents.benchmark.engines.base import Ended, EngineOptions, Event, Started
from agents.benchmark.jobs import Job, do, environment_of, keep_error

_FAILED = 1


class LocalEngine:
    """Does jobs in processes of this machine.

    Args:
        options: Says how many at once.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._workers = options.local_workers

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        waiting, running = deque(jobs), dict[int, tuple[Job, BaseProcess]]()
        try:
            while waiting or running:
                while waiting and len(running) < self._workers:
                    job = waiting.popleft()
                    process = _start(job)
                    running[process.sentinel] = job, process
                    yield Started(job.id)
                for sentinel in wait(list(running)):
                    job, process = running.pop(sentinel)  # type: ignore[arg-type]
                    process.join()
                    yield Ended(job.id, _error(job, process.exitcode or 0))
        finally:
            for _, process in running.values():
                process.terminate()
            for _, process in running.values():
                process.join()


def _start(job: Job) -> BaseProcess:
    job.error.unlink(missing_ok=True)
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(job,), name=f"benchmark {job.id}")
    with _variables(environment_of(job)):
        process.start()
    return process


@contextlib.contextmanager
def _variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the processes that are started in the block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _error(job: Job, exit_code: int) -> str | None:
    """Return what went wrong with a job whose process is over."""
    if exit_code == 0:
        return None
    if exit_code == _FAILED and job.error.exists():
        return job.error.read_text()
    if exit_code > 0:
        return f"the run's process ended with exit code {exit_code}; what it printed is in {job.log.name}"
    with contextlib.suppress(ValueError):
        return f"the run's process was killed by {signal.Signals(-exit_code).name} (out of memory, perhaps)"
    return f"the run's process was killed by signal {-exit_code}"


# --- in the child ---


def _work(job: Job) -> None:
    """Do a job as a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its children
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _redirect_output(job)
    error = do(job)
    if error is not None:
        keep_error(job, error)
        sys.exit(_FAILED)


def _end_with_parent() -> None:
    """Wait until the parent is gone, however that ended; a run that nobody waits for must not keep its folder."""
    parent: Any = multiprocessing.parent_process()
    wait([parent.sentinel])
    os._exit(_FAILED)


def _redirect_output(job: Job) -> None:
    """Write what this process prints, also what libraries print from C++, to the job's log."""
    job.log.parent.mkdir(parents=True, exist_ok=True)
    log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
