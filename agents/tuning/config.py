"""The config of a study: all that is needed to repeat it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.runs.config import RunConfig, env_from_json, json_object
from agents.tuning.samplers import SAMPLERS
from agents.tuning.spaces import SearchSpace, search_space
from mps_env.config import EnvConfig
from mps_env.keywords import check_keywords


@dataclass(frozen=True, kw_only=True)
class TuneConfig:
    """A study of one agent's settings on one task; each trial is a run, with the seeds of all others."""

    env: EnvConfig = field(default_factory=EnvConfig)
    agent: str = "dqn"  # an agent with a search space
    agent_kwargs: Mapping[str, Any] | None = None  # settings held fixed; the search leaves them out
    trials: int = 10
    steps: int = 1_000  # environment steps of a run
    episode_steps: int | None = None  # as in a run
    repeats: int = 1  # runs of a trial, with seeds of their own; its value is their mean
    sampler: str = "tpe"  # tpe, gp, random
    startup: int = 4  # trials before the sampler learns from them: the agent's own settings, then random ones
    # trials in a row without a higher value that end the study, the startup's not counted; None: all are done
    patience: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("trials", "repeats", "startup", "patience"):
            value = getattr(self, name)
            if value is None and name == "patience":
                continue
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{name} must be a whole number, got {value!r}. Use {name}=3, for example.")
            if value < 1:
                raise ValueError(f"{name} must be >= 1, got {value}. Leave it out for the default.")
        SAMPLERS.get(self.sampler)
        if not self.space:
            covered = ", ".join(search_space(self.agent))
            raise ValueError(
                f"agent_kwargs fixes all that the search of {self.agent!r} covers ({covered}). Leave one of them out."
            )
        self.run_configs({})

    @property
    def space(self) -> SearchSpace:
        """The ranges of what is searched over."""
        fixed = self.agent_kwargs or {}
        return {name: one for name, one in search_space(self.agent).items() if name not in fixed}

    @property
    def steps_of_trial(self) -> int:
        """Environment steps of all runs of a trial."""
        return self.repeats * self.steps

    def settings(self, params: Mapping[str, float]) -> dict[str, Any]:
        """Return the agent's arguments in a trial: what is fixed, and what the sampler proposed."""
        return {**(self.agent_kwargs or {}), **params}

    def run_configs(self, params: Mapping[str, float]) -> list[RunConfig]:
        """Return the runs of a trial."""
        return [
            RunConfig(
                env=self.env,
                agent=self.agent,
                agent_kwargs=self.settings(params),
                steps=self.steps,
                episode_steps=self.episode_steps,
                seed=self.seed + repeat,
            )
            for repeat in range(self.repeats)
        ]

    def to_json(self) -> str:
        """Return JSON that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> TuneConfig:
        """Rebuild a config.

        Raises:
            ValueError: If the text is not the JSON of a config.
        """
        values = json_object(text, "a study's config")
        check_keywords("a study's config", cls, values)
        return cls(env=env_from_json(values.pop("env", {})), **values)
