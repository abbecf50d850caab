"""Figures as people read them."""

from __future__ import annotations


def percent(mean: float, std: float | None = None) -> str:
    """Format a fraction as `95.1 %` or `95.1 ± 0.3 %`."""
    return f"{100 * mean:.1f} %" if std is None else f"{100 * mean:.1f} ± {100 * std:.1f} %"


def count(number: float) -> str:
    """Format a number of things as `12,000`."""
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """Format a time as `4.2 s`, `3 min 20 s` or `1 h 05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 59.95 else "1 min 00 s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min"
