"""A benchmark's config from a file: TOML by the standard library, YAML by PyYAML."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.benchmark.config import BenchmarkConfig
from agents.runs.durations import parse_duration

# YAML 1.1 takes 1e-3 for a word; nobody who writes it means one.
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")


def read_config(path: Path) -> BenchmarkConfig:
    """Read a grid from a `.toml`, `.yaml`, `.yml` or `.json` file.

    Its keys are the fields of `BenchmarkConfig`, with `budget: 20m` for `budget_s`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read, or is no benchmark's; the message names the file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}. Give a .yaml or .toml file, or name --agents.")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(f"{path} must be one of {', '.join(_READERS)}, got {path.suffix or 'no ending'!r}. Rename it.")
    try:
        values = _plain(reader(path.read_text(encoding="utf-8")))
        if not isinstance(values, dict):
            raise ValueError(f"it holds {type(values).__name__}, not names and values")
        if {"budget", "budget_s"} <= set(values):
            raise ValueError("budget and budget_s say the same. Leave one out")
        if "budget" in values:
            values["budget_s"] = parse_duration(str(values.pop("budget")))
        return BenchmarkConfig.from_values(values)
    except RecursionError:
        raise ValueError(f"{path}: it holds a value that contains itself. Write it out.") from None
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from None


def _read_yaml(text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML says that a key stands once in a mapping; PyYAML takes the last."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            _distinct([(key.value, None) for key, _ in node.value if isinstance(key.value, str)])
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _read_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_distinct)


def _distinct(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return the pairs as a mapping.

    Raises:
        ValueError: If a key comes twice.
    """
    names = [name for name, _ in pairs]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"{repeated[0]} is given more than once. Leave one out.")
    return dict(pairs)


def _read_toml(text: str) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    return tomllib.loads(text)  # its errors are ValueErrors


_READERS: dict[str, Callable[[str], Any]] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".toml": _read_toml,
    ".json": _read_json,
}


def _plain(value: Any) -> Any:
    """Return the same values as JSON can hold them."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else value
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError(f"{value!r} is neither a number, a text, a list nor a mapping. Put it in quotes.")
