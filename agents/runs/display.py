"""What a run shows while it works: bars on a terminal, plain lines elsewhere, nothing where it shall be quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

_SECONDS_PER_LINE = 10.0


class Progress:
    """One task's progress, in units of work.

    Args:
        label: What is done.
        total: How much there is; None where only time limits it.
        unit: Of what.
        stream: Where to; None to be quiet.
    """

    def __init__(self, label: str, total: int | None, unit: str, stream: TextIO | None) -> None:
        self._label, self._total, self._unit, self._stream = label, total, unit, stream
        self._done = 0
        self._last_line = time.monotonic()
        self._bar = None
        if stream is not None and stream.isatty():
            self._bar = tqdm(total=total, desc=label, unit=f" {unit}", file=stream, leave=True, dynamic_ncols=True)

    def advance_to(self, done: int, note: str = "") -> None:
        """Show that `done` units are done."""
        if self._bar is not None:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(done - self._done)
        elif self._stream is not None and time.monotonic() - self._last_line >= _SECONDS_PER_LINE:
            self._print_line(done, note)
        self._done = done

    def advance(self, note: str = "") -> None:
        """Show that one more unit is done."""
        self.advance_to(self._done + 1, note)

    def close(self, note: str = "") -> None:
        """Show the end."""
        if self._bar is not None:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.close()
        elif self._stream is not None:
            self._print_line(self._done, note)

    def _print_line(self, done: int, note: str) -> None:
        self._last_line = time.monotonic()
        of_total = f"/{self._total}" if self._total else ""
        print(f"{self._label}: {done}{of_total} {self._unit}s {note}".rstrip(), file=self._stream, flush=True)


@contextmanager
def progress(label: str, total: int | None, unit: str, *, quiet: bool = False) -> Iterator[Progress]:
    """Show progress on standard error while the block runs."""
    shown = Progress(label, total, unit, None if quiet else sys.stderr)
    try:
        yield shown
    finally:
        shown.close()
