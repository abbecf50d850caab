"""Work on one run's folder, in a form that any process can take up."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mps_env.atomic import atomic_write_text
from mps_env.registry import import_object
from mps_env.threads import CORES_VARIABLE


@dataclass(frozen=True, kw_only=True)
class Job:
    """A call of a function with a folder.

    Args:
        id: The run's.
        work: `"module:function"`, called as `function(folder, **settings)`.
        folder: The run's.
        settings: Paths, numbers and texts.
        cores: How many it may count on.
        error: Where its error is written, one line first, then the traceback.
        log: Where its process writes what it prints; removed where all went well.
    """

    id: str
    work: str
    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    cores: int = 1
    error: Path
    log: Path


def do(job: Job) -> str | None:
    """Do a job.

    Returns:
        None, or what went wrong: one line, then the traceback. Whoever called decides what an error means.
    """
    try:
        import_object(job.work)(job.folder, **job.settings)  # type: ignore[operator]
    except Exception as error:
        summary = " ".join(f"{type(error).__name__}: {error}".split())
        return f"{summary}\n\n{traceback.format_exc()}"
    return None


def keep_error(job: Job, error: str) -> None:
    """Write down what went wrong."""
    job.error.parent.mkdir(parents=True, exist_ok=True)
    atomic_write_text(job.error, error.rstrip("\n") + "\n")


def first_line(error: str) -> str:
    """Return what a table shows of an error."""
    return error.split("\n", 1)[0].strip()


def environment_of(job: Job) -> dict[str, str]:
    """Return the environment variables that keep a process to its share of the cores.

    The libraries read them when they are loaded, so that they must be set before the process starts.
    """
    names = (CORES_VARIABLE, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    own = {name: os.environ[name] for name in names[1:] if name in os.environ}  # whoever set them meant it
    return {**dict.fromkeys(names, str(job.cores)), **own}
