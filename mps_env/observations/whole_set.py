"""The `set` observation: everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from mps_env.observations.base import Observation

if TYPE_CHECKING:
    from mps_env.episode import Episode


class SetObservation(Observation):
    """`Dict` of images (N, H, W, C), labels (N, K), the slot under the cursor, accuracy (1,) and progress (1,)."""

    space: gym.spaces.Dict

    def __init__(self, n_slots: int, image_shape: tuple[int, int, int], num_classes: int) -> None:
        self.space = gym.spaces.Dict(
            {
                "images": _unit_box((n_slots, *image_shape)),
                "labels": _unit_box((n_slots, num_classes)),
                "slot": gym.spaces.Discrete(n_slots),
                "accuracy": _unit_box((1,)),
                "progress": _unit_box((1,)),
            }
        )

    def observe(self, episode: Episode) -> dict[str, Any]:
        return {
            "images": episode.synthetic_set.images.copy(),
            "labels": episode.synthetic_set.labels.copy(),
            "slot": np.int64(episode.slot),
            "accuracy": np.array([episode.score.accuracy], dtype=np.float32),
            "progress": np.array([episode.progress], dtype=np.float32),
        }


def _unit_box(shape: tuple[int, ...]) -> gym.spaces.Box:
    return gym.spaces.Box(0.0, 1.0, shape, dtype=np.float32)
