"""Proxies by name."""

from __future__ import annotations

from mps_env.proxies.base import Proxy, Score
from mps_env.registry import Registry

PROXIES: Registry[type[Proxy]] = Registry("proxy")
PROXIES.register("cnn", "mps_env.proxies.trained:TrainedProxy")
PROXIES.register("ridge", "mps_env.proxies.ridge:RidgeProxy")
register_proxy = PROXIES.register

__all__ = ["PROXIES", "Proxy", "Score", "register_proxy"]
