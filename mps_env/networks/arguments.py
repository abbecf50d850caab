"""What networks say of an argument that is out of range."""

from __future__ import annotations

from typing import Any

from mps_env.checks import require_positive, require_whole


def require_count(network: str, **values: Any) -> None:
    """Raise ValueError unless every value is a whole number >= 1."""
    require_whole(1, **{f"{network}'s {name}": value for name, value in values.items()})


def require_factor(network: str, width: Any) -> None:
    """Raise ValueError unless the factor on a network's published width is a number > 0."""
    require_positive(hint="1.0 is the published size.", **{f"{network}'s width": width})
