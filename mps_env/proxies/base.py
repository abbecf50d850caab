"""The protocol of proxies: models trained on a synthetic set from scratch and scored on validation data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mps_env.ridge.advisor import RidgeAdvisor
    from mps_env.synthetic_set import SyntheticSet


@dataclass(frozen=True, eq=False)
class Score:
    """What a proxy says of one synthetic set.

    Args:
        accuracy: Validation accuracy, a fraction.
        loss: Validation loss, in the proxy's own terms (lower is better, finite).
        class_accuracy: (K,) float32, the accuracy on each class.
        model: The trained proxy as NumPy arrays, for `Proxy.predict`; opaque to everyone else, picklable.
    """

    accuracy: float
    loss: float
    class_accuracy: np.ndarray
    model: Any = field(default=None, repr=False)


class Proxy(ABC):
    """Trains on synthetic sets and scores them. One file with a subclass and `register_proxy` is all it takes.

    The constructor is called as `Proxy(dataset, **proxy_kwargs)`. It checks its arguments and may prepare what
    every score shares; anything that cannot be pickled (compiled programs) is made on first use and left out of
    `__getstate__`.
    """

    @abstractmethod
    def begin(self, seed: int) -> Any:
        """Return the state of one episode: its common random numbers and its caches.

        Two sets scored with the same episode are trained from the same weights, on the same batch order and
        augmentation, so that their scores compare. Equal seeds give equal scores. Picklable and deep-copyable.
        """

    @abstractmethod
    def score(self, episode: Any, synthetic_set: SyntheticSet) -> Score:
        """Train on a set from scratch and score it. A pure function of the seed of `begin` and the set's content:
        whatever `episode` caches must not change the answer."""

    def score_batch(self, episodes: Sequence[Any], sets: Sequence[SyntheticSet]) -> list[Score]:
        """Score several sets, each in its own episode; override where one call can do it faster.

        The scores equal those of `score` bit for bit.
        """
        return [self.score(episode, synthetic_set) for episode, synthetic_set in zip(episodes, sets, strict=True)]

    @abstractmethod
    def predict(self, score: Score, images: np.ndarray) -> np.ndarray:
        """Return class probabilities, (n, K) float32 summing to 1, of (n, H, W, C) images by a scored model."""

    def prepare(self, images: np.ndarray) -> None:  # noqa: B027 - most proxies have nothing to prepare
        """Take note of images that are likely to be placed into sets, (P, H, W, C): a proxy may cache what it can.

        Scores are the same with or without it.
        """

    def session(self) -> AbstractContextManager[None]:
        """Return a context for several calls in a row, which sets up once what each would for itself."""
        return nullcontext()

    def advisor(self, episode: Any) -> RidgeAdvisor | None:
        """Return an advisor that shares this proxy's work in an episode, or None where there is nothing to share."""
        return None

    def renewed(self, seed: int) -> Proxy:
        """Return a proxy whose scores are independent of this one's, to check a best-of-many score with.

        It may be a more thorough one, since few sets are scored by it. Proxies whose randomness all comes from `begin`
        may return themselves.
        """
        return self
