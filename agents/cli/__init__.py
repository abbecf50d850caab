"""The command `mps`: parse, build a config, call one library function, print or save."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# The libraries' start-up chatter is not the user's; whoever wants it sets the variable.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from agents.cli.parsing import parse
from agents.cli.reporting import report_errors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `mps` and return its exit code: 0, 1 for a run that failed, 2 for a wrong call."""
    return report_errors(lambda: parse(sys.argv[1:] if arguments is None else arguments).run())


__all__ = ["main"]
