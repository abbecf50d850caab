"""What a worker does with a run's folder; imported in its own process."""

from __future__ import annotations

from pathlib import Path

from agents.runs.audit_store import AuditStore
from agents.runs.folder import RunFolder


def do_run(folder: Path, audits: str | None = None) -> None:
    """Do what is left of a run.

    Args:
        folder: The run's.
        audits: Where finished trainings are shared; None where this process cannot see that.
    """
    from agents.runs.run import execute

    execute(RunFolder(folder), quiet=True, audits=None if audits is None else AuditStore(Path(audits)))
