"""Writes a benchmark's report: `report.md` with its plots, and `report.html`, which needs nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.benchmark.report import wording
from agents.benchmark.report.command import command_of
from agents.benchmark.report.contents import Contents
from agents.benchmark.report.curves import COSTS
from agents.benchmark.report.filling import fill
from agents.benchmark.report.page import page_context
from agents.benchmark.report.plots import save_plots
from agents.benchmark.report.results import read_results
from mps_env.atomic import atomic_write_text


def write_report(out: Path) -> None:
    """Read a benchmark's results and write its report beside them.

    Args:
        out: The benchmark's folder: `benchmark.json`, `results.csv`, `curves.csv`, `runs`.

    Raises:
        FileNotFoundError, ValueError: If there is nothing to report on, or it cannot be used.
    """
    contents = Contents(read_results(out))
    words = _words(contents)
    save_plots(out / "plots", contents)
    atomic_write_text(out / "report.md", fill("report.md.j2", words))
    atomic_write_text(out / "report.html", fill("report.html.j2", words | page_context(contents)))


def _words(contents: Contents) -> dict[str, Any]:
    """Return what both forms of the report say, and which pictures the Markdown has."""
    results, board = contents.results, contents.overall.rows
    return {
        "title": wording.title(results),
        "findings": wording.findings(board, results.tasks, contents.matrix),
        "facts": wording.facts(results),
        "warnings": wording.warnings(results, board),
        "scale_text": wording.scale_text(contents.reference, contents.scales, results.tasks),
        "reference": contents.reference.entrant,
        "overall": contents.overall,
        "tasks": contents.boards,
        "costs": COSTS,
        "curves": contents.curves,
        "efficiency": contents.efficiency,
        "profile": contents.profile,
        "matrix": contents.matrix if len(contents.matrix) > 1 else [],
        "best_text": wording.best_text(board, contents.matrix),
        "sheets": contents.sheets,
        "runs": results.runs,
        "failed": results.failed,
        "method": wording.method(results, contents.reference, contents.versions),
        "command": command_of(results.config, results.folder.resolve().name),
        "config": json.dumps(results.config, indent=2),
    }
