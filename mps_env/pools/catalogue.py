"""The registry of pools."""

from __future__ import annotations

from mps_env.pools.base import PoolFunction
from mps_env.registry import Registry

POOLS: Registry[PoolFunction] = Registry("pool")
POOLS.register("random", "mps_env.pools.random_images:random_images")
POOLS.register("real", "mps_env.pools.random_images:random_images")
POOLS.register("prototypes", "mps_env.pools.prototypes:prototypes")
POOLS.register("herding", "mps_env.pools.herding:herding")
POOLS.register("kcenter", "mps_env.pools.kcenter:kcenter")
POOLS.register("noise", "mps_env.pools.noise:noise")
POOLS.register("gan", "mps_env.pools.gan:gan")
POOLS.register("random_and_gan", "mps_env.pools.gan:random_and_gan")
register_pool = POOLS.register
