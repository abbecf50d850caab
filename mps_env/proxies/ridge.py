"""The `ridge` proxy: kernel ridge regression in closed form on the features of a fixed bank of random conv nets."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mps_env.blas import one_blas_thread
from mps_env.checks import require_positive, require_whole
from mps_env.proxies.base import Proxy, Score
from mps_env.ridge.advisor import RidgeAdvisor
from mps_env.ridge.features import KERNEL_SCALE
from mps_env.ridge.regression import centred
from mps_env.ridge.store import KernelStore, store_for
from mps_env.ridge.workspace import KernelWorkspace
from mps_env.synthetic_set import SyntheticSet, one_hot

if TYPE_CHECKING:
    from mps_env.data.dataset import Dataset

_TEMPERATURE = 0.1  # of the softmax over outputs, which lie around 0 and 1


@dataclass(frozen=True, eq=False)
class RidgeModel:
    """A fitted regression: outputs = kernels with the set's images @ alpha.

    Args:
        synthetic_set: What it was fitted on.
        alpha: (N, K) float32 dual weights of integer kernels.
    """

    synthetic_set: SyntheticSet
    alpha: np.ndarray


class RidgeProxy(Proxy):
    """Scores a set by the closed-form ridge regression that it trains on random conv features.

    The bank is drawn from `seed` and fixed: the seed of `begin` plays no part, and a score is a function of the
    set's content alone, bit for bit, whatever was scored before and whether or not the pool was prepared.

    Args:
        dataset: The data set; its validation split is scored on.
        nets: Random nets of the bank.
        width: Filters a convolution.
        ridge: Regularisation relative to the mean of the kernel's diagonal.
        seed: Draws the bank.

    Raises:
        ValueError: If `nets` or `width` is not a whole number >= 1, `ridge` not a positive number, or `seed`
            not one >= 0.
    """

    def __init__(self, dataset: Dataset, *, nets: int = 4, width: int = 64, ridge: float = 1e-3, seed: int = 0) -> None:
        require_positive(hint="The default is 1e-3.", ridge=ridge)
        require_whole(0, seed=seed)
        self.dataset = dataset
        self.nets, self.width, self.ridge, self.seed = nets, width, ridge, seed
        self.store: KernelStore = store_for(dataset, nets=nets, width=width, seed=seed)

    def begin(self, seed: int) -> KernelWorkspace:
        """Return the kernel caches of an episode; `seed` is not used, because the bank is fixed."""
        return KernelWorkspace(self.ridge)

    def prepare(self, images: np.ndarray) -> None:
        self.store.prepare(images)

    @one_blas_thread()
    def score(self, episode: KernelWorkspace, synthetic_set: SyntheticSet) -> Score:
        solution = episode.solution(self.store, synthetic_set)
        kernel = episode.panel_kernel("validation", self.store, synthetic_set)
        alpha = (solution.alpha * KERNEL_SCALE).astype(np.float32)
        outputs = alpha.T @ kernel  # (K, n)
        correct = outputs.argmax(axis=0) == self._classes
        errors = outputs - self._targets
        return Score(
            accuracy=float(np.count_nonzero(correct) / len(correct)),
            loss=float(np.einsum("kn,kn->", errors, errors) / len(correct)),
            class_accuracy=self._class_accuracy(correct),
            model=RidgeModel(synthetic_set, alpha),
        )

    @one_blas_thread()
    def score_batch(self, episodes: Sequence[KernelWorkspace], sets: Sequence[SyntheticSet]) -> list[Score]:
        """Score several sets; the images that are new in them go through the bank together."""
        changed = [episode.changed_slots(one) for episode, one in zip(episodes, sets, strict=True)]
        keys = np.concatenate([one.image_keys[slots] for one, slots in zip(sets, changed, strict=True)])
        images = np.concatenate([one.images[slots] for one, slots in zip(sets, changed, strict=True)])
        self.store.compute_ahead(keys.tolist(), images)
        return super().score_batch(episodes, sets)

    def session(self) -> AbstractContextManager[None]:
        return one_blas_thread()

    @one_blas_thread()
    def predict(self, score: Score, images: np.ndarray) -> np.ndarray:
        model: RidgeModel = score.model
        keys = model.synthetic_set.image_keys.tolist()
        weights = self.store.features(keys, model.synthetic_set.images).T @ model.alpha  # (F, K)
        outputs = self.store.features_of(images) @ weights
        scaled = np.exp((outputs - outputs.max(axis=1, keepdims=True)) / np.float32(_TEMPERATURE))
        return scaled / scaled.sum(axis=1, keepdims=True)

    def advisor(self, episode: KernelWorkspace) -> RidgeAdvisor:
        """Return an advisor that shares the bank, the caches and the solved system with this proxy's scores."""
        return RidgeAdvisor(self.dataset, store=self.store, workspace=episode)

    def renewed(self, seed: int) -> RidgeProxy:
        """Return a proxy with an independently drawn bank."""
        return RidgeProxy(self.dataset, nets=self.nets, width=self.width, ridge=self.ridge, seed=seed)

    @cached_property
    def _classes(self) -> np.ndarray:
        return np.asarray(self.dataset.validation.labels)

    @cached_property
    def _targets(self) -> np.ndarray:
        """Centred one-hot labels of the validation images, (K, n) float32."""
        return np.ascontiguousarray(centred(one_hot(self._classes, self.dataset.num_classes)).T, dtype=np.float32)

    @cached_property
    def _class_sizes(self) -> np.ndarray:
        return np.maximum(np.bincount(self._classes, minlength=self.dataset.num_classes), 1)

    def _class_accuracy(self, correct: np.ndarray) -> np.ndarray:
        hits = np.bincount(self._classes[correct], minlength=self.dataset.num_classes)
        return (hits / self._class_sizes).astype(np.float32)

    def __deepcopy__(self, memo: dict[int, Any]) -> RidgeProxy:
        """Share the proxy: what it caches are pure functions of images."""
        return self
