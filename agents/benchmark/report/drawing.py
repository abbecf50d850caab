"""Figures on paper and on the page: one drawing gives a PNG and an SVG whose colours follow the page's theme."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.benchmark.report.looks import INK, LIGHT, RULE, Look
from agents.runs.pictures import save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE: dict[Any, Any] = {
    "text.parse_math": False,  # a dollar in a name is a dollar
    "svg.fonttype": "none",  # text stays text, in the page's own font
    "svg.hashsalt": "mps",  # the same figure gives the same ids
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
}
_THEMED = {INK: "currentColor", RULE: "var(--rule)", **{light: f"var(--series-{i})" for i, light in enumerate(LIGHT)}}


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def styled() -> Any:
    """Return the context in which figures are drawn and saved."""
    import matplotlib

    return matplotlib.rc_context(_STYLE)


def draw_line(axes: Any, at: np.ndarray, middle: np.ndarray, band: tuple[np.ndarray, np.ndarray], look: Look) -> None:
    """Draw a line and the band around it, where it has one."""
    axes.fill_between(at, *band, color=look.light, alpha=0.14, linewidth=0)
    axes.plot(at, middle, color=look.light, linestyle=look.linestyle, linewidth=1.7, dash_capstyle="butt")


def save_png(path: Path, figure: Figure) -> None:
    """Write a figure as a PNG."""
    with styled():
        save_figure(path, figure)


def to_svg(figure: Figure, name: str, description: str) -> str:
    """Return a figure as an SVG element for the page.

    Args:
        figure: Drawn in the colours of `looks`.
        name: A word that no other figure of the page has; its ids begin with it.
        description: The alternative text.
    """
    text = io.StringIO()
    with styled():
        figure.patch.set_visible(False)
        for axes in figure.axes:
            axes.patch.set_visible(False)
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = text.getvalue()
    return _on_page(svg[svg.index("<svg") :].strip(), name, description)


def _on_page(svg: str, name: str, description: str) -> str:
    """Make matplotlib's SVG small, themed, and one of many on a page."""
    from markupsafe import escape

    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", svg, flags=re.S)
    view_box = re.search(r'viewBox="([^"]*)"', svg)
    assert view_box is not None
    body = svg[svg.index(">") + 1 :]
    body = re.sub(r' id="[a-zA-Z0-9]+_\d+"', "", body)  # groups of matplotlib's own, which nothing refers to
    body = re.sub(r'((?:id|xlink:href)="#?|url\(#)', rf"\1{name}-", body).replace("xlink:href", "href")
    body = re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", body)
    body = re.sub(r"font: (?:\w+ )?([\d.]+px)[^;\"]*", r"font-size: \1", body)
    for colour, themed in _THEMED.items():
        body = body.replace(colour, themed)
    body = re.sub(r"\s*\n\s*", "\n", body)
    label = escape(description)
    return f'<svg class="plot" viewBox="{view_box[1]}" role="img" aria-label="{label}">{body}'
