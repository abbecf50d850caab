"""What `report.html` has in place of the plots, and what it alone has: charts and sheets in the page, the player."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from agents.benchmark.report.charts import ACCURACY_LABEL, SCORE_LABEL, Profile, curves_figure, profile_figure
from agents.benchmark.report.contents import Contents
from agents.benchmark.report.curves import COSTS, Panel
from agents.benchmark.report.drawing import to_svg
from agents.benchmark.report.filling import audit_of
from agents.benchmark.report.looks import DARK, LIGHT, Look
from agents.benchmark.report.results import Task
from agents.benchmark.report.sheets import Sheet


def page_context(contents: Contents) -> dict[str, Any]:
    """Return what the page's template needs besides the words of both reports."""
    looks = contents.looks
    drawn = {line.entrant for panels in contents.curves.values() for panel in panels for line in panel.lines}
    curve_names = [name for name in contents.ranked if name in drawn]
    return {
        "sections": _sections(contents),
        "looks": looks,
        "light": LIGHT,
        "dark": DARK,
        "curves": {
            cost: [_curves_svg(panel, looks, is_score=False) for panel in panels]
            for cost, panels in contents.curves.items()
        },
        "first_cost": next(iter(contents.curves), ""),
        "curve_names": curve_names,
        "distillers": [name for name in curve_names if not contents.results.acts(name)],
        "efficiency": {cost: _curves_svg(panel, looks, is_score=True) for cost, panel in contents.efficiency.items()},
        "profile": _profile_svg(contents.profile, looks, str(contents.reference.entrant)),
        "profile_names": list(contents.profile.shares) if contents.profile else [],
        "sheets": [(task, [_shown(sheet, task) for sheet in sheets]) for task, sheets in contents.sheets],
        "episodes": contents.episodes,
    }


def _sections(contents: Contents) -> list[tuple[str, str]]:
    """Return anchors and names of the sections that are there."""
    sections = [
        ("leaderboard", "Leaderboard", True),
        ("learning", "Learning curves", bool(contents.curves)),
        ("comparisons", "Comparisons", len(contents.matrix) > 1),
        ("sets", "Before and after", bool(contents.sheets)),
        ("edits", "Edit by edit", bool(contents.episodes)),
        ("method", "How it was measured", True),
    ]
    return [(anchor, name) for anchor, name, is_there in sections if is_there]


def _curves_svg(panel: Panel, looks: Mapping[str, Look], *, is_score: bool) -> Markup:
    label = SCORE_LABEL if is_score else ACCURACY_LABEL
    drawn = curves_figure([panel], looks, label, is_score=is_score, has_legend=False)
    form = "{:.2f}" if is_score else "{:.1%}"
    ends = ", ".join(f"{line.entrant} {form.format(line.middle[-1])}" for line in panel.lines)
    name = f"{'efficiency' if is_score else 'curves'}-{panel.cost}-{panel.slug}"
    return Markup(to_svg(drawn, name, f"{label} on {panel.title} against {COSTS[panel.cost]}. At the end: {ends}."))


def _profile_svg(profile: Profile | None, looks: Mapping[str, Look], reference: str) -> Markup | None:
    if profile is None:
        return None
    medians = {name: profile.thresholds[np.argmax(share < 0.5)] for name, (share, _, _) in profile.shares.items()}
    text = ", ".join(f"{name} {score:.2f}" for name, score in medians.items())
    drawn = profile_figure(profile, looks, reference, has_legend=False)
    return Markup(to_svg(drawn, "profiles", f"Share of runs above each normalised score. Median scores: {text}."))


def _shown(sheet: Sheet, task: Task) -> dict[str, Any]:
    """Return a contact sheet as the page shows it."""
    order = "one class a row" if sheet.rows else "in the order of the classes"
    largest = int(np.bincount(sheet.shown.classes).max())
    part = f" The first {sheet.per_class} of each class." if sheet.per_class < largest else ""
    if sheet.run is None or sheet.run.figures is None:
        caption, whose = "What the agent’s run began with.", f"Images of {task.label} before distilling"
    else:
        caption, whose = (
            f"Seed {sheet.run.seed}, {audit_of(sheet.run.figures)} test accuracy.",
            f"The set of {sheet.title} for {task.label}",
        )
    return {
        "title": sheet.title,
        "caption": caption + part,
        "alt": f"{whose}, {order}: {', '.join(sheet.class_names)}.",
        "picture": sheet.picture,
        "rows": sheet.rows,
    }
