"""A whole run in one call: what `mps distill` does, from Python."""

from __future__ import annotations

from pathlib import Path

from agents.runs.config import RunConfig
from agents.runs.folder import create_folder, default_path
from agents.runs.loading import LoadedRun, load_run
from agents.runs.run import check_run, execute


def distill(config: RunConfig, out: str | Path | None = None, *, quiet: bool = False) -> LoadedRun:
    """Distil, audit, and leave a run folder: `distill(RunConfig(agent="ppo", steps=600)).synthetic_set`.

    Args:
        config: What to do; all has a default.
        out: The folder, which must not exist yet; None makes a new one in `runs`.
        quiet: Whether to show no progress.

    Raises:
        ValueError, TypeError, FileNotFoundError, ModuleNotFoundError: If something in the config cannot be used; before
            any work is done or anything is written.
        FileExistsError: If there is something at `out`.
    """
    check_run(config)
    folder = create_folder(default_path(config) if out is None else Path(out), config)
    execute(folder, quiet=quiet)
    return load_run(folder.path)
