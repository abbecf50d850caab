"""The config of a benchmark: a grid, and all that is the same in every cell of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.benchmark.entries import Entry
from agents.runs.config import env_from_json, json_object
from mps_env.config import EnvConfig
from mps_env.evaluation.config import AuditConfig
from mps_env.keywords import check_keywords

GRID = ("agents", "datasets", "ipc", "actions", "seeds")
_GIVEN_BY_GRID = ("dataset", "ipc", "n_images", "action")


@dataclass(frozen=True, kw_only=True)
class BenchmarkConfig:
    """Agents and distillers x data sets x images per class x action families x seeds, all within one budget."""

    agents: tuple[Entry, ...]
    datasets: tuple[str, ...] = ("digits",)  # names or paths
    ipc: tuple[int, ...] = (10,)  # images per class
    actions: tuple[str, ...] = ("edit",)  # action families; a distiller does not act and runs once
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    steps: int | None = None  # environment steps of each agent; None: 600, or what the budget allows
    iterations: int | None = None  # of each distiller; None: its own number, or what the budget allows
    budget_s: float | None = None  # seconds of each distillation, the audit apart
    episode_steps: int | None = None  # as in a run
    rehearsal: int = 0  # free steps under the ridge proxy for agents that can; a run's default is not fair to others
    reference: str | None = None  # whose sets score 1 in the report, random ones 0; None: the best distiller
    env: EnvConfig = field(default_factory=EnvConfig)  # the rest of the task; the grid gives data set, ipc and action
    audit: AuditConfig = field(default_factory=AuditConfig)

    def __post_init__(self) -> None:
        for name in GRID:
            values = getattr(self, name)
            if not values:
                raise ValueError(f"{name} must hold at least one entry, got none. {_EXAMPLES[name]}")
            if name == "agents":
                values = tuple(entry.name for entry in values)
            repeated = sorted({str(value) for value in values if values.count(value) > 1})
            if repeated:
                hint = " Give one of them a name of its own." if name == "agents" else " Leave one out."
                raise ValueError(f"{name} must be distinct, got {repeated[0]} more than once.{hint}")
        if self.reference is not None and self.reference not in [entry.name for entry in self.agents]:
            known = ", ".join(entry.name for entry in self.agents)
            raise ValueError(f"reference must be one of the agents, got {self.reference!r}. In the grid: {known}.")
        for name in ("ipc", "seeds"):
            for value in getattr(self, name):
                if not isinstance(value, int) or isinstance(value, bool):
                    raise TypeError(f"{name} must be whole numbers, got {value!r}. {_EXAMPLES[name]}")
        standard = EnvConfig()
        for name in _GIVEN_BY_GRID:
            if getattr(self.env, name) != getattr(standard, name):
                raise ValueError(f"env takes no {name}, which the grid gives. Use datasets, ipc and actions.")

    def merged(self, other: BenchmarkConfig) -> BenchmarkConfig:
        """Return a benchmark with both grids' values.

        Raises:
            ValueError: If anything else differs: figures from two budgets or tasks do not belong in one table.
        """
        for one in dataclasses.fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if one.name not in (*GRID, "reference") and _plain(mine) != _plain(theirs):
                raise ValueError(
                    f"it holds a benchmark with {_difference(one.name, mine, theirs)}."
                    " Choose another --out, or the same settings."
                )
        entries = {entry.name: entry for entry in self.agents}
        for entry in other.agents:
            if _plain(entries.setdefault(entry.name, entry)) != _plain(entry):
                raise ValueError(
                    f"it holds a benchmark in which {entry.name!r} has other settings. Give the entry another name."
                )
        grids: dict[str, Any] = {
            name: tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name)))) for name in GRID[1:]
        }
        reference = other.reference or self.reference
        return replace(self, agents=tuple(entries.values()), reference=reference, **grids)

    def to_json(self) -> str:
        """Return JSON that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> BenchmarkConfig:
        """Rebuild a config.

        Raises:
            ValueError: If the text is not the JSON of a config.
        """
        values = json_object(text, "a benchmark's config")
        return cls.from_values(values)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> BenchmarkConfig:
        """Build a config from plain values, as JSON, YAML and TOML hold them; `seeds` may be a number.

        Raises:
            ValueError, TypeError: If a name is unknown or a value is not allowed.
        """
        check_keywords("a benchmark", cls, values)
        values = dict(values)
        if "agents" not in values:
            raise ValueError(f"a benchmark needs agents, got none. {_EXAMPLES['agents']}")
        for name in GRID:
            if name in values:
                values[name] = _several(name, values[name])
        values["agents"] = tuple(Entry.parse(value) for value in values["agents"])
        values["env"] = env_from_json(_mapping("env", values.get("env")))
        audit = _mapping("audit", values.get("audit"))
        check_keywords("an audit's config", AuditConfig, audit)
        values["audit"] = AuditConfig(**audit)
        return cls(**values)


_EXAMPLES = {
    "agents": "Write agents: [random, greedy, dqn].",
    "datasets": "Write datasets: [digits].",
    "ipc": "Write ipc: [1, 10].",
    "actions": "Write actions: [edit].",
    "seeds": "Write seeds: 5, or seeds: [0, 1, 2].",
}


def _several(name: str, value: Any) -> tuple[Any, ...]:
    """Return the values of one side of the grid; a single one needs no brackets, and `seeds: 5` means 0 to 4."""
    if isinstance(value, list | tuple):
        return tuple(value)
    if name == "seeds" and isinstance(value, int) and not isinstance(value, bool):
        return tuple(range(value))
    return (value,)


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, got {value!r}. Write {name}: {{...}}.")
    return value or {}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, by which configs are compared."""
    return json.loads(json.dumps(dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value))  # type: ignore[arg-type]


def _difference(name: str, mine: Any, theirs: Any) -> str:
    """Return what differs, in words: steps=600, not 1200."""
    one, other = _plain(mine), _plain(theirs)
    if isinstance(one, dict) and isinstance(other, dict):
        key = next(key for key in one if one[key] != other.get(key))
        return f"{name}.{key}={one[key]}, not {other.get(key)}"
    return f"{name}={one}, not {other}"
