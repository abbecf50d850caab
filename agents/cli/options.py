"""What commands that can be resumed do with their options."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

from agents.catalogue import AGENTS
from agents.cli.reporting import WrongCallError
from mps_env.config import EnvConfig
from mps_env.data import DATASETS
from mps_env.set_file import is_set_path

_FREE = ("resume", "json", "quiet")


def refuse_other_options(command: Any, *, free: Collection[str] = _FREE, given: str = "--resume") -> None:
    """Check that a command which resumes was given nothing that its folder's config holds.

    Args:
        command: The command.
        free: Options that may be given all the same.
        given: What says all the rest, for the message.

    Raises:
        WrongCallError: If it was.
    """
    standard = type(command)()
    others = [
        option.name
        for option in fields(command)
        if option.name not in free and getattr(command, option.name) != getattr(standard, option.name)
    ]
    if others:
        option = others[0].replace("_", "-") if others[0] != "env" else "the environment's options"
        source = "the run's config" if given == "--resume" else "there"
        raise WrongCallError(
            f"{given} takes everything from {source}, got {option} as well. Leave it out, or start anew."
        )


def with_absolute_file(agent: str) -> str:
    """Return an agent's name with the file in it, if there is one, spelled out: `saved:FILE`."""
    name, colon, file = agent.partition(":")
    names_file = name in AGENTS and AGENTS.get(name).parameter == "path"
    return f"{name}:{os.path.abspath(file)}" if colon and file and names_file else agent


def with_absolute_paths(env: EnvConfig) -> EnvConfig:
    """Return the config with its paths spelled out, so that the run can be continued from any folder."""
    changes: dict[str, Any] = {}
    if env.data_dir is not None:
        changes["data_dir"] = os.path.abspath(env.data_dir)
    if env.dataset not in DATASETS and os.path.exists(env.dataset):
        changes["dataset"] = os.path.abspath(env.dataset)
    if is_set_path(env.init):
        changes["init"] = os.path.abspath(env.init)
    return replace(env, **changes)
