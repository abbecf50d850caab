"""Where initial sets and replacement images come from, by name."""

from __future__ import annotations

from mps_env.pools.base import Pool, PoolFunction, RealPool, balanced_counts
from mps_env.pools.building import build_pool, initial_set
from mps_env.pools.catalogue import POOLS, register_pool

__all__ = [
    "POOLS",
    "Pool",
    "PoolFunction",
    "RealPool",
    "balanced_counts",
    "build_pool",
    "initial_set",
    "register_pool",
]
