"""Agents by name: which there are, which actions each can take, and how one is made or read back."""

from __future__ import annotations

import inspect
import json
import zipfile
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gymnasium as gym

from agents.base import Agent
from mps_env.registry import Registry, import_object

BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY = "Box", "Discrete", "MultiDiscrete", "MultiBinary"
ANY_SPACE = frozenset({BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY})
COUNTABLE = frozenset({DISCRETE, MULTI_DISCRETE, MULTI_BINARY})
_FILES = (".npz", ".json", ".zip")  # what agents are saved in


@dataclass(frozen=True, kw_only=True)
class AgentSpec:
    """One entry of the catalogue; reading it imports nothing.

    Args:
        factory: Called as `factory(env, seed=..., **options, **kwargs)`; the object or `"module:attribute"`.
        loader: Called as `loader(path, env, force_reset=...)`; same forms. None: the factory's own `load`.
        actions: Class names of the action spaces it can act in.
        options: Fixed arguments of the factory (one factory may serve several names).
        parameter: The factory argument that follows a colon in the name: `fixed:noise` has `parameter="edit"`.
        rehearses: Whether it can learn in one environment and go on in another (`Agent.move_to`).
    """

    factory: Callable[..., Agent] | str
    loader: Callable[..., Agent] | str | None = None
    actions: frozenset[str] = ANY_SPACE
    options: Mapping[str, Any] = field(default_factory=dict)
    parameter: str | None = None
    rehearses: bool = False

    def load_factory(self) -> Callable[..., Agent]:
        """Import and return the factory."""
        return import_object(self.factory) if isinstance(self.factory, str) else self.factory  # type: ignore[return-value]

    def load_loader(self) -> Callable[..., Agent]:
        """Import and return the loader."""
        if self.loader is None:
            return self.load_factory().load  # type: ignore[attr-defined]
        return import_object(self.loader) if isinstance(self.loader, str) else self.loader  # type: ignore[return-value]


AGENTS: Registry[AgentSpec] = Registry("agent")


def register_agent(
    name: str,
    factory: Callable[..., Agent] | str,
    *,
    loader: Callable[..., Agent] | str | None = None,
    actions: Set[str] = ANY_SPACE,
    options: Mapping[str, Any] | None = None,
    parameter: str | None = None,
    rehearses: bool = False,
) -> None:
    """Add an agent to the catalogue; the arguments are those of `AgentSpec`.

    Raises:
        ValueError: If the name is taken.
    """
    spec = AgentSpec(
        factory=factory,
        loader=loader,
        actions=frozenset(actions),
        options=options or {},
        parameter=parameter,
        rehearses=rehearses,
    )
    AGENTS.register(name, spec)


def make_agent(name: str, env: Any, *, seed: int = 0, **kwargs: Any) -> Agent:
    """Make an agent by name.

    Args:
        name: A registered name, `fixed:<edit>`, or `"module:attribute"` of a factory of your own.
        env: A `gym.Env`, or for SB3's agents a `VecEnv`, such as `make_sb3_vec_env` makes.
        seed: Seeds the agent and, at the first reset, the environment.
        kwargs: Settings of the agent; each refuses what it does not know.

    Raises:
        ValueError: If the name is unknown, or the agent cannot act in `env.action_space`.
    """
    spec, options = find_agent(name)
    check_action_space(name, spec, env.action_space)
    agent = spec.load_factory()(env, seed=seed, **options, **kwargs)
    agent.name = name
    return agent


def find_agent(name: str) -> tuple[AgentSpec, dict[str, Any]]:
    """Return the entry for a name and the arguments that the name fixes.

    Raises:
        ValueError: If the name is unknown, or lacks or has a parameter it should not.
    """
    head, colon, parameter = name.partition(":") if isinstance(name, str) else (name, "", "")
    if head not in AGENTS:
        found = AGENTS.get(name)
        return (found if isinstance(found, AgentSpec) else AgentSpec(factory=found)), {}
    spec = AGENTS.get(head)
    if spec.parameter is None and colon:
        raise ValueError(f"agent {head!r} takes no parameter, got {name!r}. Write {head!r}.")
    options = dict(spec.options)
    if spec.parameter is not None:
        options[spec.parameter] = parameter
    return spec, options


def check_action_space(name: str, spec: AgentSpec, space: gym.Space) -> None:
    """Refuse an action space that the agent cannot act in.

    Raises:
        ValueError: Naming the agents that can.
    """
    kind = type(space).__name__
    if kind not in spec.actions:
        raise ValueError(
            f"agent {name!r} acts in {', '.join(sorted(spec.actions))} spaces, got {space}."
            f" Agents that can act in it: {', '.join(agents_for(space))}."
        )


def agents_for(space: gym.Space) -> tuple[str, ...]:
    """Return the names of the registered agents that can act in a space."""
    kind = type(space).__name__
    return tuple(name for name in AGENTS.names() if kind in AGENTS.get(name).actions)


def agent_file(path: Path) -> Path:
    """Return an agent's file: the path itself, or the one in a run's folder.

    Raises:
        FileNotFoundError: If a folder holds none.
    """
    if not path.is_dir():
        return path
    for suffix in _FILES:
        if (file := path / f"agent{suffix}").is_file():
            return file
    raise FileNotFoundError(
        f"{path} lacks its agent's file, agent{', agent'.join(_FILES)}. Give the folder of a run that an agent did."
    )


def load_agent(path: str | Path, env: Any = None, *, name: str | None = None, force_reset: bool = True) -> Agent:
    """Read an agent that `save` wrote; the file says which it is.

    The `.npz` and `.json` files of this package hold arrays and JSON only. A `.zip` is Stable-Baselines3's and
    unpickled, also the one beside the `.json` of a `saved` policy that acts by it: open only those you trust (a warning
    is logged).

    Args:
        path: The file.
        env: The environment to go on in, or None to predict only.
        name: The agent's name, needed only for a `.zip` that Stable-Baselines3 wrote by itself.
        force_reset: As in `Agent.load`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not an agent's.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"no saved agent at {str(path)!r}. Give the file that `save` returned, suffix included."
        )
    name = name or saved_name(path)
    spec, _ = find_agent(name)
    loader = spec.load_loader()
    extra = {"name": name} if "name" in inspect.signature(loader).parameters else {}
    agent = loader(path, env, force_reset=force_reset, **extra)
    agent.name = name
    return agent


def saved_name(path: Path) -> str:
    """Return the agent name that a saved file carries.

    Raises:
        ValueError: If it carries none.
    """
    try:
        if path.suffix == ".json":
            return str(json.loads(path.read_text(encoding="utf-8"))["agent"])
        with zipfile.ZipFile(path) as archive:  # an .npz is a zip too
            return str(json.loads(archive.read("agent.json"))["agent"])
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise ValueError(
            f"{str(path)!r} does not say which agent it holds. Give a file written by `save`, or for one that"
            " Stable-Baselines3 wrote by itself the agent's name: load_agent(path, env, name='ppo')."
        ) from None


register_agent("dqn", "agents.dqn.agent:DQNAgent", actions={DISCRETE, MULTI_DISCRETE}, rehearses=True)
for _name, _actions in {
    "sb3_dqn": {DISCRETE},
    "ppo": ANY_SPACE,
    "a2c": ANY_SPACE,
    "sac": {BOX},
    "td3": {BOX},
    "ddpg": {BOX},
    "maskable_ppo": COUNTABLE,
    "qrdqn": {DISCRETE},
    "tqc": {BOX},
    "trpo": ANY_SPACE,
    "recurrent_ppo": ANY_SPACE,
    "crossq": {BOX},
    "ars": {BOX, DISCRETE},
}.items():
    register_agent(
        _name,
        "agents.sb3.making:make_sb3_agent",
        loader="agents.sb3.agent:load_sb3_agent",
        actions=_actions,
        options={"algorithm": _name},
    )
register_agent("random", "agents.policies.random:RandomPolicy")
register_agent("fixed", "agents.policies.fixed:FixedEditPolicy", actions={DISCRETE, MULTI_DISCRETE}, parameter="edit")
register_agent("greedy", "agents.policies.greedy:GreedyPolicy")
register_agent("saved", "agents.policies.saved:SavedPolicy", parameter="path")
