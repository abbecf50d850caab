"""What networks say of an argument that is out of range."""

from __future__ import annotations

from typing import Any


def require_count(network: str, **values: Any) -> None:
    """Raise ValueError unless every value is a whole number >= 1."""
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{network}'s {name} must be a whole number >= 1, got {value!r}.")


def require_factor(network: str, width: Any) -> None:
    """Raise ValueError unless the factor on a network's published width is a number > 0."""
    if not isinstance(width, int | float) or isinstance(width, bool) or not 0 < width < float("inf"):
        raise ValueError(f"{network}'s width must be a number > 0, got {width!r}. 1.0 is the published size.")
