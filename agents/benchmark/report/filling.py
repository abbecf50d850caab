"""The report's templates and the forms of figures in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from agents.benchmark.report.results import Figures
from agents.benchmark.report.standings import Standing
from agents.benchmark.statistics import Estimate
from agents.formats import audited, count, duration, percent

_NOTHING = "–"


def _score(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # + 0.0: a rounded -0.0 is 0


def _whole_percent(value: float) -> str:
    return f"{100 * value:.0f} %"


FORMATS: Mapping[str, Callable[[float], str]] = {
    "percent": percent,
    "whole_percent": _whole_percent,
    "score": _score,
    "count": count,
    "duration": duration,
}


def fill(template: str, context: Mapping[str, Any]) -> str:
    """Return a template of this package filled with a context; what goes into HTML is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("agents.benchmark.report"),
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".css.j2", ".js")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        apply=apply,
        ends=ends,
        with_ends=with_ends,
        mean_and_std=_mean_and_std,
        audited=audit_of,
        steps=_steps,
        cell=_markdown_cell,
        breakable=_breakable,
    )
    environment.tests["finite"] = math.isfinite
    return environment.get_template(template).render(context)


def apply(value: float, form: str) -> str:
    """Return a figure in one of the forms; a dash where there is none."""
    return FORMATS[form](value) if math.isfinite(value) else _NOTHING


def ends(estimate: Estimate, form: str) -> str:
    """Return an interval: `94.8 to 95.4 %`."""
    low, high = FORMATS[form](estimate.low), FORMATS[form](estimate.high)
    return f"{low.removesuffix(' %')} to {high}"


def with_ends(estimate: Estimate, form: str) -> str:
    """Return a figure and its interval, `95.1 % [94.8 to 95.4 %]`; with a mark where there are too few runs for it."""
    mark = "⚠ " if estimate.is_weak and math.isfinite(estimate.value) else ""
    value = mark + apply(estimate.value, form)
    return f"{value} [{ends(estimate, form)}]" if estimate.has_interval else value


def _mean_and_std(row: Standing) -> str:
    if not math.isfinite(row.mean):
        return _NOTHING
    return percent(row.mean, row.std if math.isfinite(row.std) else None)


def audit_of(figures: Figures) -> str:
    """Return a run's test accuracy."""
    return audited(figures.test_accuracy, figures.test_accuracy_std, figures.audit_seeds)


def _steps(row: Standing) -> str:
    """Return a run's environment steps; a distiller has iterations instead."""
    if row.env_steps > 0:
        return count(row.env_steps)
    return f"{count(row.iterations)} iterations" if row.iterations > 0 else _NOTHING


def _markdown_cell(text: str) -> str:
    """Keep text within one cell of a Markdown table."""
    return " ".join(str(text).split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _breakable(name: str) -> Any:
    """Let a long name go on in a second line after its underscores and colons."""
    from markupsafe import Markup, escape

    return Markup(str(escape(name)).replace("_", "_<wbr>").replace(":", ":<wbr>"))
