"""From words to a command object; the parser's boxed messages become one line."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Sequence
from inspect import getdoc
from typing import Any, Protocol

from agents.cli.reporting import WrongCallError
from mps_env.registry import Registry, nearest_names


class Command(Protocol):
    """One of `mps`'s commands: a dataclass of its options."""

    def run(self) -> int:
        """Do it and return the exit code."""


COMMANDS: Registry[type[Command]] = Registry("command")
for _name in ("distill", "evaluate", "reproduce", "tune", "benchmark", "speed", "show", "datasets"):
    COMMANDS.register(_name, f"agents.cli.{_name}:{_name.capitalize()}")

_HELP_FLAGS = ("-h", "--help")


def parse(arguments: Sequence[str]) -> Command:
    """Return the command that the words name, with its options.

    Raises:
        WrongCallError: With one line, if the words cannot be understood.
        SystemExit: After printing help.
    """
    if not arguments or arguments[0] in _HELP_FLAGS:
        _print_overview()
        raise SystemExit(0)
    if arguments[0] == "--version":
        from mps_env import __version__

        print(f"mps-distill {__version__}")
        raise SystemExit(0)
    name = arguments[0]
    if name not in COMMANDS:
        raise WrongCallError(
            f"unknown command {name!r}.{nearest_names(name, COMMANDS.names())} Known: {COMMANDS.listing()}."
        )
    return _parse_options(name, COMMANDS.get(name), arguments[1:])


def _parse_options(name: str, command: type[Command], arguments: Sequence[str]) -> Command:
    import tyro
    from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec

    registry = ConstructorRegistry()

    # Free-form arguments (an agent's, a proxy's) are NAME VALUE pairs, each value JSON or a bare word.
    @registry.primitive_rule
    def free_form(info: Any) -> Any:
        if info.type is not Any:
            return None
        return PrimitiveConstructorSpec(
            nargs=1,
            metavar="VALUE",
            instance_from_str=lambda words: _json_or_word(words[0]),
            is_instance=lambda value: True,
            str_from_instance=lambda value: [json.dumps(value)],
        )

    boxed = io.StringIO()
    wants_help = any(flag in arguments for flag in _HELP_FLAGS)
    try:
        with registry, contextlib.nullcontext() if wants_help else contextlib.redirect_stderr(boxed):
            return tyro.cli(command, prog=f"mps {name}", args=list(arguments), description=getdoc(command))
    except SystemExit as end:
        if wants_help or not end.code:
            raise
        raise WrongCallError(f"{_one_line(boxed.getvalue())} See mps {name} --help.") from None


def _json_or_word(word: str) -> Any:
    try:
        return json.loads(word)
    except json.JSONDecodeError:
        return word


def _one_line(boxed: str) -> str:
    """Fold a boxed message into one line, without the frame, the rules and the help text it repeats."""
    # The frame is of ASCII signs where the terminal has no others.
    lines = [re.sub(r"[─╭╮╰╯│]+|-{3,}|^[+|]|[+|]$", " ", line).strip() for line in boxed.splitlines()[1:]]
    kept: list[str] = []
    for line in lines:
        if line.startswith(("Argument helptext", "For full helptext", "Are you sure")):
            break
        if line:
            kept.append(line)
    text = re.sub(r"^Error parsing env: ", "", " ".join(kept))
    return text if text.endswith(".") else f"{text}."


def _print_overview() -> None:
    print("mps: dataset distillation as a reinforcement-learning problem.\n\nusage: mps COMMAND [OPTIONS]\n\ncommands:")
    for name in COMMANDS.names():
        first_line = (getdoc(COMMANDS.get(name)) or "").splitlines()[0]
        print(f"  {name:<12}{first_line}")
    print("\nmps COMMAND --help shows its options and examples; mps --version, the version.", file=sys.stdout)
