"""Everything that acts on `MPSDistill-v0`, or competes with it.

Importing this imports no deep-learning library: each agent's own module does, when the agent is made.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from agents.base import Agent
from agents.catalogue import AGENTS, AgentSpec, load_agent, make_agent, register_agent
from agents.distillers import DISTILLERS, Distiller, register_distiller
from agents.monitor import EpisodeLog

if TYPE_CHECKING:
    from agents.runs.config import RunConfig
    from agents.runs.distilling import distill
    from agents.runs.loading import LoadedRun, load_run
    from agents.sb3.vec_env import make_sb3_vec_env

_HOME_OF = {
    "LoadedRun": "agents.runs.loading",
    "RunConfig": "agents.runs.config",
    "distill": "agents.runs.distilling",
    "load_run": "agents.runs.loading",
    "make_sb3_vec_env": "agents.sb3.vec_env",
}

__all__ = [
    "AGENTS",
    "DISTILLERS",
    "Agent",
    "AgentSpec",
    "Distiller",
    "EpisodeLog",
    "LoadedRun",
    "RunConfig",
    "distill",
    "load_agent",
    "load_run",
    "make_agent",
    "make_sb3_vec_env",
    "register_agent",
    "register_distiller",
]


def __getattr__(name: str) -> Any:
    """Import what needs more than a catalogue on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'agents' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
