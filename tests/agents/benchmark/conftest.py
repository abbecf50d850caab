"""A benchmark of a few tiny runs, and an engine that does them in this process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.benchmark import ENGINES, BenchmarkConfig
from agents.benchmark.engines import Ended, EngineOptions, Event, Started
from agents.benchmark.jobs import Job, do

TINY: dict[str, Any] = {
    "agents": ["random", "greedy"],
    "ipc": 1,
    "seeds": 1,
    "steps": 6,
    "env": {"proxy": "ridge", "proxy_kwargs": {"nets": 1, "width": 8}, "observation": "features"},
    "audit": {"network": "linear", "seeds": 1, "steps": 5},
}


class InlineEngine:
    """Does jobs one after the other in this process."""

    def __init__(self, options: EngineOptions) -> None:
        pass

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        for job in jobs:
            yield Started(job.id)
            yield Ended(job.id, do(job))


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an engine that starts no process."""
    monkeypatch.setitem(ENGINES._entries, "inline", InlineEngine)
    return "inline"


@pytest.fixture
def tiny() -> Callable[..., BenchmarkConfig]:
    """Make a config of one or two runs: `tiny(seeds=2)`."""
    return lambda **changes: BenchmarkConfig.from_values({**TINY, **changes})


@pytest.fixture
def dying_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any]]:
    """Make a proxy that kills its process at the tenth score, once it has been told to, and only once.

    It is a module on the path, so that spawned processes and Ray's workers find it.
    """
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "mps_dying_proxy.py").write_text(_DYING_PROXY)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"), prepend=":")
    monkeypatch.setenv("MPS_TEST_DEATH", str(tmp_path / "death"))

    def arm() -> dict[str, Any]:
        (tmp_path / "death").write_text("due")
        return {"proxy": "mps_dying_proxy:DyingProxy", "proxy_kwargs": {"nets": 1, "width": 8}}

    return arm


_DYING_PROXY = """
import os
import signal
from pathlib import Path

from mps_env.proxies.ridge import RidgeProxy


class DyingProxy(RidgeProxy):
    scores = 0

    def score(self, episode, synthetic_set):
        self.scores += 1
        due = Path(os.environ["MPS_TEST_DEATH"])
        if self.scores == 10 and due.exists():
            due.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(episode, synthetic_set)
"""
