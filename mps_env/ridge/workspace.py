"""The kernel matrices of one episode's current set, brought up to date by what an edit changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from mps_env.ridge.features import KERNEL_SCALE
from mps_env.ridge.regression import Solution, centred, solve
from mps_env.ridge.store import KernelStore
from mps_env.synthetic_set import SyntheticSet


class KernelWorkspace:
    """Kernels of the slots with each other and with panels, for the set given last.

    Only rows whose image key changed are computed, and because kernels are exact integers the matrices are the
    same bits whatever sets came before. The system is solved in full each time: an inverse updated in place would
    drift with the path. A pickle or copy holds nothing: everything here can be had again from the next set.

    Args:
        ridge: Regularisation relative to the mean of the kernel's diagonal, > 0.
    """

    def __init__(self, ridge: float) -> None:
        self.ridge = ridge
        self._set: SyntheticSet | None = None
        self._keys = np.empty(0, "S8")
        self._features = np.empty((0, 0), np.float32)
        self._kernel = np.empty((0, 0), np.float64)
        self._panels: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._solution: Solution | None = None

    def solution(self, store: KernelStore, synthetic_set: SyntheticSet) -> Solution:
        """Return the solved regression on a set; the same object as long as the set's content is the same."""
        self._sync(store, synthetic_set)
        if self._solution is None:
            self._solution = solve(self._kernel * KERNEL_SCALE, centred(synthetic_set.labels), self.ridge)
        return self._solution

    def changed_slots(self, synthetic_set: SyntheticSet) -> np.ndarray:
        """Return the slots whose images are not those of the set given last, ascending."""
        keys = synthetic_set.image_keys
        return np.flatnonzero(self._keys != keys) if len(keys) == len(self._keys) else np.arange(len(keys))

    def features(self, store: KernelStore, synthetic_set: SyntheticSet) -> np.ndarray:
        """Return the slots' features, (N, F) float32. Valid until the next set; not to be changed."""
        self._sync(store, synthetic_set)
        return self._features

    def self_kernel(self, store: KernelStore, synthetic_set: SyntheticSet) -> np.ndarray:
        """Return the integer kernels of the slots with each other, (N, N) float64. Valid until the next set."""
        self._sync(store, synthetic_set)
        return self._kernel

    def panel_kernel(self, panel: str, store: KernelStore, synthetic_set: SyntheticSet) -> np.ndarray:
        """Return the integer kernels of the slots with a panel's images, (N, n) float32. Valid until the next set."""
        self._sync(store, synthetic_set)
        keys = synthetic_set.image_keys
        known_keys, columns = self._panels.get(panel, (keys[:0], np.empty((0, len(store.panels[panel])), np.float32)))
        if len(known_keys) != len(keys):
            columns = store.columns(panel, keys.tolist(), synthetic_set.images)
        else:
            for_slots = np.flatnonzero(known_keys != keys)
            if len(for_slots):
                columns[for_slots] = store.columns(panel, keys[for_slots].tolist(), synthetic_set.images[for_slots])
        self._panels[panel] = (keys, columns)
        return columns

    def _sync(self, store: KernelStore, synthetic_set: SyntheticSet) -> None:
        if synthetic_set is self._set:
            return
        keys = synthetic_set.image_keys
        if len(keys) != len(self._keys):
            self._features = store.features(keys.tolist(), synthetic_set.images)
            self._kernel = (self._features @ self._features.T).astype(np.float64)
            self._solution = None
        else:
            slots = self.changed_slots(synthetic_set)
            if len(slots):
                self._replace(slots, store.features(keys[slots].tolist(), synthetic_set.images[slots]))
                self._solution = None
            if self._set is None or not np.array_equal(self._set.labels, synthetic_set.labels):
                self._solution = None
        self._keys = keys
        self._set = synthetic_set

    def _replace(self, slots: np.ndarray, features: np.ndarray) -> None:
        self._features[slots] = features
        # A single row as a matrix-vector product, which is faster; the integers are the same.
        rows = (self._features @ features[0])[None] if len(slots) == 1 else features @ self._features.T
        self._kernel[slots] = rows
        self._kernel[:, slots] = rows.T

    def __reduce__(self) -> tuple[Any, ...]:
        return KernelWorkspace, (self.ridge,)
