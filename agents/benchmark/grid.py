"""From a benchmark's config to its cells, each of which is one run."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from agents.benchmark.config import BenchmarkConfig
from agents.benchmark.entries import Entry
from agents.catalogue import AGENTS, find_agent
from agents.runs.config import RunConfig
from mps_env.actions import ACTIONS
from mps_env.config import EnvConfig
from mps_env.edits import get_edit

_ID_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run of a benchmark.

    Args:
        agent: What tables call whoever works in it.
        config: The run's.
    """

    agent: str
    config: RunConfig

    @cached_property
    def id(self) -> str:
        """The run folder's name: a hash of the run's config, so that the same run is never done twice."""
        return hashlib.sha256(self.config.to_json().encode()).hexdigest()[:_ID_LENGTH]

    @property
    def keys(self) -> dict[str, Any]:
        """What tables find the run by."""
        env = self.config.env
        return {
            "run": self.id,
            "agent": self.agent,
            "dataset": env.dataset,
            "ipc": env.ipc,
            "action": env.action,
            "seed": self.config.seed,
        }

    @property
    def title(self) -> str:
        """What a line of progress calls it."""
        return title_of(self.keys)


def title_of(keys: Mapping[str, Any]) -> str:
    """Return what a line of progress calls a run, by what tables find it by."""
    return f"{keys['agent']} on {keys['dataset']}, ipc {keys['ipc']}, {keys['action']}, seed {keys['seed']}"


@dataclass(frozen=True)
class Grid:
    """The cells of a benchmark, and what it leaves out.

    Args:
        cells: The runs, seed by seed, so that a benchmark cut short has everyone's first seeds.
        skipped: Names of agents and action families that they cannot act in.
    """

    cells: tuple[Cell, ...]
    skipped: tuple[tuple[str, str], ...]


def grid_of(config: BenchmarkConfig) -> Grid:
    """Return the cells of a benchmark.

    An agent that cannot act in one of the action families has no cells there; a distiller does not act, and has its
    cells under the first family alone.

    Raises:
        ValueError, TypeError: If an agent can act in none of the families, two entries do the same runs, or a run's
            config is not allowed.
    """
    families = {entry.name: _families_for(entry, config) for entry in config.agents}
    tasks = itertools.product(config.seeds, config.datasets, config.ipc, config.actions, config.agents)
    cells = tuple(
        Cell(agent=entry.name, config=_run_config(config, entry, dataset, ipc, action, seed))
        for seed, dataset, ipc, action, entry in tasks
        if action in families[entry.name]
    )
    _check_distinct(cells)
    skipped = tuple(
        (entry.name, action)
        for entry in config.agents
        for action in config.actions
        if entry.agent is not None and action not in families[entry.name]
    )
    return Grid(cells, skipped)


def _check_distinct(cells: Sequence[Cell]) -> None:
    """Check that no two entries of agents do the same run, which would then stand for both."""
    first: dict[str, Cell] = {}
    for cell in cells:
        other = first.setdefault(cell.id, cell)
        if other is not cell:
            raise ValueError(
                f"agents {other.agent!r} and {cell.agent!r} have the same settings, and would do the same runs. Leave"
                " one out, or give it others."
            )


def _families_for(entry: Entry, config: BenchmarkConfig) -> tuple[str, ...]:
    if entry.agent is None:
        return config.actions[:1]
    able = find_agent(entry.agent)[0].actions
    kinds = {action: _space_kind(config.env, action) for action in config.actions}
    found = tuple(action for action, kind in kinds.items() if kind in able)
    if not found:
        others = [action for action in ACTIONS.names() if _space_kind(config.env, action) in able]
        raise ValueError(
            f"agent {entry.name!r} cannot act in {', '.join(config.actions)}. It can in: {', '.join(others) or 'none'};"
            f" agents that can act there: {', '.join(_agents_for(kinds))}."
        )
    return found


def _agents_for(kinds: Mapping[str, str]) -> list[str]:
    return [name for name in AGENTS.names() if AGENTS.get(name).actions & set(kinds.values())]


def _space_kind(env: EnvConfig, action: str) -> str:
    """Return the class name of a family's action space, which depends on no data."""
    family = ACTIONS.get(action)(1, [get_edit(name) for name in env.edit_names], np.ones(1, np.int64))
    return type(family.space).__name__


def _run_config(config: BenchmarkConfig, entry: Entry, dataset: str, ipc: int, action: str, seed: int) -> RunConfig:
    env = replace(
        config.env,
        dataset=dataset,
        ipc=ipc,
        action=action,
        observation=entry.observation or config.env.observation,
        reward=entry.reward or config.env.reward,
    )
    shared: dict[str, Any] = {"env": env, "budget_s": config.budget_s, "seed": seed, "audit": config.audit}
    if entry.method is not None:
        iterations = config.iterations if entry.iterations is None else entry.iterations
        return RunConfig(method=entry.method, method_kwargs=entry.kwargs, iterations=iterations, **shared)
    assert entry.agent is not None
    rehearsal = config.rehearsal if entry.rehearsal is None else entry.rehearsal
    rehearses = find_agent(entry.agent)[0].rehearses
    return RunConfig(
        agent=entry.agent,
        agent_kwargs=entry.kwargs,
        steps=config.steps,
        episode_steps=config.episode_steps,
        rehearsal=rehearsal if rehearses or entry.rehearsal else None,
        **shared,
    )
