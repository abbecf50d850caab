"""Durations as people write them."""

from __future__ import annotations

import re

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(text: str) -> float:
    """Return the seconds in `90`, `90s`, `20m`, `1.5h` or `1h30m`.

    Raises:
        ValueError: If the text is none of these, or not more than zero.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)([smh]?)", text)
    is_whole = "".join(number + unit for number, unit in parts) == text
    if not parts or not is_whole or (len(parts) > 1 and not all(unit for _, unit in parts)):
        raise ValueError(f"budget must be a time such as 90s, 20m or 1h30m, got {text!r}. Write a number and a unit.")
    seconds = sum(float(number) * _UNITS_S[unit or "s"] for number, unit in parts)
    if seconds <= 0:
        raise ValueError(f"budget must be more than zero, got {text!r}. Use 1m for a short try.")
    return seconds
