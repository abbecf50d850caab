"""What the folders of runs, studies, benchmarks and reproductions share: they appear whole, are locked and not lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

ConfigType = TypeVar("ConfigType")


def check_new(path: Path) -> None:
    """Check that a run can be written to a path.

    Raises:
        FileExistsError: If something is there already.
        NotADirectoryError: If the path lies below a file.
    """
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        raise FileExistsError(
            f"{path} exists already. Choose another --out, or continue it with --resume {path} if it is a run."
        )
    check_parents(path)


def check_parents(path: Path) -> None:
    """Check that a folder can be made at a path where there is none.

    Raises:
        NotADirectoryError: If the path lies below a file.
    """
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise NotADirectoryError(f"{parent} is a file, so {path} cannot be made below it. Choose another --out.")


def check_new_file(path: Path) -> None:
    """Check that a file can be written to a path.

    Raises:
        FileExistsError: If something is there already.
        FileNotFoundError: If there is no such folder.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already. Choose another --out, or remove it.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it, or choose another --out.")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill, which becomes `path` when the block ends without an error.

    Raises:
        FileExistsError: If something is there already.
    """
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        os.chmod(temporary, 0o755)
        yield temporary
        temporary.rename(path)  # replaces an empty folder, fails on one that is not
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def free_path(base: str) -> Path:
    """Return the first of runs/BASE, runs/BASE-2, ... that is free."""
    path, number = Path("runs") / base, 1
    while path.exists():
        number += 1
        path = Path("runs") / f"{base}-{number}"
    return path


def read_config(file: Path, parse: Callable[[str], ConfigType], *, kind: str, made_by: str) -> ConfigType:
    """Read the config that makes a folder what it is.

    Args:
        file: Where it lies.
        parse: Makes a config of the file's text.
        kind: What the folder is of: "run" for a run folder.
        made_by: Whose --out it would be.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it cannot be used.
    """
    if not file.is_file():
        raise FileNotFoundError(
            f"{file.parent} is no {kind} folder: it has no {file.name}. Give the --out of {made_by}."
        )
    try:
        return parse(file.read_text())
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} cannot be used: {str(error).rstrip('.')}. Start a new {kind}.") from None


@contextmanager
def locked(file: Path, worked_on: Path) -> Iterator[None]:
    """Hold a lock on a file while the block runs; it goes with the process, however that ends.

    Args:
        file: Made where missing.
        worked_on: What the lock is for, as the message calls it.

    Raises:
        BlockingIOError: If another process holds it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(held(file, waits=False))
        except BlockingIOError:
            raise BlockingIOError(
                f"{worked_on} is being worked on by another process. Wait for it, or end it first."
            ) from None
        yield


@contextmanager
def held(file: Path, *, waits: bool = True) -> Iterator[None]:
    """Hold a lock on a file while the block runs.

    Args:
        file: Made where missing.
        waits: Whether to wait for another process that holds it.

    Raises:
        BlockingIOError: If another process holds it, and this one shall not wait.
    """
    with file.open("w") as opened:
        try:
            import fcntl
        except ModuleNotFoundError:  # Windows: nothing is locked there
            yield
            return
        fcntl.flock(opened, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
