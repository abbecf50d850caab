"""One kind of registry for everything that is found by name."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


def nearest_names(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest known name, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def import_object(path: str) -> object:
    """Import `"module:attribute"`.

    Raises:
        ValueError: If the module or the attribute does not exist, or the path is not of that form.
    """
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise ValueError(f"{path!r} is no import path. Write 'module:attribute'.")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not module_name.startswith(error.name):
            raise  # the module exists; something that it needs does not
        raise ValueError(f"{path!r} names no module that can be imported. Check its spelling and sys.path.") from None
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise ValueError(f"module {module_name!r} has no attribute {attribute!r} (given {path!r}).") from None


class Registry(Generic[T]):
    """Names and what they stand for: objects, or `"module:attribute"` strings imported on first use.

    Args:
        kind: The word for one entry in error messages, e.g. `"edit"`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T | str] = {}
        self._imported: dict[str, T] = {}

    def register(self, name: str, entry: T | str | None = None) -> Callable[[T], T]:
        """Add an entry: `register(name, entry)`, or `@register(name)` above a function or class.

        Raises:
            ValueError: If the name is taken by another entry, or contains a colon.
        """
        if ":" in name:
            raise ValueError(f"the {self.kind} name {name!r} contains ':', which marks an import path. Choose another.")

        def add(thing: T | str) -> T | str:
            if name in self._entries and self._entries[name] != thing:
                raise ValueError(f"the {self.kind} name {name!r} is taken. Choose another name.")
            self._entries[name] = thing
            return thing

        if entry is not None:
            add(entry)
        return add  # type: ignore[return-value]

    def get(self, name: str) -> T:
        """Return the entry called `name`, or the object at `"module:attribute"`.

        Raises:
            TypeError: If `name` is not a string.
            ValueError: If nothing is known by that name; the message lists what is.
        """
        if not isinstance(name, str):
            raise TypeError(f"{self.kind} must be given by name, got {type(name).__name__}. Known: {self.listing()}.")
        if name in self._entries:
            entry = self._entries[name]
            if not isinstance(entry, str):
                return entry
            if name not in self._imported:
                self._imported[name] = import_object(entry)  # type: ignore[assignment]
            return self._imported[name]
        if ":" in name:
            return import_object(name)  # type: ignore[return-value]
        raise ValueError(
            f"unknown {self.kind} {name!r}.{nearest_names(name, self._entries)} Known: {self.listing()};"
            f" or 'module:attribute'."
        )

    def names(self) -> tuple[str, ...]:
        """Return the known names in the order of registration."""
        return tuple(self._entries)

    def listing(self) -> str:
        """Return the known names for a message."""
        return ", ".join(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries
