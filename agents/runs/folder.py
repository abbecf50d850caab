"""The folder of a run: what lies where, and that nothing in it is overwritten by accident."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agents.runs.config import RunConfig
from mps_env.atomic import atomic_write_text
from mps_env.config import EnvConfig
from mps_env.set_file import SET_FILE

ConfigType = TypeVar("ConfigType")


@dataclass(frozen=True)
class RunFolder:
    """Paths inside a run's folder.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The config, written first."""
        return self.path / "config.json"

    @property
    def synthetic_set(self) -> Path:
        """The result."""
        return self.path / SET_FILE

    @property
    def metrics(self) -> Path:
        """One row per environment step."""
        return self.path / "metrics.csv"

    @property
    def trajectory(self) -> Path:
        """What an agent did, step by step."""
        return self.path / "trajectory.npz"

    @property
    def audit(self) -> Path:
        """The audits' curves."""
        return self.path / "audit.csv"

    @property
    def summary(self) -> Path:
        """The figures, written last: a folder with it is finished."""
        return self.path / "summary.json"

    @property
    def contact_sheet(self) -> Path:
        """The set by class, before and after."""
        return self.path / "contact_sheet.png"

    @property
    def progress(self) -> Path:
        """The accuracy curve."""
        return self.path / "progress.png"

    @property
    def tensorboard(self) -> Path:
        """TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def checkpoint(self) -> Path:
        """What `--resume` continues from; removed when the run is finished."""
        return self.path / "checkpoint"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from working on this run; the lock goes with the process, however it ends.

        Raises:
            BlockingIOError: If one does already.
        """
        with locked(self.checkpoint / "lock", self.path):
            yield

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.summary.exists() and self.synthetic_set.exists()

    def read_config(self) -> RunConfig:
        """Read the config.

        Raises:
            FileNotFoundError: If this is no run folder.
            ValueError: If its config cannot be used.
        """
        return read_config(self.config, RunConfig.from_json, kind="run", made_by="a run")

    def read_summary(self) -> dict[str, Any]:
        """Read the figures of a finished run.

        Raises:
            ValueError: If they cannot be used.
        """
        try:
            summary = json.loads(self.summary.read_text())
        except ValueError as error:
            raise ValueError(f"{self.summary} is no JSON: {error}. Remove it, and --resume makes it again.") from None
        if not isinstance(summary, dict) or "test_accuracy_mean" not in summary:
            raise ValueError(f"{self.summary} lacks the figures of a run. Remove it, and --resume makes it again.")
        return summary

    def write_summary(self, summary: dict[str, Any]) -> None:
        """Write the figures; from then on the run is finished, and its checkpoint goes."""
        atomic_write_text(self.summary, json.dumps(summary, indent=2, sort_keys=True) + "\n")
        shutil.rmtree(self.checkpoint, ignore_errors=True)


def read_config(file: Path, parse: Callable[[str], ConfigType], *, kind: str, made_by: str) -> ConfigType:
    """Read the config that makes a folder what it is.

    Args:
        file: Where it lies.
        parse: Makes a config of the file's text.
        kind: What the folder is of: "run" for a run folder.
        made_by: Whose --out it would be.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it cannot be used.
    """
    if not file.is_file():
        raise FileNotFoundError(
            f"{file.parent} is no {kind} folder: it has no {file.name}. Give the --out of {made_by}."
        )
    try:
        return parse(file.read_text())
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} cannot be used: {error} Start a new {kind}.") from None


@contextmanager
def locked(file: Path, worked_on: Path) -> Iterator[None]:
    """Hold a lock on a file while the block runs; it goes with the process, however that ends.

    Args:
        file: Made where missing.
        worked_on: What the lock is for, as the message calls it.

    Raises:
        BlockingIOError: If another process holds it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(held(file, waits=False))
        except BlockingIOError:
            raise BlockingIOError(
                f"{worked_on} is being worked on by another process. Wait for it, or end it first."
            ) from None
        yield


@contextmanager
def held(file: Path, *, waits: bool = True) -> Iterator[None]:
    """Hold a lock on a file while the block runs.

    Args:
        file: Made where missing.
        waits: Whether to wait for another process that holds it.

    Raises:
        BlockingIOError: If another process holds it, and this one shall not wait.
    """
    with file.open("w") as opened:
        try:
            import fcntl
        except ModuleNotFoundError:  # Windows: nothing is locked there
            yield
            return
        fcntl.flock(opened, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def check_new(path: Path) -> None:
    """Check that a run can be written to a path.

    Raises:
        FileExistsError: If something is there already.
        NotADirectoryError: If the path lies below a file.
    """
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        raise FileExistsError(
            f"{path} exists already. Choose another --out, or continue it with --resume {path} if it is a run."
        )
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise NotADirectoryError(f"{parent} is a file, so {path} cannot be made below it. Choose another --out.")


def create_folder(path: Path, config: RunConfig) -> RunFolder:
    """Make a run's folder with its config in it; it appears with both or not at all.

    Raises:
        FileExistsError: If something is there already.
    """
    with new_folder(path) as temporary:
        atomic_write_text(temporary / "config.json", config.to_json() + "\n")
        (temporary / "checkpoint").mkdir()
    return RunFolder(path)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill, which becomes `path` when the block ends without an error.

    Raises:
        FileExistsError: If something is there already.
    """
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        os.chmod(temporary, 0o755)
        yield temporary
        temporary.rename(path)  # replaces an empty folder, fails on one that is not
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def default_path(config: RunConfig) -> Path:
    """Return the first path of the form runs/digits-ipc10-dqn-seed0 that is free."""
    name = config.name.replace(":", "-").replace(os.sep, "-")
    return free_path(f"{task_name(config.env)}-{name}-seed{config.seed}")


def task_name(env: EnvConfig) -> str:
    """Return what a path calls a task: digits-ipc10."""
    dataset = Path(env.dataset).stem or "data"
    return f"{dataset}-n{env.n_images}" if env.n_images else f"{dataset}-ipc{env.ipc}"


def free_path(base: str) -> Path:
    """Return the first of runs/BASE, runs/BASE-2, ... that is free."""
    path, number = Path("runs") / base, 1
    while path.exists():
        number += 1
        path = Path("runs") / f"{base}-{number}"
    return path
