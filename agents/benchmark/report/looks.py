"""How each entrant looks in every picture: a colour and a kind of line, which colour-blind readers can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Told apart by their lightness, too: under simulated protanopia, deuteranopia and tritanopia (Machado et al. 2009).
# Each has at least a contrast of 3 to the page, in light and in dark.
LIGHT = ("#1f66d6", "#c9781a", "#0b4f3c", "#a8379b", "#6a3d0c", "#2f1c78", "#e0456a", "#7f8f96")
DARK = ("#4faef2", "#e0895a", "#6fe3ac", "#db4fa6", "#edd34a", "#8f63f0", "#d9363b", "#dce0e3")
INK = "#1c1b19"
RULE = "#d8d5cd"
_DASHES = ("none", "6 2", "2 2", "7 2 2 2")


@dataclass(frozen=True)
class Look:
    """An entrant's.

    Args:
        colour: Which of the palette's colours.
        dash: Lengths of strokes and gaps in points; `none` for a whole line.
    """

    colour: int
    dash: str

    @property
    def light(self) -> str:
        """The colour on a light page, as in the PNGs."""
        return LIGHT[self.colour]

    @property
    def linestyle(self) -> Any:
        """The dashes as matplotlib takes them."""
        return "-" if self.dash == "none" else (0.0, tuple(float(length) for length in self.dash.split()))


def looks_of(entrants: Sequence[str]) -> dict[str, Look]:
    """Give each entrant a look; beyond as many as there are colours, a colour comes back with other dashes."""
    return {
        entrant: Look(number % len(LIGHT), _DASHES[(number + number // len(LIGHT)) % len(_DASHES)])
        for number, entrant in enumerate(entrants)
    }
