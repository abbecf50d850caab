"""What an environment prepares once and never changes: data, pool, statistics, proxy."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mps_env.acceptance import ACCEPTANCES, Rank
from mps_env.class_statistics import ClassStatistics
from mps_env.config import EnvConfig
from mps_env.data import load_dataset
from mps_env.pools import POOLS, Pool, RealPool, build_pool, initial_set
from mps_env.proxies import Proxy, Score, make_proxy
from mps_env.set_file import is_set_path, load_set
from mps_env.small_images import SmallImages
from mps_env.synthetic_set import SyntheticSet

if TYPE_CHECKING:
    from mps_env.ridge.advisor import RidgeAdvisor
    from mps_env.ridge.store import KernelStore

# The pool is the same for every seed, so that an action means the same in every episode.
_POOL_SEED = 0
_POOL_IMAGES = 5_000
_POOL_PER_CLASS = (64, 500)


class Task:
    """The fixed part of an environment. Environments may share one; copies of an environment do.

    Args:
        config: The environment's keyword arguments.

    Raises:
        ValueError, TypeError, FileNotFoundError: If the data, the names or the sizes cannot be used.
    """

    def __init__(self, config: EnvConfig) -> None:
        self.config = config
        self.dataset = load_dataset(config.dataset, data_dir=config.data_dir, val_size=config.val_size)
        self.acceptance = ACCEPTANCES.get(config.accept)
        self.small_images = SmallImages(config.factor, self.dataset.image_shape)
        self.n_images = config.n_images or config.ipc * self.dataset.num_classes
        self.n_slots = self.n_images * self.small_images.per_image
        self.proxy: Proxy = make_proxy(config.proxy, self.dataset, config.proxy_kwargs)
        self._has_own_proxy = True
        self.statistics = ClassStatistics(self.dataset)
        self._bank: KernelStore | None = None
        # What cannot be drawn is told here, not at the first reset.
        self._saved_set = self._load_saved_set()
        if self._saved_set is None and isinstance(POOLS.get(config.init), RealPool):
            self.draw("random", np.random.default_rng(0))  # the quickest of those that are limited by the data
        POOLS.get(config.pool)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._has_own_proxy:
            return Task, (self.config,)
        return _with_proxy, (self.config, self.proxy)

    def __deepcopy__(self, memo: dict[int, Any]) -> Task:
        return self

    @cached_property
    def pool(self) -> Pool:
        """Where replacement images come from."""
        least, most = _POOL_PER_CLASS
        per_class = int(np.clip(_POOL_IMAGES // self.dataset.num_classes, least, most))
        if self.config.pool not in ("real", "random"):
            per_class = least  # made images (prototypes, a generator's) cost time, and too many of them look alike
        pool = build_pool(self.config.pool, self.dataset, per_class=per_class, rng=np.random.default_rng(_POOL_SEED))
        pool = Pool(self.small_images.project(pool.images), pool.classes)
        self.proxy.prepare(pool.images)
        return pool

    def with_proxy(self, proxy: Proxy) -> Task:
        """Return the same task scored by another proxy; all the rest is shared."""
        other = object.__new__(Task)
        other.__dict__ = {**self.__dict__, "proxy": proxy, "_has_own_proxy": False}
        return other

    def rank(self, score: Score) -> Rank:
        """Return what sets are compared by in this task; higher is better."""
        return self.acceptance.rank(score.accuracy, score.loss)

    def new_advisor(self) -> RidgeAdvisor:
        """Return an advisor for one episode under a proxy that brings none; its bank is shared by all."""
        from mps_env.ridge.advisor import RidgeAdvisor

        if self._bank is None:
            advisor = RidgeAdvisor(self.dataset)
            advisor.prepare(self.pool.images)
            self._bank = advisor.store
        return RidgeAdvisor(self.dataset, store=self._bank)

    def initial_set(self, rng: np.random.Generator) -> SyntheticSet:
        """Draw the set that an episode starts from.

        Raises:
            ValueError: If a class has fewer images than the set needs.
        """
        if self._saved_set is not None:
            return self._saved_set
        return self.draw(self.config.init, rng)

    def draw(self, pool: str, rng: np.random.Generator) -> SyntheticSet:
        """Draw a balanced set of this task's size and resolution from a pool.

        Raises:
            ValueError: If the pool is unknown, or cannot give that many images.
        """
        try:
            drawn = initial_set(pool, self.dataset, self.n_slots, rng)
        except ValueError as error:
            if self.config.factor == 1:
                raise
            many = self.small_images.per_image
            raise ValueError(f"{error} With factor={self.config.factor} each image asked for is {many}.") from None
        return self.small_images.project_set(drawn)

    def check_set(self, synthetic_set: SyntheticSet, origin: str) -> None:
        """Check that a set from outside fits this task.

        Args:
            synthetic_set: The set.
            origin: What to call it in the message.

        Raises:
            ValueError: If its data set, image shape, number of classes or of slots is another, or its resolution.
        """
        made_for = synthetic_set.meta.get("dataset")
        if made_for is not None and Path(made_for).name != Path(self.dataset.name).name:
            raise ValueError(
                f"{origin} was made for {made_for!r}, this task is on {self.dataset.name!r}."
                f" Use a set of {self.dataset.name!r}, or dataset={made_for!r}."
            )
        for what, given, needed in (
            ("image shape", synthetic_set.image_shape, self.dataset.image_shape),
            ("number of classes", synthetic_set.num_classes, self.dataset.num_classes),
            ("number of images", len(synthetic_set), self.n_slots),
        ):
            if given != needed:
                raise ValueError(
                    f"{origin} has {what} {given}, this task needs {needed}."
                    f" Use another set, or change {'n_images or factor' if 'images' in what else 'dataset'}."
                )
        if not self.small_images.is_projected(synthetic_set.images):
            raise ValueError(
                f"{origin} has images of the full resolution, this task keeps 1/{self.config.factor} of it along each"
                " side. Use a set made with the same factor, or factor=1."
            )

    def _load_saved_set(self) -> SyntheticSet | None:
        if not is_set_path(self.config.init):
            return None
        saved = load_set(self.config.init)
        self.check_set(saved, f"init={self.config.init!r}")
        return saved


def _with_proxy(config: EnvConfig, proxy: Proxy) -> Task:
    return Task(config).with_proxy(proxy)
