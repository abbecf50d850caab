"""What several test files share: a small, fast environment, and where the real data is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import pytest

import mps_env  # noqa: F401 (registers the environment)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A score in a fraction of a millisecond: what is tested is the environment, not the proxy.
SMALL_RIDGE: dict[str, Any] = {"proxy": "ridge", "proxy_kwargs": {"nets": 1, "width": 8}, "ipc": 2}


@pytest.fixture(autouse=True, scope="session")
def private_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what the tests decompress out of the user's cache folder, also in the processes they start."""
    os.environ["MPS_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def make_env() -> Callable[..., gym.Env]:
    """Make MPSDistill-v0 on digits with a small ridge proxy and 20 images, unless told otherwise."""

    def make(**kwargs: Any) -> gym.Env:
        return gym.make("MPSDistill-v0", **{**SMALL_RIDGE, **kwargs})

    return make


@pytest.fixture(scope="session")
def data_dir() -> str:
    """The folder of the real data sets."""
    folder = os.environ.get("MPS_DATA_DIR")
    if not folder or not os.path.isfile(os.path.join(folder, "mnist.npz")):
        pytest.skip("needs the real data sets: set MPS_DATA_DIR to a folder with mnist.npz")
    return folder
