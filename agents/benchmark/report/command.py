"""The command that makes a benchmark, from its config."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from agents.typed import changed, environment_options, option
from mps_env.evaluation.config import AuditConfig

# Where the config's entry is called otherwise on the command line.
_AUDIT_OPTIONS = {
    "network": "network",
    "network_kwargs": "network_kwargs",
    "seeds": "audit_seeds",
    "steps": "audit_steps",
    "eval_points": "audit_points",
    "augment": "audit_augment",
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
    words = _words(config)
    command = shlex.join(["mps", "benchmark", *(words or []), "--out", folder])
    if words is None:
        command = _FILE_FORM.format(folder=shlex.quote(folder))
    return "\n".join([*(f"# needs the agent at {file}" for file in _saved_agents(config)), command])


def _saved_agents(config: Mapping[str, Any]) -> list[str]:
    """Return the files, or runs' folders, of agents that learned elsewhere."""
    names = [_name(entry) for entry in config.get("agents", [])]
    return [name.partition(":")[2] for name in names if name.startswith("saved:")]


def _words(config: Mapping[str, Any]) -> list[str] | None:
    """Return the options; None where there are none for something."""
    seeds = config.get("seeds", [])
    audit = changed(AuditConfig(), config.get("audit") or {})
    entries = config.get("agents", [])
    if seeds != list(range(seeds[0], seeds[0] + len(seeds)) if seeds else []):
        return None
    is_said_by_options = set(audit) <= set(_AUDIT_OPTIONS) and isinstance(audit.get("augment", ""), str)
    if not is_said_by_options or not all(map(_is_plain, entries)):
        return None
    words = [*option("agents", [_name(entry) for entry in entries])]
    for name in ("datasets", "ipc", "actions", "steps", "iterations", "episode_steps", "rehearsal", "reference"):
        value = config.get(name)
        if value and (name, value) != ("actions", ["edit"]):
            words += option(name, value)
    if seeds:
        words += option("seeds", len(seeds)) + (option("seed", seeds[0]) if seeds[0] else [])
    if config.get("budget_s"):
        words += option("budget", f"{config['budget_s']:g}s")
    words += environment_options(config.get("env") or {})
    for name, value in audit.items():
        words += option(_AUDIT_OPTIONS[name], value)
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
