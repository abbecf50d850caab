"""The pictures of `report.md`, as PNGs."""

from __future__ import annotations

from pathlib import Path

from agents.benchmark.report.charts import ACCURACY_LABEL, SCORE_LABEL, curves_figure, profile_figure
from agents.benchmark.report.contents import Contents
from agents.benchmark.report.drawing import save_png
from agents.runs.pictures import save_contact_sheet


def save_plots(folder: Path, contents: Contents) -> None:
    """Draw what there is to draw.

    Args:
        folder: Where to; made where it is missing.
        contents: The report's.
    """
    folder.mkdir(exist_ok=True)
    for cost, panels in contents.curves.items():
        drawn = curves_figure(panels, contents.looks, ACCURACY_LABEL, is_score=False, has_legend=True)
        save_png(folder / f"learning_curves_{cost}.png", drawn)
    for cost, panel in contents.efficiency.items():
        drawn = curves_figure([panel], contents.looks, SCORE_LABEL, is_score=True, has_legend=True)
        save_png(folder / f"sample_efficiency_{cost}.png", drawn)
    if contents.profile is not None:
        drawn = profile_figure(contents.profile, contents.looks, str(contents.reference.entrant), has_legend=True)
        save_png(folder / "performance_profiles.png", drawn)
    for task, sheets in contents.sheets:
        shown = [(sheet.title, sheet.shown) for sheet in sheets]
        save_contact_sheet(folder / f"sets_{task.slug}.png", shown, sheets[0].class_names)
