"""Checks of settings, each with one line that says what was given and what is allowed."""

from __future__ import annotations

import math
from typing import Any


def require_whole(least: int, *, hint: str = "", **settings: Any) -> None:
    """Check that settings are whole numbers.

    Args:
        least: The smallest allowed.
        hint: A sentence for the message.
        settings: The values by name.

    Raises:
        ValueError: If one is not a whole number >= `least`.
    """
    for name, value in settings.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}.{hint and ' ' + hint}")


def require_positive(*, hint: str = "", **settings: Any) -> None:
    """Check that settings are positive numbers.

    Args:
        hint: A sentence for the message.
        settings: The values by name.

    Raises:
        ValueError: If one is not a finite number > 0.
    """
    for name, value in settings.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
            raise ValueError(f"{name} must be a number > 0, got {value!r}.{hint and ' ' + hint}")
