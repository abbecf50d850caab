"""The config of a run: all that is needed to repeat it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.catalogue import AGENTS, find_agent
from mps_env.acceptance import ACCEPTANCES
from mps_env.checks import require_positive
from mps_env.config import EnvConfig, checked_config
from mps_env.evaluation.config import AuditConfig
from mps_env.keywords import check_keywords

_DEFAULT_STEPS = 600
_DEFAULT_EPISODE_STEPS = 200
_GIVEN_BY_THE_RUN = {"env", "task", "initial", "seed"}
_DEFAULT_REHEARSAL = 2_000
_CHEAP_PROXY = "ridge"


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One distillation: the environment, who acts on it or distils instead, for how long, and the audit."""

    env: EnvConfig = field(default_factory=EnvConfig)
    agent: str = "dqn"  # a registered agent; not used where a distiller is named
    agent_kwargs: Mapping[str, Any] | None = None  # the agent's own arguments
    method: str | None = None  # a registered distiller instead of an agent
    method_kwargs: Mapping[str, Any] | None = None  # the distiller's own arguments
    steps: int | None = None  # environment steps of an agent; None: 600, or what the budget allows
    iterations: int | None = None  # of a distiller; None: its own number, or what the budget allows
    budget_s: float | None = None  # seconds of distillation, the second look among them, the audit apart
    episode_steps: int | None = None  # None: 200, or the whole run where edits are taken back
    rehearsal: int | None = None  # steps that the agent first learns under the ridge proxy; None: 2,000 where it can
    patience: int | None = None  # steps of an agent without a better set that end the run; None: no such end
    seed: int = 0
    audit: AuditConfig = field(default_factory=AuditConfig)

    def __post_init__(self) -> None:
        for name in ("steps", "iterations", "episode_steps", "rehearsal", "patience", "seed"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
                raise TypeError(f"{name} must be a whole number, got {value!r}. Use {name}=1, for example.")
        for name in ("steps", "iterations", "episode_steps", "patience"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be > 0, got {value}. Leave it out for the default.")
        check_budget(self.budget_s)
        if self.method is None and (self.iterations is not None or self.method_kwargs):
            raise ValueError("iterations and method_kwargs belong to a distiller. Name one as method, or give steps.")
        if self.method is not None and self.steps is not None:
            raise ValueError(f"steps counts an agent's steps, and {self.method!r} is a distiller. Give iterations.")
        if self.method is not None and self.agent != RunConfig.agent:
            raise ValueError(f"a run has an agent or a method, got agent {self.agent!r} and method {self.method!r}.")
        for name in ("patience", "episode_steps", "agent_kwargs"):
            if self.method is not None and getattr(self, name):
                raise ValueError(f"{name} is for an agent, and {self.method!r} is a distiller. Leave it out.")
        for name in ("agent_kwargs", "method_kwargs"):
            if given := _GIVEN_BY_THE_RUN & set(getattr(self, name) or {}):
                raise ValueError(f"{name} must not hold {sorted(given)[0]!r}, which the run gives. Leave it out.")
        if self.rehearsal is not None and self.rehearsal < 0:
            raise ValueError(f"rehearsal must be >= 0, got {self.rehearsal}. Use rehearsal=0 for none.")
        if self.rehearsal and (self.method is not None or not find_agent(self.agent)[0].rehearses):
            able = [name for name in AGENTS.names() if AGENTS.get(name).rehearses]
            raise ValueError(
                f"{self.name!r} cannot rehearse, got rehearsal={self.rehearsal}. Who can: {', '.join(able)}."
            )
        if self.seed < 0:
            raise ValueError(f"seed must be >= 0, got {self.seed}. Use seed=0 for the first of several runs.")

    @property
    def env_of_run(self) -> EnvConfig:
        """The environment as the run makes it: where no edits are named, all but `stop`.

        A run ends by its steps or its budget. An agent that explores would take `stop` every twenty steps or so, and
        begin again before the set has changed much.
        """
        if self.env.edits is not None:
            return self.env
        return replace(self.env, edits=tuple(name for name in self.env.edit_names if name != "stop"))

    @property
    def name(self) -> str:
        """The name of whoever makes the set."""
        return self.method or self.agent

    @property
    def rehearsal_steps(self) -> int:
        """Steps that the agent learns under the ridge proxy before the run's own steps."""
        if self.rehearsal is not None:
            return self.rehearsal
        is_able = self.method is None and find_agent(self.agent)[0].rehearses
        return _DEFAULT_REHEARSAL if is_able and self.env.proxy != _CHEAP_PROXY else 0

    @property
    def env_of_rehearsal(self) -> EnvConfig:
        """The same environment under the ridge proxy, whose scores cost a hundredth and hardly scatter."""
        return replace(self.env_of_run, proxy=_CHEAP_PROXY, proxy_kwargs=None)

    @property
    def step_limit(self) -> int | None:
        """Environment steps at the most; None where only the budget limits."""
        if self.steps is None and self.budget_s is None:
            return _DEFAULT_STEPS
        return self.steps

    @property
    def episode_limit(self) -> int | None:
        """Steps of an episode at the most; None where one episode lasts as long as the run."""
        if self.episode_steps is None and ACCEPTANCES.get(self.env.accept).takes_back:
            return self.step_limit
        return self.episode_steps or _DEFAULT_EPISODE_STEPS

    def to_json(self) -> str:
        """Return JSON that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> RunConfig:
        """Rebuild a config.

        Raises:
            ValueError: If the text is not the JSON of a config.
        """
        values = json_object(text, "a run's config")
        check_keywords("a run's config", cls, values)
        env = env_from_json(values.pop("env", {}))
        audit = values.pop("audit", {})
        check_keywords("an audit's config", AuditConfig, audit)
        return cls(env=env, audit=AuditConfig(**audit), **values)


def check_budget(budget_s: float | None) -> None:
    """Raise ValueError unless a budget is a positive number of seconds, or None."""
    if budget_s is not None:
        require_positive(hint="It is in seconds.", budget_s=budget_s)


def json_object(text: str, what: str) -> dict[str, Any]:
    """Return the JSON object that a text is.

    Args:
        text: The JSON.
        what: What to call it in the message.

    Raises:
        ValueError: If it is no JSON, or anything but an object.
    """
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError(f"{what} must be a JSON object, got {type(values).__name__}.")
    return values


def env_from_json(values: Mapping[str, Any]) -> EnvConfig:
    """Rebuild an environment's config from what JSON kept of it.

    Raises:
        ValueError, TypeError: If a name is unknown or a value is not allowed.
    """
    edits = values.get("edits")
    return checked_config({**values, "edits": tuple(edits) if isinstance(edits, list) else edits})
