"""Means, prototypes and principal directions of the training classes, computed when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mps_env.blas import one_blas_thread
from mps_env.k_means import k_means

if TYPE_CHECKING:
    from mps_env.data import Dataset

_SAMPLE_PER_CLASS = 500
_PROTOTYPES_PER_CLASS = 16


class ClassStatistics:
    """Statistics of up to 500 training images per class, drawn with a fixed seed.

    Args:
        dataset: Where the training images are.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._prototypes: dict[int, np.ndarray] = {}
        self._bases: dict[tuple[int, int], np.ndarray] = {}

    def sample(self, own_class: int) -> np.ndarray:
        """Return the class's sample, (n <= 500, H, W, C) float32."""
        rows = np.flatnonzero(self._dataset.train.labels == own_class)
        if len(rows) > _SAMPLE_PER_CLASS:
            rows = np.random.default_rng(own_class).choice(rows, _SAMPLE_PER_CLASS, replace=False)
        return self._dataset.train.take(rows)

    @cached_property
    def means(self) -> np.ndarray:
        """Mean image of each class, (K, H, W, C) float32."""
        return self._means_and_spreads[0]

    @cached_property
    def spreads(self) -> np.ndarray:
        """Root mean square distance to the class mean, (K,) float32: the unit in which features measure distance."""
        return self._means_and_spreads[1]

    @cached_property
    def _means_and_spreads(self) -> tuple[np.ndarray, np.ndarray]:
        means, spreads = [], []
        for own_class in range(self._dataset.num_classes):
            images = self.sample(own_class)
            mean = images.mean(axis=0)
            squared = np.square(images - mean).reshape(len(images), -1).sum(axis=1)
            means.append(mean)
            spreads.append(max(float(np.sqrt(squared.mean())), 1e-6))
        return np.stack(means), np.array(spreads, dtype=np.float32)

    def prototypes(self, own_class: int) -> np.ndarray:
        """Return k-means centres of a class, (<= 16, H, W, C) float32."""
        if own_class not in self._prototypes:
            images = self.sample(own_class)
            count = min(_PROTOTYPES_PER_CLASS, len(images))
            centres = k_means(images.reshape(len(images), -1), count, seed=own_class)
            self._prototypes[own_class] = np.clip(centres, 0, 1).reshape(-1, *images.shape[1:])
        return self._prototypes[own_class]

    @one_blas_thread()
    def basis(self, own_class: int, size: int) -> np.ndarray:
        """Return the first principal directions of a class, scaled to one standard deviation each.

        Args:
            own_class: The class.
            size: How many directions, d.

        Returns:
            (d, H, W, C) float32; rows of zeros where the class has fewer directions (one image has none).
        """
        if (own_class, size) not in self._bases:
            from sklearn.decomposition import PCA

            images = self.sample(own_class)
            flat = images.reshape(len(images), -1)
            basis = np.zeros((size, flat.shape[1]), dtype=np.float32)
            if len(flat) > 1:
                found = min(size, *flat.shape)
                pca = PCA(found, svd_solver="full").fit(flat)
                basis[:found] = pca.components_ * np.sqrt(pca.explained_variance_)[:, None]
            self._bases[own_class, size] = basis.reshape(size, *images.shape[1:])
        return self._bases[own_class, size]
