"""The folder of a run: what lies where."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.folders import free_path, locked, new_folder, read_config
from agents.runs.config import RunConfig
from mps_env.atomic import atomic_write_text
from mps_env.config import EnvConfig
from mps_env.set_file import SET_FILE


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


def create_folder(path: Path, config: RunConfig) -> RunFolder:
    """Make a run's folder with its config in it; it appears with both or not at all.

    Raises:
        FileExistsError: If something is there already.
    """
    with new_folder(path) as temporary:
        atomic_write_text(temporary / "config.json", config.to_json() + "\n")
        (temporary / "checkpoint").mkdir()
    return RunFolder(path)


def default_path(config: RunConfig) -> Path:
    """Return the first path of the form runs/digits-ipc10-dqn-seed0 that is free."""
    name = config.name.replace(":", "-").replace(os.sep, "-")
    return free_path(f"{task_name(config.env)}-{name}-seed{config.seed}")


def task_name(env: EnvConfig) -> str:
    """Return what a path calls a task: digits-ipc10."""
    dataset = Path(env.dataset).stem or "data"
    return f"{dataset}-n{env.n_images}" if env.n_images else f"{dataset}-ipc{env.ipc}"
