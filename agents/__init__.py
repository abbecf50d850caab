"""Everything that acts on `MPSDistill-v0`, or competes with it.

Importing this imports no deep-learning library: each agent's own module does, when the agent is made.
"""

from agents.base import Agent
from agents.catalogue import AGENTS, AgentSpec, load_agent, make_agent, register_agent
from agents.distillers import DISTILLERS, Distiller, register_distiller
from agents.monitor import EpisodeLog

__all__ = [
    "AGENTS",
    "DISTILLERS",
    "Agent",
    "AgentSpec",
    "Distiller",
    "EpisodeLog",
    "load_agent",
    "make_agent",
    "register_agent",
    "register_distiller",
]
