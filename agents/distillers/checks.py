"""Checks of distillers' settings, each with one line that says what is allowed."""

from __future__ import annotations

import math


def require_at_least(smallest: int, **settings: int) -> None:
    """Raise ValueError unless every setting is a whole number >= `smallest`."""
    for name, value in settings.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < smallest:
            raise ValueError(f"{name} must be a whole number >= {smallest}, got {value!r}.")


def require_positive(**settings: float) -> None:
    """Raise ValueError unless every setting is a finite number > 0."""
    for name, value in settings.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
            raise ValueError(f"{name} must be a number > 0, got {value!r}.")
