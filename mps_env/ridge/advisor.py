"""What the ridge bank says of a set on training images: it serves edits and observations under every proxy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mps_env.blas import one_blas_thread
from mps_env.ridge import regression
from mps_env.ridge.features import KERNEL_SCALE
from mps_env.ridge.store import KernelStore, store_for
from mps_env.ridge.workspace import KernelWorkspace
from mps_env.synthetic_set import SyntheticSet, image_key, one_hot

if TYPE_CHECKING:
    from mps_env.data.dataset import Dataset
    from mps_env.ridge.regression import Solution


class RidgeAdvisor:
    """Leave-one-out margins, influences, candidate losses and pixel gradients of a set, in closed form.

    Looks at training images only, never at the validation split. Answers depend on the set's content, the slot and
    the generator given, not on what was asked before.

    Args:
        dataset: The data set; only its training split is looked at.
        store: Bank, training panels and caches to share; built from the arguments below when not given.
        workspace: Kernels of the current set, shared with whoever scores it; a new one when not given.
        nets: Random nets of a new bank.
        width: Filters a convolution of a new bank.
        ridge: Regularisation of a new workspace, relative to the mean of the kernel's diagonal.
        seed: Draws a new bank and the training images of its panels.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        store: KernelStore | None = None,
        workspace: KernelWorkspace | None = None,
        nets: int = 4,
        width: int = 64,
        ridge: float = 1e-3,
        seed: int = 0,
    ) -> None:
        self.store = store or store_for(dataset, nets=nets, width=width, seed=seed)
        self._workspace = workspace or KernelWorkspace(ridge)
        self._panel_targets: dict[str, np.ndarray] = {}
        self._reference: tuple[Solution, np.ndarray, float] | None = None

    def prepare(self, images: np.ndarray) -> None:
        """Name images that are likely to be placed into sets, (P, H, W, C)."""
        self.store.prepare(images)

    @one_blas_thread()
    def predict(self, synthetic_set: SyntheticSet, images: np.ndarray) -> np.ndarray:
        """Return the regression's outputs as labels, (n, K) float32: at least 0, rows summing to 1.

        An image that sits in the set is predicted without its own slot, which would only repeat its label.

        Args:
            synthetic_set: What the regression is trained on.
            images: (n, H, W, C) float32 in [0, 1].
        """
        solution = self._solution(synthetic_set)
        keys = [image_key(image) for image in images]
        features = self.store.features(keys, images)
        slots = self._workspace.features(self.store, synthetic_set)
        outputs = (features @ slots.T).astype(np.float64) @ (solution.alpha * KERNEL_SCALE)
        slot_of = {key: slot for slot, key in enumerate(synthetic_set.image_keys.tolist())}
        for row, key in enumerate(keys):
            if key in slot_of and len(synthetic_set) > 1:
                outputs[row] = regression.leave_one_out(solution, slot_of[key])
        labels = np.maximum(outputs + 1.0 / synthetic_set.num_classes, 0.0)
        return (labels / labels.sum(axis=1, keepdims=True)).astype(np.float32)

    @one_blas_thread()
    def margin(self, synthetic_set: SyntheticSet, slot: int) -> float:
        """Return how clearly the other slots tell a slot's class: its output less the best other, about [-1, 1]."""
        outputs = regression.leave_one_out(self._solution(synthetic_set), slot)
        return regression.margin(outputs, int(synthetic_set.classes[slot]))

    @one_blas_thread()
    def influence(self, synthetic_set: SyntheticSet, slot: int) -> float:
        """Return by which share the loss on the reference images rises when a slot is left out."""
        solution = self._solution(synthetic_set)
        kernel = self._workspace.panel_kernel("reference", self.store, synthetic_set)
        errors, loss = self._reference_errors(kernel, solution)
        return regression.removal_loss_change(solution, slot, kernel, errors, KERNEL_SCALE) / max(loss, 1e-12)

    @one_blas_thread()
    def candidate_losses(
        self, synthetic_set: SyntheticSet, slot: int, candidates: np.ndarray, keys: Sequence[bytes] | None = None
    ) -> np.ndarray:
        """Return the loss on the reference images after putting each candidate into a slot, (P,) float64.

        Args:
            synthetic_set: The set; the slot keeps its label.
            slot: Position, 0 <= slot < N.
            candidates: (P, H, W, C) float32 in [0, 1].
            keys: `image_key` of each, where they are at hand.
        """
        solution = self._solution(synthetic_set)
        keys = [image_key(candidate) for candidate in candidates] if keys is None else keys
        features = self.store.features(keys, candidates)
        slots = self._workspace.features(self.store, synthetic_set)
        kernel = self._workspace.self_kernel(self.store, synthetic_set)
        return regression.replacement_losses(
            solution,
            slot,
            self._workspace.panel_kernel("reference", self.store, synthetic_set),
            self._targets("reference", synthetic_set.num_classes),
            features @ slots.T,
            np.einsum("pf,pf->p", features, features),
            self.store.columns("reference", keys, candidates),
            self._workspace.ridge * kernel.diagonal().mean() * KERNEL_SCALE,
            KERNEL_SCALE,
        )

    @one_blas_thread()
    def gradient(
        self, synthetic_set: SyntheticSet, slot: int, rng: np.random.Generator, batch_size: int = 256
    ) -> np.ndarray:
        """Return the gradient of the loss on random training images by a slot's pixels, (H, W, C) float32.

        Args:
            synthetic_set: The set.
            slot: Position, 0 <= slot < N.
            rng: Draws the training images.
            batch_size: How many; fewer where there are not as many.
        """
        solution = self._solution(synthetic_set)
        training = self.store.panel_features("training")
        drawn = rng.choice(len(training), size=min(batch_size, len(training)), replace=False)
        batch = training[drawn]
        slots = self._workspace.features(self.store, synthetic_set)
        kernel = (batch @ slots.T).astype(np.float64) * KERNEL_SCALE
        targets = self._targets("training", synthetic_set.num_classes)[drawn]
        by_image, by_slot = regression.feature_gradient(solution, slot, kernel, targets)
        cotangent = (by_image @ batch + by_slot @ slots) * KERNEL_SCALE
        return self.store.bank.pullback(synthetic_set.images[slot], cotangent)

    def _solution(self, synthetic_set: SyntheticSet) -> Solution:
        return self._workspace.solution(self.store, synthetic_set)

    def _targets(self, panel: str, num_classes: int) -> np.ndarray:
        """Centred one-hot labels of a panel's images, (n, K) float32."""
        if panel not in self._panel_targets:
            labels = one_hot(self.store.panels[panel].classes, num_classes)
            self._panel_targets[panel] = regression.centred(labels).astype(np.float32)
        return self._panel_targets[panel]

    def _reference_errors(self, kernel: np.ndarray, solution: Solution) -> tuple[np.ndarray, float]:
        """Return the errors on the reference images, (n, K) float32, and their mean square; kept for the next slot."""
        if self._reference is None or self._reference[0] is not solution:
            alpha = (solution.alpha * KERNEL_SCALE).astype(np.float32)
            errors = (alpha.T @ kernel).T - self._targets("reference", alpha.shape[1])
            loss = float(np.einsum("nk,nk->", errors, errors) / len(errors))
            self._reference = solution, errors, loss
        return self._reference[1:]
