"""The catalogue of edits by name."""

from __future__ import annotations

from collections.abc import Sequence

from mps_env.edits.base import Edit, EditContext, EditFunction
from mps_env.registry import Registry

EDITS: Registry[Edit | EditFunction] = Registry("edit")
for _file, _names in {
    "control": ("keep", "undo", "stop"),
    "replace": ("random_real", "prototype", "hardest", "nearest", "farthest", "fittest"),
    "perturb": ("noise", "shift", "rotate", "zoom", "sharpen", "blur"),
    "blend": ("to_mean", "mix"),
    "descend": ("gradient",),
    "relabel": ("relabel",),
}.items():
    for _name in _names:
        EDITS.register(_name, f"mps_env.edits.{_file}:{_name}")
register_edit = EDITS.register


def get_edit(name: str) -> Edit:
    """Return an edit by name; a plain function becomes an edit that is always possible."""
    entry = EDITS.get(name)
    return entry if isinstance(entry, Edit) else Edit(entry)


def check_edit_names(names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names to use, all registered ones for None.

    Raises:
        TypeError: If `names` is no list or tuple.
        ValueError: If the list is empty or holds `undo` alone, names one twice, or names one that is not known.
    """
    if names is None:
        return EDITS.names()
    if not isinstance(names, list | tuple):  # a set has no order, and action numbers are positions
        raise TypeError(f"edits must be a list of names, got {names!r}. Write ['noise', 'keep'], for example.")
    if not names or len(set(names)) != len(names):
        raise ValueError(f"edits must be distinct names and at least one, got {list(names)}. Known: {EDITS.listing()}.")
    if all(get_edit(name).is_possible is not None for name in names):
        raise ValueError(f"edits must hold at least one edit besides undo, got {list(names)}. Add 'keep', for example.")
    return tuple(names)


__all__ = ["EDITS", "Edit", "EditContext", "EditFunction", "check_edit_names", "get_edit", "register_edit"]
