"""The compiled trainer that the proxy and the audit share.

`TrainConfig` says how to train, `training_program` compiles it once for a network and an image shape, and
`draw_randomness` fixes everything random in it by one integer seed.
"""

from __future__ import annotations

from mps_env.training.config import Augmentation, TrainConfig

__all__ = ["Augmentation", "TrainConfig"]
