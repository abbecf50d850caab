"""The changing part of an environment: one episode's set, scores, cursor and history."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from mps_env.proxies.base import Score
from mps_env.synthetic_set import SyntheticSet

if TYPE_CHECKING:
    from mps_env.edits.base import EditContext
    from mps_env.ridge.advisor import RidgeAdvisor
    from mps_env.task import Task

# Enough for keep, undo and an edit that is taken back; more would only hold trained weights in memory.
_REMEMBERED_SCORES = 4
_GAINS_SHOWN = 3


class Episode:
    """One episode, from its initial set on. The environment drives it; observations and rendering read it.

    Args:
        task: The fixed part.
        synthetic_set: The initial set.
        rng: The environment's generator.
    """

    def __init__(self, task: Task, synthetic_set: SyntheticSet, rng: np.random.Generator) -> None:
        self.task = task
        self.synthetic_set = synthetic_set
        self.previous: SyntheticSet | None = None
        self.steps = 0
        self.last_gains = (0.0,) * _GAINS_SHOWN  # newest first
        self.score: Score
        self.best_score: Score
        self.best_set: SyntheticSet
        self._order = rng.permutation(len(synthetic_set))
        self.slot = int(self._order[0])
        self._trial = task.proxy.begin(_draw_seed(rng))
        self._advisor: RidgeAdvisor | None = None
        self._scores: OrderedDict[bytes, Score] = OrderedDict()

    @property
    def trial(self) -> Any:
        """The proxy's state of this episode: its common random numbers and caches."""
        return self._trial

    @property
    def progress(self) -> float:
        """Steps per slot so far, at most 1."""
        return min(1.0, self.steps / len(self.synthetic_set))

    @property
    def advisor(self) -> RidgeAdvisor:
        """The proxy's own advisor where it has one, else one of the task's; built when first asked for."""
        if self._advisor is None:
            self._advisor = self.task.proxy.advisor(self._trial) or self.task.new_advisor()
        return self._advisor

    def context(self) -> EditContext:
        """Return what an edit may look at now."""
        from mps_env.edits.base import EditContext

        return EditContext(
            dataset=self.task.dataset,
            pool=self.task.pool,
            statistics=self.task.statistics,
            predict=self.predict,
            get_advisor=lambda: self.advisor,
            previous=self.previous,
        )

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return class probabilities (n, K) by the proxy trained on the current set."""
        return self.task.proxy.predict(self.score, images)

    def redraw(self, rng: np.random.Generator) -> None:
        """Draw new common random numbers and forget the scores of the old ones."""
        self._trial = self.task.proxy.begin(_draw_seed(rng))
        self._advisor = None
        self._scores.clear()

    def known_score(self, synthetic_set: SyntheticSet) -> Score | None:
        """Return the remembered score of a set with this content, if there is one."""
        score = self._scores.get(synthetic_set.fingerprint)
        if score is not None:
            self._scores.move_to_end(synthetic_set.fingerprint)
        return score

    def remember(self, synthetic_set: SyntheticSet, score: Score) -> None:
        """Keep a score, dropping the one used longest ago where there are too many."""
        self._scores[synthetic_set.fingerprint] = score
        self._scores.move_to_end(synthetic_set.fingerprint)
        if len(self._scores) > _REMEMBERED_SCORES:
            self._scores.popitem(last=False)

    def start(self, score: Score) -> None:
        """Take the score of the initial set."""
        self.score = self.best_score = score
        self.best_set = self.synthetic_set

    def advance(self, synthetic_set: SyntheticSet, score: Score) -> None:
        """Make a set, which may be the present one, the state after one more step."""
        gain = score.accuracy - self.score.accuracy
        if synthetic_set.fingerprint != self.synthetic_set.fingerprint:
            took_back = self.previous is not None and synthetic_set.fingerprint == self.previous.fingerprint
            self.previous = None if took_back else self.synthetic_set
        self.synthetic_set, self.score = synthetic_set, score
        if synthetic_set.fingerprint in self._scores:  # what stands is in use, however many edits are taken back
            self._scores.move_to_end(synthetic_set.fingerprint)
        self.last_gains = (gain, *self.last_gains[:-1])
        self.steps += 1
        if self.task.rank(score) > self.task.rank(self.best_score):
            self.best_set, self.best_score = synthetic_set, score

    def __getstate__(self) -> dict[str, Any]:
        """Leave the advisor out, whose answers depend on images alone: it holds much, and is made again when asked."""
        return {**self.__dict__, "_advisor": None}

    def move_cursor(self) -> None:
        """Put the cursor on the next slot of the episode's order."""
        self.slot = int(self._order[self.steps % len(self._order)])


def _draw_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
