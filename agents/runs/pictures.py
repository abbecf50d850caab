"""The pictures of a run: the set by class before and after, and the accuracy curve."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mps_env.atomic import atomic_write
from mps_env.pictures import enlarge, tile, to_rgb
from mps_env.synthetic_set import SyntheticSet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_COLUMNS = 12  # images of a class in a contact sheet; more would be too small to see
_TILE_SIDE = 40  # pixels, about
_TEXT_COLOUR = (40, 40, 40)
_GAP = 24


def save_contact_sheet(path: Path, panels: Sequence[tuple[str, SyntheticSet]], class_names: Sequence[str]) -> None:
    """Draw sets side by side, one class a row.

    Args:
        path: The PNG to write.
        panels: Titles and sets.
        class_names: One a row.
    """
    font = ImageFont.load_default(size=14)
    columns = min(_MOST_COLUMNS, max(int(np.bincount(shown.classes).max()) for _, shown in panels))
    pictures = [_rows_by_class(shown, len(class_names), columns) for _, shown in panels]
    margin = 16 + int(max(font.getlength(name) for name in class_names))
    height, width = pictures[0].shape[:2]
    # A title may be wider than a set of one image per class.
    steps = [_GAP + max(width, int(font.getlength(title))) for title, _ in panels]
    sheet = Image.new("RGB", (margin + sum(steps), height + 2 * _GAP), "white")
    draw = ImageDraw.Draw(sheet)
    row_height = (height - 1) / len(class_names)
    for row, name in enumerate(class_names):
        draw.text((8, _GAP + (row + 0.5) * row_height), name, fill=_TEXT_COLOUR, font=font, anchor="lm")
    for number, ((title, _), picture) in enumerate(zip(panels, pictures, strict=True)):
        left = margin + sum(steps[:number])
        draw.text((left, 4), title, fill=_TEXT_COLOUR, font=font)
        sheet.paste(Image.fromarray(picture), (left, _GAP))
    with atomic_write(path) as file:
        sheet.save(file, "PNG")


def _rows_by_class(shown: SyntheticSet, num_classes: int, columns: int) -> np.ndarray:
    """Return a picture with the first images of each class in one row."""
    height, width, channels = shown.image_shape
    cells = np.ones((num_classes, columns, height, width, channels), dtype=np.float32)
    for own_class in range(num_classes):
        images = shown.images[shown.classes == own_class][:columns]
        cells[own_class, : len(images)] = images
    picture = to_rgb(tile(cells.reshape(-1, height, width, channels), columns))
    return enlarge(picture, max(1, round(_TILE_SIDE / height)))


def save_progress_curve(
    path: Path,
    steps: np.ndarray,
    accuracies: np.ndarray,
    *,
    baseline: float,
    chosen: float,
    title: str,
    unit: str = "environment steps",
) -> None:
    """Draw validation accuracy against environment steps or iterations, with the random set's as a line.

    Args:
        path: The PNG to write.
        steps: (n,) environment steps or iterations.
        accuracies: (n,) validation accuracy after each, fractions.
        baseline: Of a random real set, on fresh proxy seeds.
        chosen: Of the chosen set, on the same fresh seeds.
        title: What the run was.
        unit: What `steps` counts.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(steps, 100 * accuracies, linewidth=0.8, alpha=0.6, label="each state")
    axes.plot(steps, 100 * np.maximum.accumulate(accuracies), label="best so far (flatters itself)")
    axes.axhline(100 * chosen, color="tab:green", linestyle=":", label=f"chosen set, fresh seeds: {chosen:.1%}")
    axes.axhline(100 * baseline, color="black", linestyle="--", label=f"random set, fresh seeds: {baseline:.1%}")
    axes.set(xlabel=unit, ylabel="validation accuracy of the proxy (%)")
    axes.set_title(title, parse_math=False)  # a dollar in a name is a dollar
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")
    save_figure(path, figure)


def save_figure(path: Path, figure: Figure) -> None:
    """Write a matplotlib figure as a PNG."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    with atomic_write(path) as file:
        file.write(picture.getvalue())
