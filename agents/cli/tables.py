"""Tables on standard output, for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.formats import audited, percent

__all__ = ["audited", "percent", "print_json", "print_table"]


def print_json(value: Any) -> None:
    """Print JSON, keys in their order."""
    print(json.dumps(value, indent=2))


def print_table(title: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Print a title, and rows of equal keys under the keys as headings."""
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for heading in rows[0] if rows else ():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    print(title)
    Console().print(table)
