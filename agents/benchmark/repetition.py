"""Doing one run of a benchmark once more, in a process of its own: what of its figures comes out again."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agents.distillers import make_distiller
from agents.runs.acting import record
from agents.runs.audit_store import AuditStore
from agents.runs.audits import audit_sets
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from agents.runs.journal import Journal, JournaledProxy
from agents.runs.record import Record
from agents.runs.run import MEANS, sets_to_audit, starting_point
from agents.runs.selection import score_freshly
from agents.runs.trajectory import Trajectory, load_trajectory
from mps_env.atomic import atomic_write_text
from mps_env.set_file import load_set
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one run.

    Args:
        rewards: The largest difference between a recorded reward and the replayed one; None of a distiller.
        reaches_set: Whether the repetition came by the set that the run chose.
        audit: The largest difference between a recorded test accuracy and the repeated one, of the run's set, the one
            it began from and the random one.
        audit_seeds: Trainings of each that were repeated.
        problems: What else its summary states and the repetition does not, a few words each.
    """

    rewards: float | None
    reaches_set: bool
    audit: float
    audit_seeds: int
    problems: Sequence[str] = ()

    @property
    def is_ok(self) -> bool:
        """Whether all is the same, to the bit."""
        return not self.rewards and self.reaches_set and self.audit == 0.0 and not self.problems


def finding_file(place: Path, run: Path) -> Path:
    """Return where the finding on a run is written."""
    return place / f"{run.name}.json"


@dataclass(frozen=True)
class Repetition:
    """What doing a run once more gives.

    Args:
        rewards: (T,) float64 of an agent's steps; None of a distiller.
        seen: The fingerprints of the sets on the way.
        steps: Environment steps or iterations.
        proxy_trainings: Scores until the last of them.
    """

    rewards: np.ndarray | None
    seen: frozenset[bytes]
    steps: int
    proxy_trainings: int


def validate_run(path: Path, *, place: str, audit_seeds: int | None) -> None:
    """Validate one run and write what was found as JSON.

    Args:
        path: The run's folder.
        place: The folder to write to; runs share the audits of their baselines there.
        audit_seeds: Trainings to repeat of each audit; None for all.
    """
    folder = RunFolder(path)
    config, summary, result = folder.read_config(), folder.read_summary(), load_set(folder.synthetic_set)
    rewards = None
    if config.method is None:
        trajectory = load_trajectory(folder.trajectory)
        again = replay(config, trajectory)
        assert again.rewards is not None
        rewards = largest_difference(trajectory.rewards, again.rewards)
    else:
        again = distil_again(config, summary["iterations"])
    task, initial = starting_point(config)
    sets = sets_to_audit(config, task, initial, result)
    seeds = min(config.audit.seeds, audit_seeds or config.audit.seeds)
    finding = Finding(
        rewards=rewards,
        reaches_set=result.fingerprint in again.seen,
        audit=_audit_difference(folder, config, summary, sets, seeds, Path(place)),
        audit_seeds=seeds,
        problems=[
            *_problems_of_work(config, summary, again),
            *_problems_of_second_look(task, result, summary, config.seed),
            *_problems_of_means(summary, result),
        ],
    )
    atomic_write_text(finding_file(Path(place), path), json.dumps(vars(finding)))


def distil_again(config: RunConfig, iterations: int) -> Repetition:
    """Let a run's distiller work once more.

    Args:
        config: The run's.
        iterations: How many it did.
    """
    assert config.method is not None
    task, initial = starting_point(config)
    distiller = make_distiller(config.method, task, initial, seed=config.seed, settings=config.method_kwargs)
    seen = {distiller.synthetic_set().fingerprint}
    scores = 1 if distiller.iterations else 0
    for number in range(1, iterations + 1):
        distiller.iterate(number - 1)
        if number % distiller.evaluate_every == 0 or number == iterations:
            with suppress(ValueError):  # not finite, and so not scored by the run either
                seen.add(distiller.synthetic_set().fingerprint)
                scores += 1
    return Repetition(None, frozenset(seen), iterations, scores + distiller.proxy_trainings)


def replay(config: RunConfig, trajectory: Trajectory) -> Repetition:
    """Take a run's actions in its environment once more, with its resets between them.

    Args:
        config: The run's.
        trajectory: What its agent did.
    """
    config = replace(config, steps=max(1, len(trajectory.actions)), budget_s=None, patience=None)  # all, and no more
    task, initial = starting_point(config)
    seen = _Seen()
    rewards = []
    with (
        tempfile.TemporaryDirectory(prefix="mps-replay-") as place,
        closing(Journal(Path(place) / "answers.bin")) as journal,
    ):
        task = task.with_proxy(JournaledProxy(task.proxy, journal))  # as in the run
        env = record(config, task, initial, clock=lambda: 0.0, listeners=[seen])
        for resets, action in zip(trajectory.resets, trajectory.actions, strict=True):
            for _ in range(resets):
                env.reset()
            rewards.append(env.step(action)[1])
    fingerprints = frozenset(seen.fingerprints | {initial.fingerprint})
    return Repetition(np.array(rewards, np.float64), fingerprints, env.steps, env.base.proxy_trainings)


class _Seen:
    """Notes which sets a run comes by."""

    def __init__(self) -> None:
        self.fingerprints: set[bytes] = set()

    def on_record(self, record: Record) -> None:
        self.fingerprints.add(record.synthetic_set.fingerprint)


def largest_difference(recorded: Sequence[float] | np.ndarray, repeated: Sequence[float] | np.ndarray) -> float:
    """Return the largest absolute difference; infinity where the numbers of values differ."""
    if len(recorded) != len(repeated):
        return math.inf
    return float(np.max(np.abs(np.asarray(recorded) - np.asarray(repeated)), initial=0.0))


def _problems_of_work(config: RunConfig, summary: Mapping[str, Any], again: Repetition) -> list[str]:
    """Compare what the run says it took."""
    problems = []
    unit = "env_steps" if config.method is None else "iterations"
    if summary[unit] != again.steps:
        problems.append(f"its {unit} are {again.steps}, not {summary[unit]}")
    # A reset after the last step, which nothing replays, is one score more.
    if summary["proxy_trainings"] - again.proxy_trainings not in (0, 1):
        problems.append(f"its proxy_trainings are {again.proxy_trainings}, not {summary['proxy_trainings']}")
    return problems


def _problems_of_second_look(task: Task, result: SyntheticSet, summary: Mapping[str, Any], seed: int) -> list[str]:
    """Compare the validation accuracy by which reports choose."""
    (fresh,) = score_freshly(task.proxy, [result], seed)
    if summary["val_accuracy"] == fresh.accuracy:
        return []
    return [f"its validation accuracy is {fresh.accuracy:.4g}, not {summary['val_accuracy']:.4g}"]


def _audit_difference(
    folder: RunFolder,
    config: RunConfig,
    summary: Mapping[str, Any],
    sets: Mapping[str, SyntheticSet],
    seeds: int,
    place: Path,
) -> float:
    """Audit the run's set and its baselines, and return the largest difference of a test accuracy."""
    audits = audit_sets(
        sets,
        dataset=config.env.dataset,
        data_dir=config.env.data_dir,
        config=replace(config.audit, seeds=seeds),
        seed=config.seed,
        checkpoint=place / f"{folder.path.name}.audits.jsonl",
        store=AuditStore(place / "audits"),
    )
    stated = summary.get("accuracies", {})
    return max(largest_difference(stated.get(name, [])[:seeds], audit.accuracies) for name, audit in audits.items())


def _problems_of_means(summary: Mapping[str, Any], result: SyntheticSet) -> list[str]:
    """Compare the figures of the summary with the accuracies that they are the means of."""
    stated = summary.get("accuracies", {})
    problems = []
    if stated.get("result") != result.meta.get("audit", {}).get("accuracies"):
        problems.append("its set carries another audit than its summary")
    for name, figure in MEANS.items():
        accuracies = stated.get(name)
        if not accuracies or summary[figure] != math.fsum(accuracies) / len(accuracies):
            problems.append(f"its {figure} is not the mean of its audit")
    return problems
