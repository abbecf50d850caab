"""Settings of agents: keyword arguments into a config, with errors that name what is known."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from mps_env.json_types import check_types
from mps_env.registry import nearest_names

ConfigType = TypeVar("ConfigType")


def config_from(config_type: type[ConfigType], agent: str, settings: dict[str, Any]) -> ConfigType:
    """Build a config dataclass from settings given by name.

    Raises:
        TypeError: If a setting is not a field of the config.
        ValueError: If it has the wrong type.
    """
    check_known(agent, settings, [one.name for one in dataclasses.fields(config_type)])  # type: ignore[arg-type]
    check_types(f"agent {agent!r}", config_type, settings)
    return config_type(**settings)


def check_known(agent: str, settings: dict[str, Any], known: list[str]) -> None:
    """Refuse settings whose names are not in `known`.

    Raises:
        TypeError: Naming the nearest known setting, and all of them.
    """
    for name in settings:
        if name not in known:
            listing = ", ".join(known) or "none"
            raise TypeError(f"agent {agent!r} has no setting {name!r}.{nearest_names(name, known)} Known: {listing}.")


def require(name: str, value: Any, condition: bool, allowed: str) -> None:
    """Raise a ValueError in one line unless the condition holds.

    Raises:
        ValueError: If it does not.
    """
    if not condition:
        raise ValueError(f"{name} must be {allowed}, got {value!r}.")
