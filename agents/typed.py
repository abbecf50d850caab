"""Settings as one types them on the command line."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mps_env.config import EnvConfig


def option(name: str, value: Any) -> list[str]:
    """Return the words of an option: `("ipc", [1, 10])` is `--ipc 1 10`, a mapping NAME VALUE pairs."""
    words = [f"--{name.replace('_', '-')}"]
    if isinstance(value, Mapping):
        return words + [_word(word) for pair in value.items() for word in pair]
    is_many = isinstance(value, Sequence) and not isinstance(value, str)
    return words + ([_word(word) for word in value] if is_many else [_word(value)])


def environment_options(env: Mapping[str, Any]) -> list[str]:
    """Return the options of an environment's config, as JSON has it, where they are not the standard ones.

    Where the data files lie is another matter on every machine: `--data-dir DATA`.
    """
    given = changed(EnvConfig(), env)
    return [word for name, value in given.items() for word in option(name, "DATA" if name == "data_dir" else value)]


def changed(standard: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that differ from those of a config with the standard ones."""
    usual = dataclasses.asdict(standard)
    return {name: value for name, value in values.items() if value != usual.get(name)}


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
