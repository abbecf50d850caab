"""The command that makes a benchmark, from its config."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from mps_env.config import EnvConfig
from mps_env.evaluation.config import AuditConfig

# Where the config's entry is called otherwise on the command line.
_AUDIT_OPTIONS = {
    "network": "--network",
    "network_kwargs": "--network-kwargs",
    "seeds": "--audit-seeds",
    "steps": "--audit-steps",
}
_OWN_SETTINGS = ("kwargs", "observation", "reward", "rehearsal", "iterations")
_FILE_FORM = """cp {folder}/benchmark.json grid.yaml  # JSON is YAML
mps benchmark grid.yaml --out {folder}-again"""


def command_of(config: Mapping[str, Any], folder: str) -> str:
    """Return what to type: options where they can say it all, else the config as a file.

    Args:
        config: `benchmark.json`.
        folder: The benchmark's, as the command shall call it.
    """
    if config.get("command"):
        return str(config["command"])
    words = _words(config)
    if words is None:
        return _FILE_FORM.format(folder=shlex.quote(folder))
    return shlex.join(["mps", "benchmark", *words, "--out", folder])


def _words(config: Mapping[str, Any]) -> list[str] | None:
    """Return the options; None where there are none for something."""
    seeds = config.get("seeds", [])
    audit = _changed(AuditConfig(), config.get("audit") or {})
    audit.pop("eval_points", None)  # follows from the steps
    entries = config.get("agents", [])
    if seeds != list(range(seeds[0], seeds[0] + len(seeds)) if seeds else []):
        return None
    if set(audit) - set(_AUDIT_OPTIONS) or not all(map(_is_plain, entries)):
        return None
    words = [*_option("--agents", [_name(entry) for entry in entries])]
    for name in ("datasets", "ipc", "actions", "steps", "iterations", "episode_steps", "rehearsal", "reference"):
        value = config.get(name)
        if value and (name, value) != ("actions", ["edit"]):
            words += _option(f"--{name.replace('_', '-')}", value)
    if seeds:
        words += _option("--seeds", len(seeds)) + (_option("--seed", seeds[0]) if seeds[0] else [])
    if config.get("budget_s"):
        words += _option("--budget", f"{config['budget_s']:g}s")
    for name, value in _changed(EnvConfig(), config.get("env") or {}).items():
        # Where the files lie is another matter on every machine.
        words += _option(f"--{name.replace('_', '-')}", "DATA" if name == "data_dir" else value)
    for name, value in audit.items():
        words += _option(_AUDIT_OPTIONS[name], value)
    return words


def _is_plain(entry: Any) -> bool:
    """Whether an entry of the grid is its agent's or distiller's name and nothing else."""
    if isinstance(entry, str):
        return True
    if any(entry.get(setting) is not None for setting in _OWN_SETTINGS) or entry.get("method") == "random":
        return False  # by its name alone, random is the agent
    return entry.get("name") in (None, "", entry.get("agent") or entry.get("method"))


def _name(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry.get("agent") or entry.get("method"))


def _option(option: str, value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [option, *(str(word) for pair in value.items() for word in pair)]
    is_many = isinstance(value, Sequence) and not isinstance(value, str)
    return [option, *(map(str, value) if is_many else [str(value)])]


def _changed(standard: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that differ from the standard ones."""
    usual = dataclasses.asdict(standard)
    return {name: value for name, value in values.items() if value != usual.get(name)}
