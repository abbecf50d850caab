"""Action families by name: how an agent's action becomes one edit of one slot."""

from __future__ import annotations

from mps_env.actions.base import ActionFamily, Application
from mps_env.registry import Registry

ACTIONS: Registry[type[ActionFamily]] = Registry("action family")
for _name, _entry in {
    "edit": "by_edit:EditAction",
    "select": "by_edit:SelectAction",
    "flat": "by_edit:FlatAction",
    "replace": "by_candidate:ReplaceAction",
    "perturb": "by_direction:PerturbAction",
}.items():
    ACTIONS.register(_name, f"mps_env.actions.{_entry}")
register_action = ACTIONS.register

__all__ = ["ACTIONS", "ActionFamily", "Application", "register_action"]
