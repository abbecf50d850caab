"""What the tests of the GAN share: small settings, a small data set, and a cache of their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mps_env.data import Dataset, Split
from mps_env.gan import GanConfig, store

SMALL = GanConfig(latent=4, generator_widths=(8,), discriminator_widths=(8,), epochs=2)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start with nothing in memory and on disk; return the folder of the generators."""
    monkeypatch.setenv("MPS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "_in_memory", OrderedDict())
    return tmp_path / "cache" / "gans"


@pytest.fixture
def make_dataset() -> Callable[..., Dataset]:
    """Make a data set of 4x4 images: `per_class` training images of each class, then the validation images."""

    def make(per_class: tuple[int, ...] = (12, 9), *, seed: int = 0, validation_value: int = 7) -> Dataset:
        labels = np.append(np.repeat(np.arange(len(per_class)), per_class), [0, 1])
        source = np.random.default_rng(seed).integers(0, 256, (len(labels), 4, 4, 1), dtype=np.uint8)
        source[-2:] = validation_value
        rows = np.arange(len(labels))
        return Dataset(
            name="tiny",
            train=Split(source, rows[:-2], labels[:-2]),
            validation=Split(source, rows[-2:], labels[-2:]),
            class_names=tuple("abcdefgh"[: len(per_class)]),
        )

    return make
