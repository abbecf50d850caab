"""Pictures of image sets as arrays: tiles in a grid with one-pixel lines."""

from __future__ import annotations

import numpy as np


def near_square_columns(count: int) -> int:
    """Return the number of columns of the most nearly square grid for `count` tiles."""
    return int(np.ceil(np.sqrt(count)))


def grid_shape(count: int, columns: int, image_shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the shape of what `tile` makes of `count` images."""
    height, width, channels = image_shape
    return -(-count // columns) * (height + 1) + 1, columns * (width + 1) + 1, channels


def tile(images: np.ndarray, columns: int) -> np.ndarray:
    """Lay images out in rows with black lines of one pixel around each.

    Args:
        images: (N, H, W, C) in [0, 1].
        columns: Images in a row.

    Returns:
        (rows * (H + 1) + 1, columns * (W + 1) + 1, C) uint8.
    """
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, height + 1, width + 1, channels), dtype=np.uint8)
    cells[:count, 1:, 1:] = np.rint(images * 255)
    picture = np.zeros(grid_shape(count, columns, (height, width, channels)), dtype=np.uint8)
    tiled = cells.reshape(rows, columns, height + 1, width + 1, channels).swapaxes(1, 2)
    picture[:-1, :-1] = tiled.reshape(rows * (height + 1), columns * (width + 1), channels)
    return picture


def frame_tile(
    picture: np.ndarray, index: int, columns: int, image_shape: tuple[int, int, int], colour: int | tuple[int, ...]
) -> None:
    """Draw the lines around one tile of `tile`'s picture, in place."""
    height, width, _ = image_shape
    row, column = divmod(index, columns)
    top, left = row * (height + 1), column * (width + 1)
    bottom, right = top + height + 1, left + width + 1
    picture[[top, bottom], left : right + 1] = colour
    picture[top : bottom + 1, [left, right]] = colour


def to_rgb(picture: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) of (H, W, 1) or (H, W, 3)."""
    return picture if picture.shape[-1] == 3 else picture.repeat(3, axis=-1)


def enlarge(picture: np.ndarray, factor: int) -> np.ndarray:
    """Repeat every pixel `factor` times in both directions."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)
