"""A class-conditional GAN of dense layers: trained once a data set, then sampled in NumPy."""

from __future__ import annotations

from mps_env.gan.config import GanConfig
from mps_env.gan.generator import Generator
from mps_env.gan.store import trained_generator

__all__ = ["GanConfig", "Generator", "trained_generator"]
