"""Figures as people read them."""

from __future__ import annotations


def percent(mean: float, std: float | None = None) -> str:
    """Format a fraction as `95.1 %` or `95.1 ± 0.3 %`."""
    return f"{100 * mean:.1f} %" if std is None else f"{100 * mean:.1f} ± {100 * std:.1f} %"


def audited(mean: float, std: float, trainings: int) -> str:
    """Format a test accuracy, with its spread over the trainings of an audit where there are several."""
    return percent(mean, std if trainings > 1 else None)


def count(number: float) -> str:
    """Format a number of things as `12,000`."""
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """Format a time as `4.2 s`, `45 s`, `3 min 20 s` or `1 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two_units(whole, "min", "s")
    return _two_units(round(seconds / 60), "h", "min")


def _two_units(number: int, large: str, small: str) -> str:
    """Write a number of the small unit, of which 60 make a large one."""
    whole, rest = divmod(number, 60)
    return f"{whole} {large} {rest} {small}" if rest else f"{whole} {large}"
