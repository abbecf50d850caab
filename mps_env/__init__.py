"""Dataset distillation as a Gymnasium environment; importing this registers `MPSDistill-v0`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import gymnasium as _gym

if TYPE_CHECKING:
    from mps_env.actions import register_action
    from mps_env.config import EnvConfig
    from mps_env.data import Dataset, Split, load_dataset, register_dataset
    from mps_env.edits import Edit, EditContext, register_edit
    from mps_env.evaluation import AuditConfig, AuditResult, audit
    from mps_env.networks import register_network
    from mps_env.observations import Observation, register_observation
    from mps_env.pools import register_pool
    from mps_env.proxies import Proxy, Score, register_proxy
    from mps_env.rewards import Transition, register_reward
    from mps_env.set_file import load_set, save_set
    from mps_env.synthetic_set import SyntheticSet

__version__ = "0.1.0"

_HOMES = {
    "actions": ("register_action",),
    "config": ("EnvConfig",),
    "data": ("Dataset", "Split", "load_dataset", "register_dataset"),
    "edits": ("Edit", "EditContext", "register_edit"),
    "evaluation": ("AuditConfig", "AuditResult", "audit"),
    "networks": ("register_network",),
    "observations": ("Observation", "register_observation"),
    "pools": ("register_pool",),
    "proxies": ("Proxy", "Score", "register_proxy"),
    "rewards": ("Transition", "register_reward"),
    "set_file": ("load_set", "save_set"),
    "synthetic_set": ("SyntheticSet",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AuditConfig",
    "AuditResult",
    "Dataset",
    "Edit",
    "EditContext",
    "EnvConfig",
    "Observation",
    "Proxy",
    "Score",
    "Split",
    "SyntheticSet",
    "Transition",
    "audit",
    "load_dataset",
    "load_set",
    "register_action",
    "register_dataset",
    "register_edit",
    "register_network",
    "register_observation",
    "register_pool",
    "register_proxy",
    "register_reward",
    "save_set",
]


def __getattr__(name: str) -> Any:
    """Import public names on first use, so that `import mps_env` stays instant."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mps_env' has no attribute {name!r}")
    return getattr(import_module(f"mps_env.{_HOME_OF[name]}"), name)


_gym.register(
    id="MPSDistill-v0",
    entry_point="mps_env.env:MPSDistillEnv",
    vector_entry_point="mps_env.vector_env:MPSDistillVectorEnv",
    max_episode_steps=200,
)
