"""What a recipe is: the configs of a few studies and runs, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.runs.config import RunConfig, check_budget
from agents.tuning.config import TuneConfig
from mps_env.config import EnvConfig
from mps_env.evaluation.config import AuditConfig


@dataclass(frozen=True, kw_only=True)
class Start:
    """The distiller that makes the set which the agent then works on.

    Args:
        method: A registered distiller.
        method_kwargs: Its arguments.
        iterations: Where no budget is given.
        init: The pool that the distiller begins from.
        share: Of a budget in time; the agent has the rest.
    """

    method: str
    method_kwargs: Mapping[str, Any] = field(default_factory=dict)
    iterations: int | None = None
    init: str = "random"
    share: float = 0.75


@dataclass(frozen=True, kw_only=True)
class Search:
    """A study of every agent of a recipe, by which the one that acts and its settings are chosen.

    Args:
        sampler: As `mps tune --sampler`.
        trials: Settings tried an agent.
        steps: Environment steps of a trial.
        patience: Trials in a row without a higher value that end a study.
        env: Keyword arguments of the environment that replace the recipe's in the studies.
    """

    sampler: str
    trials: int
    steps: int
    patience: int | None = None
    env: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to do a recipe: the full one on real data, or the quick one on digits.

    Args:
        env: Keyword arguments of the environment; the start's set is its initial one.
        agents: Who may act, with the environment's arguments that each needs; empty where a distiller does it all.
        agent_kwargs: Arguments of the one agent of a recipe without a search.
        steps: Environment steps.
        patience: Environment steps without a better set that end the acting.
        rehearsal: Steps that the agent first learns under the ridge proxy; None is the run's own default.
        start: What makes the initial set; None begins from the environment's own.
        method: A distiller that does it all.
        method_kwargs: Its arguments.
        iterations: Of it.
        budget_s: Seconds, where none are given; None has no limit but the steps and iterations.
        search: How agents and settings are chosen; None where there is one agent.
        audit: How the result is measured.
        networks: Further networks that the result is audited with, each with its arguments.
        unseen: A data set, not used in distilling, that the result is audited on as well.
    """

    env: Mapping[str, Any]
    agents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    agent_kwargs: Mapping[str, Any] | None = None
    steps: int | None = None
    patience: int | None = None
    rehearsal: int | None = None
    start: Start | None = None
    method: str | None = None
    method_kwargs: Mapping[str, Any] | None = None
    iterations: int | None = None
    budget_s: float | None = None
    search: Search | None = None
    audit: AuditConfig = field(default_factory=AuditConfig)
    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unseen: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One system of the MPS family.

    Args:
        title: What it is, in a few words.
        full: On real data.
        quick: On digits.
        reported: The accuracy, a fraction, that the original reports a data set.
    """

    title: str
    full: Form
    quick: Form
    reported: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A form made definite: its studies and runs in their order.

    Args:
        form: What it was made from.
        start: The run that makes the initial set, or None.
        searches: One study per agent, or none.
        acting: The run itself. The start's set, and the agent that the studies choose, are put in later.
    """

    form: Form
    start: RunConfig | None
    searches: Mapping[str, TuneConfig]
    acting: RunConfig

    @property
    def compares(self) -> bool:
        """Whether the same run is done by a random policy as well."""
        return self.acting.method is None


def make_plan(
    form: Form,
    *,
    env: Mapping[str, Any],
    budget_s: float | None = None,
    seed: int = 0,
    audit: Mapping[str, Any] | None = None,
) -> Plan:
    """Make a form definite.

    Args:
        form: What to do.
        env: Arguments of the environment that replace the form's: data set, its folder, sizes.
        budget_s: Seconds of distillation, the studies and audits apart; None for the form's own steps.
        seed: Of every run and study.
        audit: Fields of `AuditConfig` that replace the form's.

    Raises:
        ValueError, TypeError: If a value is not allowed.
    """
    env = {**form.env, **env}
    budget_s = form.budget_s if budget_s is None else budget_s
    check_budget(budget_s)
    audited = replace(form.audit, **(audit or {}))
    if audited.checkpoint == "best":
        audited = replace(audited, val_size=env.get("val_size"))  # the images that the run itself validates on
    common: dict[str, Any] = {"seed": seed, "audit": audited}
    if form.method is not None:
        return Plan(form=form, start=None, searches={}, acting=_method_run(form, env, budget_s, common))
    share = 1.0 if form.start is None else 1 - form.start.share
    agent, own = next(iter(form.agents.items()))
    acting = RunConfig(
        env=EnvConfig(**{**env, **own}),
        agent=agent,
        agent_kwargs=form.agent_kwargs,
        steps=form.steps,
        budget_s=None if budget_s is None else share * budget_s,
        patience=form.patience,
        rehearsal=form.rehearsal,
        **common,
    )
    return Plan(
        form=form,
        start=None if form.start is None else _start_run(form.start, env, budget_s, common),
        searches={} if form.search is None else _searches(form.search, form.agents, env, seed),
        acting=acting,
    )


def _method_run(form: Form, env: Mapping[str, Any], budget_s: float | None, common: Mapping[str, Any]) -> RunConfig:
    return RunConfig(
        env=EnvConfig(**env),
        method=form.method,
        method_kwargs=form.method_kwargs,
        iterations=form.iterations,
        budget_s=budget_s,
        **common,
    )


def _start_run(start: Start, env: Mapping[str, Any], budget_s: float | None, common: Mapping[str, Any]) -> RunConfig:
    return RunConfig(
        env=EnvConfig(**{**env, "init": start.init}),
        method=start.method,
        method_kwargs=start.method_kwargs,
        iterations=start.iterations if budget_s is None else None,
        budget_s=None if budget_s is None else start.share * budget_s,
        **common,
    )


def _searches(
    search: Search, agents: Mapping[str, Mapping[str, Any]], env: Mapping[str, Any], seed: int
) -> dict[str, TuneConfig]:
    return {
        agent: TuneConfig(
            env=EnvConfig(**{**env, **own, **search.env}),
            agent=agent,
            sampler=search.sampler,
            trials=search.trials,
            steps=search.steps,
            patience=search.patience,
            seed=seed,
        )
        for agent, own in agents.items()
    }
