"""Many small images as one picture that a page can hold: laid out in rows, in a small file, as a data: address."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from mps_env.pictures import near_square_columns

_LINE = 112  # a grey that parts images on a light and on a dark page
_FEWEST_COLUMNS, _MOST_COLUMNS = 5, 20


def columns_by_class(classes: np.ndarray) -> int:
    """Return how many images a row takes when they are ordered by class: one class a row where that looks well.

    Args:
        classes: (N,) of the images.
    """
    per_class = np.bincount(classes)
    per_class = per_class[per_class > 0]
    if per_class.min() == per_class.max() and _FEWEST_COLUMNS <= per_class[0] <= _MOST_COLUMNS:
        return int(per_class[0])
    return _FEWEST_COLUMNS if len(classes) == 2 * _FEWEST_COLUMNS else near_square_columns(len(classes))


def lay_out(images: np.ndarray, columns: int, *, line: int = 0, enlarged: int = 1) -> np.ndarray:
    """Return images in rows.

    Args:
        images: (N, H, W, C) uint8.
        columns: In a row.
        line: Pixels between images.
        enlarged: How many pixels wide and high a pixel of an image becomes.

    Returns:
        (rows * (enlarged * H + line) - line, columns * (enlarged * W + line) - line, C) uint8.
    """
    large = images.repeat(enlarged, axis=1).repeat(enlarged, axis=2)
    cells = np.pad(large, ((0, -len(images) % columns), (0, line), (0, line), (0, 0)), constant_values=_LINE)
    count, height, width, channels = cells.shape
    tiled = cells.reshape(count // columns, columns, height, width, channels).swapaxes(1, 2)
    picture = tiled.reshape(count // columns * height, columns * width, channels)
    return picture[: picture.shape[0] - line, : picture.shape[1] - line]


def encode(picture: np.ndarray) -> bytes:
    """Return a (H, W, C) uint8 picture as a small file: grey as PNG, colour as WebP, whose losses cannot be seen."""
    file = io.BytesIO()
    if picture.shape[-1] == 1:
        Image.fromarray(picture[..., 0]).save(file, "PNG", optimize=True)
    else:
        Image.fromarray(picture).save(file, "WEBP", quality=90, method=6)
    return file.getvalue()


def data_address(file: bytes) -> str:
    """Return a file of `encode` as what an `src` may hold."""
    kind = "png" if file.startswith(b"\x89PNG") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"
