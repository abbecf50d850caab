"""Features and kernel columns of images, found again by content key instead of computed twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mps_env.ridge.features import RandomFeatures, pixel_statistics
from mps_env.synthetic_set import image_key

if TYPE_CHECKING:
    from mps_env.data.dataset import Dataset, Split

REFERENCE_SIZE = 512  # training images that influence is measured on
TRAINING_SIZE = 2048  # training images that gradient batches are drawn from
_STATISTICS_SIZE = 2000
_RECENT_SIZE = 256
_FEW = 4  # rows up to which one matrix-vector product after the other is faster than a matrix product


@dataclass(frozen=True, eq=False)
class Panel:
    """Images that sets are measured against.

    Args:
        images: Returns them, (n, H, W, C) float32 in [0, 1].
        classes: (n,) int64.
    """

    images: Callable[[], np.ndarray]
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.classes)


class KernelStore:
    """The bank's features of images, and their kernels with panels of other images.

    Kernels here are integers (see `mps_env.ridge.features`), so a value is the same whether it comes from the
    prepared pool, from the recently seen images or is computed anew. Panels and pool are evaluated when first
    needed. A copy shares the store, a pickle leaves the values out: they are recomputed where they are needed.

    Args:
        bank: The feature map.
        panels: The panels by name.
        pool_images: What to `prepare`.
    """

    def __init__(self, bank: RandomFeatures, panels: dict[str, Panel], pool_images: np.ndarray | None = None) -> None:
        self.bank = bank
        self.panels = panels
        self._pool_images = pool_images
        self._pool_slots: dict[bytes, int] = {}  # by image key
        self._pool: dict[str, np.ndarray] = {}  # features and columns, one row per image
        self._panel_features: dict[str, np.ndarray] = {}
        self._recent: OrderedDict[bytes, dict[str, np.ndarray]] = OrderedDict()

    def prepare(self, images: np.ndarray) -> None:
        """Name the images that are likely to be asked for, (P, H, W, C); they are evaluated in bulk when first
        needed. Replaces what was prepared before."""
        if self._pool_images is images:
            return
        self._pool_images = images
        self._pool_slots = {}
        self._pool.clear()

    def features(self, keys: Sequence[bytes], images: np.ndarray) -> np.ndarray:
        """Return the features of images, (m, F) float32.

        Args:
            keys: `image_key` of each.
            images: (m, H, W, C) float32 in [0, 1].
        """
        return self._rows("features", keys, images)

    def features_of(self, images: np.ndarray) -> np.ndarray:
        """Return the features of images whose keys are not at hand, (m, F) float32."""
        return self.features([image_key(image) for image in images], images)

    def columns(self, panel: str, keys: Sequence[bytes], images: np.ndarray) -> np.ndarray:
        """Return the integer kernels of images with a panel's images, one row per image, (m, n) float32."""
        return self._rows(panel, keys, images)

    def compute_ahead(self, keys: Sequence[bytes], images: np.ndarray) -> None:
        """Compute together the features of images that are about to be asked for one by one.

        Features of pool images are cached already. If more images are new than the cache holds, none is computed.

        Args:
            keys: `image_key` of each.
            images: (m, H, W, C) float32 in [0, 1].
        """
        pool_slots = self._pool_index()
        new = {
            key: position
            for position, key in enumerate(keys)
            if key not in pool_slots and "features" not in self._recent.get(key, ())
        }
        if 1 < len(new) <= _RECENT_SIZE:
            self._computed("features", list(new), images[list(new.values())])

    def panel_features(self, panel: str) -> np.ndarray:
        """Return the features of a panel's images, (n, F) float32; computed once."""
        if panel not in self._panel_features:
            self._panel_features[panel] = self.bank(self.panels[panel].images())
        return self._panel_features[panel]

    def nbytes(self) -> int:
        """Return the bytes held in caches now."""
        arrays = [*self._panel_features.values(), *self._pool.values()]
        arrays += [array for entry in self._recent.values() for array in entry.values()]
        return sum(array.nbytes for array in arrays)

    def _rows(self, kind: str, keys: Sequence[bytes], images: np.ndarray) -> np.ndarray:
        """Return one row per image: its features, or its column of a panel, from wherever it is had cheapest."""
        pool_slots = self._pool_index()
        in_pool = [pool_slots.get(key, -1) for key in keys]
        if in_pool and min(in_pool) >= 0:
            return self._pool_rows(kind)[in_pool]
        found: dict[int, np.ndarray] = {}
        for position, (key, pool_slot) in enumerate(zip(keys, in_pool, strict=True)):
            if pool_slot >= 0:
                found[position] = self._pool_rows(kind)[pool_slot]
            elif kind in self._recent.get(key, ()):
                self._recent.move_to_end(key)
                found[position] = self._recent[key][kind]
        missing = [position for position in range(len(keys)) if position not in found]
        if len(missing) == len(keys):
            return self._computed(kind, list(keys), images)
        rows = np.empty((len(keys), self.bank.size if kind == "features" else len(self.panels[kind])), np.float32)
        for position, row in found.items():
            rows[position] = row
        if missing:
            rows[missing] = self._computed(kind, [keys[position] for position in missing], images[missing])
        return rows

    def _computed(self, kind: str, keys: list[bytes], images: np.ndarray) -> np.ndarray:
        rows = self.bank(images) if kind == "features" else self._products(kind, self.features(keys, images))
        for key, row in zip(keys[-_RECENT_SIZE:], rows[-_RECENT_SIZE:], strict=True):
            self._recent.setdefault(key, {})[kind] = row.copy()  # a view would keep all the rows alive
            self._recent.move_to_end(key)
        while len(self._recent) > _RECENT_SIZE:
            self._recent.popitem(last=False)
        return rows

    def _products(self, panel: str, features: np.ndarray) -> np.ndarray:
        panel_features = self.panel_features(panel)
        if len(features) <= _FEW:
            return np.stack([panel_features @ row for row in features])
        return np.ascontiguousarray((panel_features @ features.T).T)

    def _pool_index(self) -> dict[bytes, int]:
        if not self._pool_slots and self._pool_images is not None:
            self._pool_slots = {image_key(image): slot for slot, image in enumerate(self._pool_images)}
        return self._pool_slots

    def _pool_rows(self, kind: str) -> np.ndarray:
        if kind not in self._pool:
            assert self._pool_images is not None
            if kind == "features":
                self._pool[kind] = self.bank(self._pool_images)
            else:
                self._pool[kind] = self._products(kind, self._pool_rows("features"))
        return self._pool[kind]

    def __deepcopy__(self, memo: dict[int, Any]) -> KernelStore:
        """Share the store: its values are pure functions of the images."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return KernelStore, (self.bank, self.panels, self._pool_images)


def store_for(dataset: Dataset, *, nets: int = 4, width: int = 64, seed: int = 0) -> KernelStore:
    """Return a store for a data set, with the panels `validation`, `reference` and `training`.

    The last two hold training images, balanced by class: nothing that serves edits or observations may look at the
    validation split.

    Args:
        dataset: The data set.
        nets: Random nets of the bank.
        width: Filters a convolution.
        seed: Draws the bank's weights and the training images of the panels.

    Raises:
        ValueError: If `nets` or `width` is not a whole number >= 1.
    """
    train = dataset.train
    mean, std = split_statistics(train)
    bank = RandomFeatures(dataset.image_shape, nets=nets, width=width, seed=seed, mean=mean, std=std)
    order = balanced_order(train.labels, np.random.default_rng([seed, 1]))
    panels = {"validation": Panel(_Images(dataset.validation, None), dataset.validation.labels)}
    for name, size in (("reference", REFERENCE_SIZE), ("training", TRAINING_SIZE)):
        rows = order[:size]
        panels[name] = Panel(_Images(train, rows), train.labels[rows])
    return KernelStore(bank, panels)


def split_statistics(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return `pixel_statistics` of up to 2,000 images spread evenly over a split."""
    sample = np.linspace(0, len(split) - 1, min(_STATISTICS_SIZE, len(split))).astype(np.int64)
    return pixel_statistics(split.take(sample))


def balanced_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a random order of (n,) labels in which every beginning holds the classes as evenly as it can."""
    shuffled = rng.permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    starts = np.searchsorted(labels[by_class], labels[by_class])
    rank_in_class = np.arange(len(labels)) - starts
    return by_class[np.argsort(rank_in_class, kind="stable")]


@dataclass(frozen=True, eq=False)
class _Images:
    """Images of a split, fetched when called: a function that pickles."""

    split: Any
    rows: np.ndarray | None

    def __call__(self) -> np.ndarray:
        return self.split.images if self.rows is None else self.split.take(self.rows)
