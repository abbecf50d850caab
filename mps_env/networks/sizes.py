"""What every network says of an image that is too small for it."""

from __future__ import annotations


def require_size(network: str, image_shape: tuple[int, int, int], smallest: int, remedy: str) -> None:
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
