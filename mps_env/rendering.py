"""The environment's three ways to be looked at; imported only when one is used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw

from mps_env.pictures import enlarge, frame_tile, near_square_columns, tile, to_rgb

if TYPE_CHECKING:
    from mps_env.episode import Episode

_WIDTH = 480  # pixels, of the whole picture
_CURVE_HEIGHT = 140
_MARGIN = 8
_MARK = (255, 140, 0)
_CURVE = (90, 200, 250)
_BEST = (120, 220, 120)
_TEXT = (230, 230, 230)


class Viewer:
    """Keeps the accuracies of an episode and draws them below the set.

    Args:
        fps: Frames a second of the `human` window.
    """

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._accuracies: list[float] = []
        self._edited: int | None = None
        self._window: Any = None
        self._clock: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_window": None, "_clock": None}

    def clear(self) -> None:
        """Forget the last episode."""
        self._accuracies = []

    def record(self, episode: Episode, edited: int | None = None) -> None:
        """Add the current state to the curve."""
        self._accuracies.append(episode.score.accuracy)
        self._edited = edited

    def render(self, episode: Episode, mode: str) -> Any:
        """Return a (H, W, 3) uint8 picture, a line of text, or None after drawing it in the window."""
        if mode == "ansi":
            return self._line(episode)
        picture = self._picture(episode)
        if mode == "rgb_array":
            return picture
        return self._draw_in_window(picture)

    def close(self) -> None:
        """Close the window."""
        if self._window is not None:
            import pygame

            pygame.display.quit()
            self._window = self._clock = None

    def _line(self, episode: Episode) -> str:
        return (
            f"{episode.task.dataset.name} step {episode.steps}: slot {episode.slot} of {len(episode.synthetic_set)},"
            f" validation accuracy {episode.score.accuracy:.2%}, best {episode.best_score.accuracy:.2%}"
        )

    def _picture(self, episode: Episode) -> np.ndarray:
        state = episode.synthetic_set
        columns = near_square_columns(len(state))
        mosaic = to_rgb(tile(state.images, columns)).copy()
        marked = episode.slot if self._edited is None else self._edited
        frame_tile(mosaic, marked, columns, state.image_shape, colour=_MARK)
        mosaic = enlarge(mosaic, max(1, _WIDTH // mosaic.shape[1]))
        width = max(_WIDTH, mosaic.shape[1])
        canvas = Image.new("RGB", (width, mosaic.shape[0] + _CURVE_HEIGHT))
        canvas.paste(Image.fromarray(mosaic), ((width - mosaic.shape[1]) // 2, 0))
        self._draw_curve(ImageDraw.Draw(canvas), episode, mosaic.shape[0], width)
        return np.asarray(canvas)

    def _draw_curve(self, draw: ImageDraw.ImageDraw, episode: Episode, top: int, width: int) -> None:
        values = np.array(self._accuracies or [episode.score.accuracy])
        low, high = float(values.min()) - 0.01, float(values.max()) + 0.01
        left, right = _MARGIN, width - _MARGIN
        upper, lower = top + _MARGIN + 14, top + _CURVE_HEIGHT - _MARGIN

        def height(accuracy: float) -> float:
            return lower - (accuracy - low) / (high - low) * (lower - upper)

        best = height(episode.best_score.accuracy)
        draw.line([(left, best), (right, best)], fill=_BEST)
        points = [
            (left + (right - left) * index / max(1, len(values) - 1), height(float(value)))
            for index, value in enumerate(values)
        ]
        draw.line(points if len(points) > 1 else [points[0], (left + 2, points[0][1])], fill=_CURVE, width=2)
        draw.text((left, top + 2), self._line(episode), fill=_TEXT)

    def _draw_in_window(self, picture: np.ndarray) -> None:
        try:
            import pygame
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                'render_mode="human" needs pygame. Install it with: pip install "mps-distill[human]"'
            ) from None
        height, width = picture.shape[:2]
        if self._window is None:
            # Without a GPU, SDL's accelerated surface is Mesa's, whose LLVM and TensorFlow's crash each other.
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
            pygame.display.init()
            pygame.display.set_caption("MPSDistill-v0")
            self._window = pygame.display.set_mode((width, height))
            self._clock = pygame.time.Clock()
        pygame.event.pump()
        self._window.blit(pygame.surfarray.make_surface(picture.swapaxes(0, 1)), (0, 0))
        pygame.display.flip()
        self._clock.tick(self._fps)
