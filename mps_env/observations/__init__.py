"""Observations by name."""

from __future__ import annotations

from mps_env.observations.base import Observation
from mps_env.registry import Registry

OBSERVATIONS: Registry[type[Observation]] = Registry("observation")
for _name, _entry in {
    "set": "whole_set:SetObservation",
    "slot": "slot:SlotObservation",
    "features": "features:FeaturesObservation",
    "mosaic": "mosaic:MosaicObservation",
}.items():
    OBSERVATIONS.register(_name, f"mps_env.observations.{_entry}")
register_observation = OBSERVATIONS.register

__all__ = ["OBSERVATIONS", "Observation", "register_observation"]
