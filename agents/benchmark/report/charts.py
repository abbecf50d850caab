"""The charts of the report: learning curves, sample efficiency, performance profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.benchmark import statistics
from agents.benchmark.report.curves import COSTS, Panel
from agents.benchmark.report.drawing import draw_line, new_figure, styled
from agents.benchmark.report.looks import INK, RULE, Look

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACCURACY_LABEL = "best validation accuracy (%)"
SCORE_LABEL = "normalised validation accuracy"
_PANEL = (4.8, 3.3)  # inches; on the page a panel is as wide as a phone, so that its text stays readable there
_WIDE = 5.0  # of a figure that stands alone
_THRESHOLDS = 81
_ROOM = 0.05

Looks = Mapping[str, Look]


@dataclass(frozen=True, eq=False)
class Profile:
    """Performance profiles.

    Args:
        thresholds: (T,) normalised scores.
        shares: By entrant: share of runs above, lower and upper end, (T,) each.
    """

    thresholds: np.ndarray
    shares: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]


def performance_profiles(scores: Mapping[str, Sequence[np.ndarray]]) -> Profile | None:
    """Return the profiles of entrants, whose scores are (n_i,) arrays by task; None where there are no scores."""
    scores = {entrant: strata for entrant, strata in scores.items() if strata and all(map(len, strata))}
    if not scores:
        return None
    everything = np.concatenate([stratum for strata in scores.values() for stratum in strata])
    low, high = min(0.0, everything.min() - _ROOM), max(1.0, everything.max() + _ROOM)
    thresholds = np.linspace(low, high, _THRESHOLDS)
    return Profile(
        thresholds, {name: statistics.performance_profile(strata, thresholds) for name, strata in scores.items()}
    )


def curves_figure(panels: Sequence[Panel], looks: Looks, ylabel: str, *, is_score: bool, has_legend: bool) -> Figure:
    """Draw panels of curves beside each other, two in a row.

    Args:
        panels: At least one.
        looks: By entrant.
        ylabel: What the curves show.
        is_score: Whether they are normalised scores, instead of accuracies.
        has_legend: Whether to say whose each line is.
    """
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    width = _WIDE if is_score else _PANEL[0] * columns
    with styled():
        figure = new_figure(width, _PANEL[1] * rows + 0.4 * has_legend)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid[len(panels) :]:
            axes.set_axis_off()
        for axes, panel in zip(grid, panels, strict=False):
            _draw_curves(axes, panel, looks, ylabel, is_score)
        if has_legend:
            shown = {line.entrant for panel in panels for line in panel.lines}
            _draw_legend(figure, {name: look for name, look in looks.items() if name in shown})
    return figure


def profile_figure(profile: Profile, looks: Looks, reference: str, *, has_legend: bool) -> Figure:
    """Draw performance profiles."""
    with styled():
        figure = new_figure(_WIDE, _PANEL[1] + 0.4 * has_legend)
        axes = figure.subplots()
        for entrant, (share, low, high) in profile.shares.items():
            draw_line(axes, profile.thresholds, 100 * share, (100 * low, 100 * high), looks[entrant])
        axes.set(
            xlabel=f"normalised score (0: random set, 1: {reference})",
            ylabel="runs that score more (%)",
            xlim=(profile.thresholds[0], profile.thresholds[-1]),
            ylim=(-2, 102),
        )
        _draw_ends(axes.axvline)
        axes.grid(alpha=0.7)
        if has_legend:
            _draw_legend(figure, {name: look for name, look in looks.items() if name in profile.shares})
    return figure


def _draw_curves(axes: Any, panel: Panel, looks: Looks, ylabel: str, is_score: bool) -> None:
    factor = 1 if is_score else 100
    for line in panel.lines:
        draw_line(axes, line.at, factor * line.middle, (factor * line.low, factor * line.high), looks[line.entrant])
    axes.set(xlabel=COSTS[panel.cost], ylabel=ylabel, xscale="log" if panel.is_log else "linear")
    if not is_score:
        axes.set_title(panel.title)
    axes.xaxis.set_major_formatter("{x:,.10g}")
    axes.margins(x=0.02)
    axes.grid(alpha=0.7)
    if is_score:
        _draw_ends(axes.axhline)


def _draw_ends(draw: Any) -> None:
    """Mark the scores 0 and 1."""
    for end in (0, 1):
        draw(end, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)


def _draw_legend(figure: Figure, looks: Looks) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=look.light, linestyle=look.linestyle, linewidth=1.7, label=name)
        for name, look in looks.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)), edgecolor=RULE, fontsize=9)
