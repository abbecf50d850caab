"""A run from its config to its summary; taken up again, it goes on where it was."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.catalogue import make_agent
from agents.distillers import make_distiller
from agents.runs.acting import CANDIDATES as CANDIDATES_OF_AGENTS
from agents.runs.acting import act, record
from agents.runs.audit_store import AuditStore
from agents.runs.audits import audit_sets, write_curves
from agents.runs.config import RunConfig
from agents.runs.display import progress
from agents.runs.folder import RunFolder
from agents.runs.iterating import CANDIDATES as CANDIDATES_OF_DISTILLERS
from agents.runs.iterating import iterate
from agents.runs.journal import Journal, JournaledProxy
from agents.runs.pictures import save_contact_sheet, save_progress_curve
from agents.runs.selection import choose, measured_costs, score_freshly
from agents.runs.versions import versions
from agents.runs.work import Job
from mps_env.atomic import atomic_write_text
from mps_env.set_file import load_set, save_set
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task
from mps_env.threads import cores

#: By audited set, what the summary calls its mean test accuracy.
MEANS = {
    "result": "test_accuracy_mean",
    "initial": "baseline_initial_test_accuracy",
    "random": "baseline_random_test_accuracy",
}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the distillation itself left.

    Args:
        env_steps: Environment steps, of an agent.
        iterations: Of a distiller.
        proxy_trainings: Trainings, without the second look's.
        seconds: Wall time over all takes of the run.
        val_accuracy: Of the chosen set, on fresh proxy seeds.
        random_val_accuracy: Of a random real set, on the same ones.
        diverged_at: As in `Work`.
    """

    env_steps: int
    iterations: int
    proxy_trainings: int
    seconds: float
    val_accuracy: float
    random_val_accuracy: float
    diverged_at: int | None = None

    @classmethod
    def from_summary(cls, summary: dict[str, Any]) -> Outcome:
        """Rebuild it from a finished run's figures."""
        return cls(**{field.name: summary[field.name] for field in fields(cls)})


def check_run(config: RunConfig) -> None:
    """Check all that can be wrong with a config before any work is done or anything is written.

    Raises:
        ValueError, TypeError, FileNotFoundError, ModuleNotFoundError: With one line that says how to mend it.
    """
    from mps_env.networks import build_network

    task, initial = starting_point(config)
    _random_set(task, config)
    if config.method is None:
        env = record(config, task, initial, clock=lambda: 0.0, listeners=[])
        make_agent(config.agent, env, seed=config.seed, **(config.agent_kwargs or {}))
    else:
        make_distiller(config.method, task, initial, seed=config.seed, settings=config.method_kwargs)
    audit = config.audit
    build_network(audit.network, task.dataset.image_shape, task.dataset.num_classes, audit.network_kwargs)


def execute(folder: RunFolder, *, quiet: bool = False, audits: AuditStore | None = None) -> dict[str, Any]:
    """Do what is left of a run and return its summary.

    Args:
        folder: A run folder, new, interrupted or finished.
        quiet: Whether to show no progress.
        audits: Finished trainings that it shares with other runs.
    """
    if folder.is_finished:
        return folder.read_summary()
    config = folder.read_config()
    folder.checkpoint.mkdir(exist_ok=True)
    with folder.locked():
        task, initial = starting_point(config)
        outcome = _read_outcome(folder) or _distil(folder, config, task, initial, quiet=quiet)
        result = load_set(folder.synthetic_set)
        sets = sets_to_audit(config, task, initial, result)
        summary = _audit(folder, config, task, outcome, sets, audits, quiet=quiet)
        folder.write_summary(summary)
    return summary


def draw_pictures(folder: RunFolder) -> None:
    """Draw a finished run's pictures from its tables and sets, where they are missing."""
    config, summary = folder.read_config(), folder.read_summary()
    task, initial = starting_point(config)
    _draw(folder, config, task, load_set(folder.synthetic_set), initial, Outcome.from_summary(summary))


def starting_point(config: RunConfig) -> tuple[Task, SyntheticSet]:
    """Return the task and the run's initial set, a function of the config's seed alone."""
    task = Task(config.env_of_run)
    return task, task.initial_set(np.random.default_rng(config.seed))


def sets_to_audit(
    config: RunConfig, task: Task, initial: SyntheticSet, result: SyntheticSet
) -> dict[str, SyntheticSet]:
    """Return the sets whose test accuracies a summary states: the run's, and its two baselines."""
    return {"result": result, "initial": initial, "random": _random_set(task, config)}


def _random_set(task: Task, config: RunConfig) -> SyntheticSet:
    """Return the baseline: a balanced random real set of the run's size and seed."""
    return task.draw("random", np.random.default_rng(config.seed))


# --- distillation ---


def _distil(folder: RunFolder, config: RunConfig, task: Task, initial: SyntheticSet, *, quiet: bool) -> Outcome:
    with closing(Journal(folder.checkpoint / "answers.bin")) as journal:
        budget_s, candidates = _shares(config, task, initial, journal)
        task = task.with_proxy(JournaledProxy(task.proxy, journal))
        job = Job(folder, replace(config, budget_s=budget_s), task, initial, journal, quiet)
        work = act(job) if config.method is None else iterate(job)
        sets = _contenders(work.sets, candidates)
        fresh = score_freshly(task.proxy, [*sets, _random_set(task, config)], config.seed)
        chosen = choose(fresh[:-1], task.acceptance.rank)
        outcome = Outcome(
            env_steps=work.steps if config.method is None else 0,
            iterations=0 if config.method is None else work.steps,
            proxy_trainings=work.proxy_trainings,
            seconds=journal.elapsed,
            val_accuracy=fresh[chosen].accuracy,
            random_val_accuracy=fresh[-1].accuracy,
            diverged_at=work.diverged_at,
        )
    _save_result(folder, config, task, sets[chosen], initial, outcome)
    return outcome


def _shares(config: RunConfig, task: Task, initial: SyntheticSet, journal: Journal) -> tuple[float | None, int]:
    """Return the seconds that are left for acting or iterating, and how many of its candidates a second look is for.

    The second look takes half of a budget in time at the most. It looks at the set that stands unless another is
    better, at the random one, and at as many candidates as there is time for, the best ones.
    """
    candidates = CANDIDATES_OF_AGENTS if config.method is None else CANDIDATES_OF_DISTILLERS
    if config.budget_s is None:
        return None, candidates
    if journal.is_empty:
        journal.go_live()
    costs = measured_costs(task.proxy, initial, config.seed)
    candidates = min(candidates, max(1, costs.sets_within(config.budget_s / 2) - 2))
    return max(config.budget_s / 2, config.budget_s - costs.seconds_of(candidates + 2)), candidates


def _contenders(sets: Sequence[SyntheticSet], candidates: int) -> list[SyntheticSet]:
    """Return the sets of a second look: the first ones, and the last, which is not its own rival."""
    standing = sets[-1]
    rivals = [one for one in sets[:-1] if one.fingerprint != standing.fingerprint]
    return [*rivals[:candidates], standing]


def _save_result(
    folder: RunFolder, config: RunConfig, task: Task, result: SyntheticSet, initial: SyntheticSet, outcome: Outcome
) -> None:
    """Write set and pictures; the outcome last, because a run that has it does not distil again."""
    class_names = list(task.dataset.class_names)
    meta = {
        "dataset": task.dataset.name,
        "class_names": class_names,
        "slots": task.n_images,
        "pixels": "un-normalised, in [0, 1]",
        "recipe": json.loads(config.to_json()),
        "versions": versions(),
        "val_accuracy": outcome.val_accuracy,
    }
    save_set(folder.synthetic_set, replace(result, meta=meta))
    _draw(folder, config, task, result, initial, outcome)
    atomic_write_text(folder.checkpoint / "outcome.json", json.dumps(vars(outcome)))


def _draw(
    folder: RunFolder, config: RunConfig, task: Task, result: SyntheticSet, initial: SyntheticSet, outcome: Outcome
) -> None:
    save_contact_sheet(folder.contact_sheet, [("before", initial), ("after", result)], task.dataset.class_names)
    if folder.metrics.exists():  # there is none where a set was made at once
        steps, accuracies = _read_curve(folder)
        save_progress_curve(
            folder.progress,
            steps,
            accuracies,
            baseline=outcome.random_val_accuracy,
            chosen=outcome.val_accuracy,
            title=f"{config.name} on {Path(task.dataset.name).name}, {task.n_images} images",
            unit="environment steps" if config.method is None else "iterations",
        )


def _read_curve(folder: RunFolder) -> tuple[np.ndarray, np.ndarray]:
    with folder.metrics.open(newline="") as file:
        rows = [(int(row["step"]), float(row["val_accuracy"])) for row in csv.DictReader(file)]
    steps, accuracies = zip(*rows, strict=True)
    return np.array(steps), np.array(accuracies)


def _read_outcome(folder: RunFolder) -> Outcome | None:
    """Return the outcome if the distillation is done and its set is whole; else the journal has what is needed."""
    try:
        outcome = Outcome(**json.loads((folder.checkpoint / "outcome.json").read_text()))
        load_set(folder.synthetic_set)
    except (OSError, ValueError, TypeError):
        return None
    return outcome


# --- audit ---


def _audit(
    folder: RunFolder,
    config: RunConfig,
    task: Task,
    outcome: Outcome,
    sets: Mapping[str, SyntheticSet],
    store: AuditStore | None,
    *,
    quiet: bool,
) -> dict[str, Any]:
    result = sets["result"]
    trainings = config.audit.seeds * len({synthetic_set.fingerprint for synthetic_set in sets.values()})
    with progress("audit", trainings, "training", quiet=quiet) as shown:
        audits = audit_sets(
            sets,
            dataset=config.env.dataset,
            data_dir=config.env.data_dir,
            config=config.audit,
            seed=config.seed,
            checkpoint=folder.checkpoint / "audits.jsonl",
            store=store,
            on_training=lambda name, one: shown.advance(f"{name}: {one.accuracy:.1%}"),
        )
    write_curves(folder.audit, audits)
    audited = audits["result"]
    save_set(folder.synthetic_set, replace(result, meta=result.meta | {"audit": _audit_meta(audited)}))
    distinct = {id(audit): audit for audit in audits.values()}
    return {
        "dataset": config.env.dataset,
        "ipc": None if config.env.n_images else config.env.ipc,
        "n_images": task.n_images,
        "method": config.name,
        "seed": config.seed,
        "rehearsal_steps": config.rehearsal_steps,
        **vars(outcome),
        "seconds": round(outcome.seconds, 3),
        "cores": cores(),
        **{figure: audits[name].mean for name, figure in MEANS.items()},
        "test_accuracy_std": audited.std,
        "accuracies": {name: list(audit.accuracies) for name, audit in audits.items()},
        "network": config.audit.network,
        "audit_seeds": config.audit.seeds,
        "audit_seconds": round(sum(audit.seconds for audit in distinct.values()), 3),
        "audit_recipe": audited.recipe,
        "baseline_random_test_accuracy_std": audits["random"].std,
        "versions": versions(),
    }


def _audit_meta(audited: Any) -> dict[str, Any]:
    return {"accuracies": list(audited.accuracies), "mean": audited.mean, "std": audited.std, "recipe": audited.recipe}
