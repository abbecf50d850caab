"""A study of a few short runs, whose trials differ in value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agents.tuning import TuneConfig
from mps_env.config import EnvConfig

TINY = EnvConfig(
    proxy="ridge",
    proxy_kwargs={"nets": 1, "width": 8},
    ipc=1,
    observation="features",
    edits=("random_real", "noise", "to_mean"),
)
FIXED = {"learning_starts": 5, "batch_size": 8, "exploration_final_eps": 0.05}


@pytest.fixture(scope="session")
def study_config() -> Callable[..., TuneConfig]:
    """Make a config: `study_config(sampler="gp")`."""

    def make(**changes: Any) -> TuneConfig:
        settings = {"env": TINY, "agent": "sb3_dqn", "agent_kwargs": FIXED, "trials": 6, "steps": 30, "startup": 3}
        return TuneConfig(**{**settings, **changes})

    return make
