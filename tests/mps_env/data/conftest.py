"""Every test of this folder has a cache of its own and sees none of the machine's data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("MPS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    if request.node.get_closest_marker("data") is None:
        monkeypatch.delenv("MPS_DATA_DIR", raising=False)


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """Two classes of five grey 4x3 training images and one test image each."""
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (10, 4, 3), dtype=np.uint8),
        "y_train": np.array([0, 1] * 5, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (2, 4, 3), dtype=np.uint8),
        "y_test": np.array([1, 0], dtype=np.uint8),
    }


@pytest.fixture
def npz(tmp_path: Path, arrays: dict[str, np.ndarray]) -> Path:
    """The arrays in a file."""
    path = tmp_path / "own.npz"
    np.savez_compressed(path, **arrays)
    return path


@pytest.fixture
def data_dir() -> Path:
    """The folder of the real data sets."""
    folder = os.environ.get("MPS_DATA_DIR")
    if not folder:
        pytest.skip("MPS_DATA_DIR is not set: no real data sets to read")
    return Path(folder)
