"""Checks keyword arguments that came as data (JSON) before the call that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from mps_env.registry import nearest_names


def allowed_keywords(function: Callable[..., Any], skip: Collection[str] = ()) -> tuple[str, ...] | None:
    """Return the keyword names that `function` takes, without `skip`; None if it takes any (`**kwargs`)."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    named = (p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return tuple(parameter.name for parameter in named if parameter.name not in skip)


def check_keywords(
    owner: str, function: Callable[..., Any], keywords: Mapping[str, Any], skip: Collection[str] = ()
) -> None:
    """Raise if `keywords` holds a name that `function` does not take.

    Args:
        owner: What the message calls the function, e.g. "network 'convnet'".
        function: What will be called with the keywords.
        keywords: The arguments by name.
        skip: Parameters that the caller fills in itself.

    Raises:
        ValueError: Naming the unknown argument, the nearest and all allowed ones.
    """
    allowed = allowed_keywords(function, skip)
    if allowed is not None:
        check_names(owner, keywords, allowed)


def check_names(owner: str, names: Iterable[str], allowed: Collection[str]) -> None:
    """Raise if an argument's name is not among those allowed.

    Raises:
        ValueError: Naming the unknown argument, the nearest and all allowed ones.
    """
    for name in names:
        if name not in allowed:
            raise ValueError(
                f"{owner} takes no argument {name!r}.{nearest_names(str(name), allowed)}"
                f" Allowed: {', '.join(allowed) or 'none'}."
            )
