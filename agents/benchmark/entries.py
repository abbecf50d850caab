"""Who takes part in a benchmark: an agent or a distiller, with settings of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agents.catalogue import AGENTS, find_agent
from agents.distillers import DISTILLERS
from mps_env.keywords import check_keywords
from mps_env.registry import nearest_names

RANDOM_SET = "random real images"  # what reports call the baseline


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An agent or a distiller. What it sees and learns from is its own; the task is the same for everyone."""

    name: str = ""  # what tables call it; empty: the agent's or distiller's own name
    agent: str | None = None  # a registered agent
    method: str | None = None  # or a registered distiller
    kwargs: Mapping[str, Any] | None = None  # its own arguments
    observation: str | None = None  # what the agent sees; None: as in the benchmark
    reward: str | None = None  # what it learns from; None: as in the benchmark
    rehearsal: int | None = None  # steps under the ridge proxy beforehand; None: as in the benchmark
    iterations: int | None = None  # of a distiller; None: as in the benchmark

    def __post_init__(self) -> None:
        if (self.agent is None) == (self.method is None):
            raise ValueError(
                f"an entry names an agent or a method (a distiller), got agent={self.agent!r},"
                f" method={self.method!r}. Write agent: dqn, for example."
            )
        if self.agent is not None:
            find_agent(self.agent)
            if self.iterations is not None:
                raise ValueError(f"iterations belongs to a distiller, and {self.agent!r} is an agent. Leave it out.")
        if self.method is not None:
            DISTILLERS.get(self.method)
            for name in ("observation", "reward", "rehearsal"):
                if getattr(self, name) is not None:
                    raise ValueError(f"{name} belongs to an agent, and {self.method!r} is a distiller. Leave it out.")
        if self.kwargs is not None and not isinstance(self.kwargs, Mapping):
            raise TypeError(f"kwargs must be a mapping, got {self.kwargs!r}. Write {{learning_rate: 0.001}}.")
        if self.name == "":
            object.__setattr__(self, "name", self.agent or self.method)
        if not isinstance(self.name, str) or not self.name.strip() or not self.name.isprintable():
            raise ValueError(f"name must be a line of text, got {self.name!r}. Write name: slow dqn, for example.")
        if self.name == RANDOM_SET:
            raise ValueError(f"name {RANDOM_SET!r} is that of the baseline in the report. Choose another.")

    @classmethod
    def parse(cls, value: str | Mapping[str, Any]) -> Entry:
        """Return the entry that a name, or a mapping of the fields, stands for.

        A name is an agent's, or else a distiller's; `random` is the agent, for the random set is every run's baseline.

        Raises:
            ValueError, TypeError: If a name is unknown or a value is not allowed.
        """
        if isinstance(value, str):
            return cls(agent=value) if _is_agent(value) else cls(method=value)
        if not isinstance(value, Mapping):
            raise TypeError(f"agents must be names, or mappings with agent or method, got {value!r}.")
        check_keywords("an entry of agents", cls, value)
        if "name" in value and not {"agent", "method"} & set(value):
            return replace(cls.parse(value["name"]), **value)
        return cls(**value)


def _is_agent(name: str) -> bool:
    """Return whether a name is an agent's; else it is a distiller's."""
    if name.partition(":")[0] in AGENTS or ":" in name:
        return True
    if name in DISTILLERS:
        return False
    known = (*AGENTS.names(), *DISTILLERS.names())
    raise ValueError(
        f"unknown agent or distiller {name!r}.{nearest_names(name, known)} Agents: {AGENTS.listing()};"
        f" distillers: {DISTILLERS.listing()}; or 'module:attribute'."
    )
