"""Search on the ridge proxy: replace one image at a time and keep what lowers the validation loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from agents.distillers.base import Distiller
from mps_env.checks import require_whole
from mps_env.edits import check_edit_names
from mps_env.env import MPSDistillEnv
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task


class RidgeSearch(Distiller):
    """Greedy local search in `MPSDistill-v0` under the ridge proxy: every edit that raises the loss is taken back.

    Slots are visited in a seeded order, again and again, each time with a random one of the edits.

    Args:
        task: Data set and sizes; its proxy scores the set now and then, and takes no part in the search.
        initial: The set to begin from.
        seed: Of everything random.
        edits: Edits to draw from.
        nets: Random nets of the ridge proxy's bank.
        width: Filters a convolution of each.

    Raises:
        ValueError: If an edit is unknown or a size out of range.
    """

    iterations = 2_000
    evaluate_every = 200

    def __init__(
        self,
        task: Task,
        initial: SyntheticSet,
        *,
        seed: int,
        edits: Sequence[str] = ("fittest", "random_real"),
        nets: int = 4,
        width: int = 64,
    ) -> None:
        super().__init__(task, initial, seed=seed)
        require_whole(1, hint="The defaults are nets=4, width=64.", nets=nets, width=width)
        self._config = replace(
            task.config,
            proxy="ridge",
            proxy_kwargs={"nets": nets, "width": width},
            action="select",
            observation="slot",
            accept="descend",
            edits=check_edit_names(edits),
        )
        self._order = np.random.default_rng(seed).permutation(len(initial))

    def iterate(self, number: int) -> Mapping[str, float]:
        rng = self.rng(number)
        env = self._env
        env.np_random = rng  # so that an iteration depends on its number, not on those before it
        slot = self._order[number % len(self._order)]
        before = env.proxy_trainings
        info = env.step(np.array([slot, rng.integers(len(env.edit_names))]))[-1]
        self.proxy_trainings += env.proxy_trainings - before
        return {"loss": info["val_loss"]}

    def synthetic_set(self) -> SyntheticSet:
        return self._env.synthetic_set

    def state(self) -> dict[str, np.ndarray]:
        now = self.synthetic_set()
        return {"images": now.images, "labels": now.labels, "proxy_trainings": np.array(self.proxy_trainings)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        saved = SyntheticSet.checked(state["images"], state["labels"], self.initial.meta)
        self._env.reset(seed=self.seed, options={"set": saved})
        self.proxy_trainings = int(state["proxy_trainings"])

    @cached_property
    def _env(self) -> MPSDistillEnv:
        env = MPSDistillEnv.sharing(Task(self._config))
        env.reset(seed=self.seed, options={"set": self.initial})
        return env
