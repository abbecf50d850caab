"""The size at which a network sees the images: their own, or one that they are resized to inside the model."""

from __future__ import annotations

import keras

ImageShape = tuple[int, int, int]

NATIVE = "native"  # the size the architecture was published for


def require_size(network: str, image_shape: ImageShape, smallest: int, remedy: str) -> None:
    """Raise ValueError if the height or the width of an image is below `smallest` pixels.

    Args:
        network: The name for the message.
        image_shape: (H, W, C).
        smallest: The smallest side the network takes.
        remedy: How to mend it, one sentence.
    """
    height, width, _ = image_shape
    if min(height, width) < smallest:
        raise ValueError(
            f"network {network!r} takes images of {smallest}x{smallest} pixels and up, got {height}x{width}. {remedy}"
        )


def seen_shape(
    network: str,
    image_shape: ImageShape,
    size: int | str | None,
    *,
    smallest: int,
    native: int,
    remedy: str | None = None,
) -> ImageShape:
    """Return the shape (H, W, C) at which a network sees images of `image_shape`.

    Args:
        network: The name for the messages.
        image_shape: (H, W, C) of the images.
        size: The side of the square they are resized to, or "native"; None for their own size.
        smallest: The smallest side the network takes.
        native: The side that "native" stands for.
        remedy: How to mend an image below `smallest` where `size` is None, one sentence; without a remedy its short
            sides are enlarged to `smallest` instead.

    Raises:
        ValueError: If `size` is neither, or too small, or an image is too small and there is a remedy.
    """
    height, width, channels = image_shape
    if size is None:
        if remedy is not None:
            require_size(network, image_shape, smallest, remedy)
        return max(height, smallest), max(width, smallest), channels
    side = native if size == NATIVE else size
    if not isinstance(side, int) or isinstance(side, bool):
        raise ValueError(
            f"network {network!r} wants size as a whole number of pixels or {NATIVE!r}, which is {native},"
            f" got {size!r}. Leave size out for the images' own."
        )
    if side < smallest:
        raise ValueError(
            f"network {network!r} takes sizes of {smallest} pixels and up, got size={side}. Use size={smallest}, or"
            f" size={NATIVE!r} for {native}."
        )
    return side, side, channels


def resizing(image_shape: ImageShape, seen: ImageShape) -> list[keras.layers.Layer]:
    """Return the layer that brings images of `image_shape` to the height and width of `seen`; none if they agree.

    Interpolation is bilinear, with anti-aliasing where images shrink.
    """
    if image_shape[:2] == seen[:2]:
        return []
    shrinks = seen[0] < image_shape[0] or seen[1] < image_shape[1]
    return [keras.layers.Resizing(seen[0], seen[1], interpolation="bilinear", antialias=shrinks)]
