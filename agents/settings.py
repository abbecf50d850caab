"""Settings of agents: keyword arguments into a config, with errors that name what is known."""

from __future__ import annotations

from typing import Any, TypeVar

from mps_env.json_types import check_types
from mps_env.keywords import check_keywords

ConfigType = TypeVar("ConfigType")


def config_from(config_type: type[ConfigType], agent: str, settings: dict[str, Any]) -> ConfigType:
    """Build a config dataclass from settings given by name.

    Raises:
        ValueError: If a setting is not a field of the config, or has the wrong type.
    """
    check_keywords(f"agent {agent!r}", config_type, settings)
    check_types(f"agent {agent!r}", config_type, settings)
    return config_type(**settings)


def require(name: str, value: Any, condition: bool, allowed: str) -> None:
    """Raise a ValueError in one line unless the condition holds.

    Raises:
        ValueError: If it does not.
    """
    if not condition:
        raise ValueError(f"{name} must be {allowed}, got {value!r}.")
