"""The folder of a study: what lies where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.folders import free_path, locked, read_config
from agents.runs.folder import task_name
from agents.tuning.config import TuneConfig
from mps_env.atomic import atomic_write_text


@dataclass(frozen=True)
class StudyFolder:
    """Paths inside a study's folder.

    Args:
        path: The folder.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The config, written first."""
        return self.path / "config.json"

    @property
    def study(self) -> Path:
        """Optuna's SQLite file: what `--resume` continues from."""
        return self.path / "study.db"

    @property
    def trials(self) -> Path:
        """One row a finished trial."""
        return self.path / "trials.csv"

    @property
    def picture(self) -> Path:
        """The history, and a slice through each range."""
        return self.path / "study.png"

    @property
    def best(self) -> Path:
        """The result, written last: a folder with it is finished."""
        return self.path / "best.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from working on this study.

        Raises:
            BlockingIOError: If one does already.
        """
        file = self.path / ".lock"
        with locked(file, self.path):
            yield
        file.unlink(missing_ok=True)

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.best.exists()

    def read_config(self) -> TuneConfig:
        """Read the config.

        Raises:
            FileNotFoundError: If this is no study's folder.
            ValueError: If its config cannot be used.
        """
        return read_config(self.config, TuneConfig.from_json, kind="study", made_by="mps tune")

    def read_best(self) -> dict[str, Any]:
        """Read the result of a finished study.

        Raises:
            ValueError: If it cannot be used.
        """
        try:
            best = json.loads(self.best.read_text())
        except ValueError as error:
            raise ValueError(f"{self.best} is no JSON: {error}. Remove it, and --resume makes it again.") from None
        if not isinstance(best, dict) or "agent_kwargs" not in best:
            raise ValueError(f"{self.best} lacks the figures of a study. Remove it, and --resume makes it again.")
        return best

    def write_best(self, best: dict[str, Any]) -> None:
        """Write the result; from then on the study is finished."""
        atomic_write_text(self.best, json.dumps(best, indent=2) + "\n")


def default_path(config: TuneConfig) -> Path:
    """Return the first path of the form runs/tune-digits-ipc10-dqn-tpe-seed0 that is free."""
    name = f"tune-{task_name(config.env)}-{config.agent}-{config.sampler}-seed{config.seed}"
    return free_path(name.replace(":", "-"))
