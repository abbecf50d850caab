"""A run in which a distiller improves a set, iteration by iteration, with checkpoints it can be continued from."""

from __future__ import annotations

import itertools
import math
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agents.archive import read_archive, write_archive
from agents.distillers import Distiller, make_distiller
from agents.runs.acting import ProgressListener
from agents.runs.display import progress
from agents.runs.listeners import Candidates, MetricsTable, TensorBoardEvents
from agents.runs.record import Listener, Record
from agents.runs.work import Job, Work
from mps_env.synthetic_set import SyntheticSet

CANDIDATES = 4
_SECONDS_PER_CHECKPOINT = 20.0
# Beyond the seeds that runs, episodes and the second look have: no proxy that a distiller may search on is the same.
_FIRST_EVALUATION_SEED = 2**40


def iterate(job: Job) -> Work:
    """Let the distiller of a run work until its iterations are done or the budget is spent.

    The set is scored by the run's proxy before the first iteration, every `evaluate_every` ones, and at the end. A
    loss or a set that is not finite ends the work; what was scored before remains.
    """
    config, folder = job.config, job.folder
    assert config.method is not None
    distiller = make_distiller(config.method, job.task, job.initial, seed=config.seed, settings=config.method_kwargs)
    if not distiller.iterations:
        job.journal.go_live()
        return Work([distiller.synthetic_set()], 0, 0)
    limit = config.iterations or (distiller.iterations if config.budget_s is None else None)
    candidates = Candidates(CANDIDATES, job.task.rank)
    checkpoint = _Checkpoint(folder.checkpoint / "distiller.npz")
    start = checkpoint.restore(distiller, candidates)
    job.journal.go_live(start.seconds)
    is_continued = start.iterations > 0
    with (
        closing(MetricsTable(folder.metrics, keep_until=start.iterations if is_continued else None)) as table,
        closing(TensorBoardEvents(folder.tensorboard, best=table.best if is_continued else None)) as events,
        progress(f"{config.method} on {config.env.dataset}", limit, "iteration", quiet=job.quiet) as shown,
    ):
        work = _Evaluations(job, distiller, [table, events, candidates, ProgressListener(shown)], start)
        diverged_at = None
        done = start.iterations
        values = start.values or dict.fromkeys(distiller.logged, 0.0)
        if not is_continued:
            work.evaluate(0, values)
        for done in itertools.count(start.iterations):
            if done == limit or (config.budget_s is not None and job.journal.elapsed >= config.budget_s):
                break
            values = dict(distiller.iterate(done))
            if not all(math.isfinite(value) for value in values.values()):
                diverged_at = done
                break
            shown.advance_to(done + 1, f"loss {values[distiller.logged[0]]:.4f}")
            if (done + 1) % distiller.evaluate_every == 0 and not work.evaluate(done + 1, values):
                diverged_at = done
                break
            if checkpoint.is_due:
                table.flush()
                now = _Start(done + 1, job.journal.elapsed, work.count, work.last, values)
                checkpoint.write(now, distiller, candidates)
        if diverged_at is None and work.last != done and not work.evaluate(done, values):
            diverged_at = done - 1
    # The last set comes from the most work, and stands unless another is clearly better; of a run that diverged it is
    # the best by one training.
    ranked = candidates.sets
    sets = [*ranked, distiller.synthetic_set()] if diverged_at is None else [*ranked[1:], ranked[0]]
    return Work(sets, done, work.proxy_trainings, diverged_at)


@dataclass
class _Evaluations:
    """Scores a distiller's set and tells the listeners.

    By a proxy that trains as long as those of the second look: a shorter one ranks a distiller's early sets above its
    late ones.
    """

    job: Job
    distiller: Distiller
    listeners: list[Listener]
    start: _Start

    def __post_init__(self) -> None:
        self.count, self.last = self.start.evaluations, self.start.evaluated
        seed = _FIRST_EVALUATION_SEED + self.job.config.seed
        self.proxy = self.job.task.proxy.renewed(seed)
        self.trial = self.proxy.begin(seed)

    @property
    def proxy_trainings(self) -> int:
        """Scores so far: the iterations' own and those of `evaluate`."""
        return self.count + self.distiller.proxy_trainings

    def evaluate(self, step: int, values: dict[str, float]) -> bool:
        """Score the set as it is after `step` iterations, unless it is no set any more; return whether it is one."""
        try:
            made = self.distiller.synthetic_set()
        except ValueError:  # pixels or labels that are not finite, under a loss that still was
            return False
        score = self.proxy.score(self.trial, made)
        self.count += 1
        self.last = step
        record = Record(step, values, self.proxy_trainings, self.job.journal.elapsed, made, score)
        for listener in self.listeners:
            listener.on_record(record)
        return True


@dataclass(frozen=True)
class _Start:
    """Where a run goes on from."""

    iterations: int = 0
    seconds: float = 0.0
    evaluations: int = 0
    evaluated: int = -1  # the last iteration after which the set was scored
    values: dict[str, float] = field(default_factory=dict)  # of the last iteration


class _Checkpoint:
    """A distiller's state and the candidates so far, in one file that appears whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._written >= _SECONDS_PER_CHECKPOINT

    def write(self, start: _Start, distiller: Distiller, candidates: Candidates) -> None:
        arrays = {f"state/{name}": array for name, array in distiller.state().items()}
        for number, (_, kept) in enumerate(candidates.ranked):
            arrays |= {f"candidate/{number}/images": kept.images, f"candidate/{number}/labels": kept.labels}
        document = {
            "start": vars(start),
            "candidates": [{"rank": list(rank), "meta": kept.meta} for rank, kept in candidates.ranked],
        }
        write_archive(self._path, document, arrays)
        self._written = time.monotonic()

    def restore(self, distiller: Distiller, candidates: Candidates) -> _Start:
        """Put everything back; without a checkpoint, or with a damaged one, the run begins anew."""
        try:
            document, arrays = read_archive(self._path)
            start = _Start(**document["start"])
            sets = [
                (tuple(one["rank"]), _candidate(arrays, number, one["meta"]))
                for number, one in enumerate(document["candidates"])
            ]
            distiller.restore({name[6:]: array for name, array in arrays.items() if name.startswith("state/")})
        except (OSError, ValueError, KeyError, TypeError):
            return _Start()
        for rank, kept in sets:
            candidates.offer(rank, kept)
        return start


def _candidate(arrays: dict[str, np.ndarray], number: int, meta: dict[str, object]) -> SyntheticSet:
    return SyntheticSet.checked(arrays[f"candidate/{number}/images"], arrays[f"candidate/{number}/labels"], meta)
