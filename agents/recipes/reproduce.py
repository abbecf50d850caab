"""A recipe from its config to its figures: start, studies, the run, a random policy's, further audits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from agents.recipes.config import ReproduceConfig
from agents.recipes.folder import RecipeFolder, prepared
from agents.recipes.recipe import Plan
from agents.runs.audit_store import AuditStore
from agents.runs.audits import audit_sets
from agents.runs.config import RunConfig
from agents.runs.display import Progress, progress
from agents.runs.run import check_run, execute
from agents.tuning.folder import StudyFolder
from agents.tuning.study import check_study, tune
from mps_env.atomic import atomic_write_text
from mps_env.data import load_dataset
from mps_env.evaluation import SeedResult, check_auditable
from mps_env.set_file import load_set

_RANDOM_POLICY = "random"


def check_reproduction(config: ReproduceConfig) -> None:
    """Check all that can be wrong with a reproduction before any work is done or anything is written.

    Raises:
        ValueError, TypeError, FileNotFoundError, ModuleNotFoundError: With one line that says how to mend it.
    """
    from mps_env.networks import build_network
    from mps_env.task import Task

    plan = config.plan()
    for run in (plan.start, plan.acting):
        if run is not None:
            check_run(run)
    for study in plan.searches.values():
        check_study(study)
    dataset = Task(plan.acting.env).dataset
    for name, kwargs in plan.form.networks.items():
        build_network(name, dataset.image_shape, dataset.num_classes, kwargs)
    if plan.form.unseen is not None:
        unseen = load_dataset(plan.form.unseen, data_dir=plan.acting.env.data_dir)
        if unseen.num_classes != dataset.num_classes:
            raise ValueError(
                f"recipe {config.recipe!r} audits on {unseen.name} as well, which has {unseen.num_classes} classes, got"
                f" {plan.acting.env.dataset!r} with {dataset.num_classes}. Use a data set of as many classes."
            )


def reproduce(folder: RecipeFolder, *, quiet: bool = False) -> dict[str, Any]:
    """Do what is left of a reproduction and return its summary.

    Args:
        folder: A reproduction's folder, new, interrupted or finished.
        quiet: Whether to show no progress.
    """
    if folder.is_finished:
        return folder.run.read_summary()
    config = folder.read_config()
    plan = config.plan()
    acting, start = plan.acting, None
    # The runs share their baselines.
    done = partial(execute, quiet=quiet, audits=AuditStore(folder.trainings))
    if plan.start is not None:
        start = done(prepared(folder.start, plan.start))
        acting = _begun_from(folder, acting)
    studies = {agent: tune(study, folder.study(agent).path, quiet=quiet) for agent, study in plan.searches.items()}
    if studies:
        acting = _of_best(acting, plan, studies)
    own = done(prepared(folder.run, acting))
    random_policy = None
    if plan.compares:
        random_policy = done(prepared(folder.random_policy, _by_random_policy(acting)))
    audits = _further_audits(folder, acting, plan, quiet=quiet)
    before = start["seconds"] if start else 0.0
    summary = {
        **own,
        "recipe": config.recipe,
        "quick": config.quick,
        "reported": config.reported,
        "seconds": round(own["seconds"] + before, 3),
        "start": start and _figures(start),
        "random_policy": random_policy and _figures(random_policy, seconds_before=before),
        "studies": {agent: _study_figures(folder.study(agent), best) for agent, best in studies.items()},
        "further_audits": audits,
    }
    folder.run.write_summary(summary)
    shutil.rmtree(folder.trainings, ignore_errors=True)
    return summary


def _begun_from(folder: RecipeFolder, acting: RunConfig) -> RunConfig:
    """Let the run begin from the set that the start has made."""
    return replace(acting, env=replace(acting.env, init=str(folder.start.synthetic_set.absolute())))


def _of_best(acting: RunConfig, plan: Plan, studies: dict[str, dict[str, Any]]) -> RunConfig:
    """Let that agent act, with those settings, whose study found the highest validation accuracy."""
    agent = max(studies, key=lambda name: studies[name]["val_accuracy"])
    env = replace(acting.env, **plan.form.agents[agent])
    return replace(acting, agent=agent, agent_kwargs=studies[agent]["agent_kwargs"], env=env)


def _by_random_policy(acting: RunConfig) -> RunConfig:
    return replace(acting, agent=_RANDOM_POLICY, agent_kwargs=None, rehearsal=None)


def _further_audits(folder: RecipeFolder, acting: RunConfig, plan: Plan, *, quiet: bool) -> dict[str, dict[str, Any]]:
    """Audit the result with further networks and on unseen data; what is measured already is not done again."""
    found: dict[str, dict[str, Any]] = {}
    with suppress(FileNotFoundError, ValueError):  # none yet, or damaged: what is lost is measured anew
        found = json.loads(folder.audits.read_text())
    result = load_set(folder.run.synthetic_set)
    wanted = [(name, kwargs, acting.env.dataset) for name, kwargs in plan.form.networks.items()]
    if plan.form.unseen not in (None, acting.env.dataset):
        wanted.append((acting.audit.network, dict(acting.audit.network_kwargs), plan.form.unseen))
    folder.trainings.mkdir(exist_ok=True)
    for number, (network, kwargs, dataset) in enumerate(wanted):
        name = f"{network} on {dataset}"
        if name in found:
            continue
        check_auditable(result, dataset, data_dir=acting.env.data_dir)
        recipe = replace(acting.audit, network=network, network_kwargs=dict(kwargs))
        with progress(f"audit of {name}", recipe.seeds, "training", quiet=quiet) as shown:
            measured = audit_sets(
                {name: result},
                dataset=dataset,
                data_dir=acting.env.data_dir,
                config=recipe,
                seed=acting.seed,
                checkpoint=folder.trainings / f"further-{number}.jsonl",
                on_training=_advancing(shown),
            )[name]
        found[name] = {
            "mean": measured.mean,
            "std": measured.std,
            "seconds": round(measured.seconds, 3),
            "recipe": measured.recipe,
        }
        atomic_write_text(folder.audits, json.dumps(found, indent=2) + "\n")
    return found


def _advancing(shown: Progress) -> Callable[[str, SeedResult], None]:
    return lambda _, one: shown.advance(f"{one.accuracy:.1%}")


def _figures(summary: dict[str, Any], *, seconds_before: float = 0.0) -> dict[str, Any]:
    names = ("method", "env_steps", "iterations", "proxy_trainings", "seconds", "val_accuracy", "diverged_at")
    figures = {name: summary[name] for name in (*names, "test_accuracy_mean", "test_accuracy_std")}
    return {**figures, "seconds": round(summary["seconds"] + seconds_before, 3)}


def _study_figures(folder: StudyFolder, best: dict[str, Any]) -> dict[str, Any]:
    names = ("val_accuracy", "default_val_accuracy", "agent_kwargs", "trials", "env_steps", "seconds")
    return {name: best[name] for name in names} | {"folder": folder.path.name}
