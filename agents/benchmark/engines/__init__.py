"""Engines by name: where the jobs of a benchmark are done."""

from __future__ import annotations

from agents.benchmark.engines.base import Ended, Engine, EngineOptions, Event, Started
from mps_env.registry import Registry

ENGINES: Registry[type[Engine]] = Registry("engine")
ENGINES.register("local", "agents.benchmark.engines.local:LocalEngine")
ENGINES.register("ray", "agents.benchmark.engines.on_ray:RayEngine")

__all__ = ["ENGINES", "Ended", "Engine", "EngineOptions", "Event", "Started"]
