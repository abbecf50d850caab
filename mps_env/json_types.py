"""Checks values that came as JSON against the annotations of what takes them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_JSON = (bool, int, float, str, type(None), Mapping, list, tuple)
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a string", type(None): "null"}


def check_types(owner: str, function: Callable[..., Any], keywords: Mapping[str, Any]) -> None:
    """Raise if an argument is not what the annotation of `function` allows.

    What JSON cannot hold (a path, a number of NumPy's) and what no annotation tells passes: the function has its own
    checks.

    Args:
        owner: What the message calls the function, e.g. "agent 'ppo'".
        function: What will be called with the keywords; a class for its constructor.
        keywords: The arguments by name.

    Raises:
        ValueError: Naming the argument, what it was, and what it may be.
    """
    for name, value in keywords.items():
        hint = _hint(function, name)
        if isinstance(value, _JSON) and not _fits(value, hint):
            raise ValueError(f"{owner} takes {name} as {_described(hint)}, got {value!r}.")


def _hint(function: Callable[..., Any], name: str) -> Any:
    """Return a parameter's annotation; Any where it has none, or names what is imported for type checkers alone."""
    plain = getattr(function, "func", function)  # a partial's own function
    plain = plain.__init__ if inspect.isclass(plain) else plain
    annotations = getattr(plain, "__annotations__", {})
    if name not in annotations:
        return Any
    alone = types.SimpleNamespace(__annotations__={name: annotations[name]})
    try:
        return get_type_hints(alone, getattr(plain, "__globals__", {}))[name]
    except NameError:
        return Any


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    kind = origin or hint
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is Any or not inspect.isclass(kind):
        return True
    if issubclass(kind, Sequence) and kind is not str:  # JSON has no tuples
        return isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, kind)


def _described(hint: Any) -> str:
    """Say in words what JSON values an annotation allows."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(filter(None, map(_described, parts)))
    if origin is Literal:
        return "one of " + ", ".join(map(str, parts))
    kind = origin or hint
    if kind in _WORDS:
        return _WORDS[kind]
    if inspect.isclass(kind) and issubclass(kind, Mapping):
        return "a mapping"
    if inspect.isclass(kind) and issubclass(kind, Sequence):
        return "a list"
    return ""  # what JSON cannot hold
