"""What commands whose work can be resumed have in common: they do what is left of a folder, and print it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from agents.cli.reporting import InterruptedRunError, WrongCallError
from agents.cli.tables import print_json


class WorkFolder(Protocol):
    """A folder of a run, a study or a reproduction."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        ...


Folder = TypeVar("Folder", bound=WorkFolder)


def finish(
    command: str,
    folder: Folder,
    work: Callable[[Folder], dict[str, Any]],
    show: Callable[[Folder, dict[str, Any]], None],
    *,
    as_json: bool,
) -> int:
    """Do what is left of a folder's work, print what came of it, and return the exit code.

    Args:
        command: As it is called: `distill`.
        folder: New, interrupted or finished.
        work: Does what is left and returns the result.
        show: Prints the result for people.
        as_json: Print JSON instead.
    """
    if folder.is_finished and not as_json:
        print(f"{folder.path} is finished already; nothing is left to do.")
    with saying_how_to_continue(f"mps {command} --resume {folder.path}"):
        result = work(folder)
    if as_json:
        print_json(result)
    else:
        show(folder, result)
    return 0


@contextlib.contextmanager
def saying_how_to_continue(call: str) -> Iterator[None]:
    """Turn Ctrl-C in the block into a line that says how to go on, and a folder that another process holds into one."""
    try:
        yield
    except BlockingIOError as error:
        raise WrongCallError(str(error)) from None
    except KeyboardInterrupt:
        raise InterruptedRunError(f"interrupted. Continue with: {call}") from None
