"""What the zoo's modules have in common: the task, shared settings, and the tuned values laid over them all.

The settings are those of `agents.sb3.table`, which this package may not import; a test holds them together.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from mps_env.config import EnvConfig

ENV_ID = "MPSDistill-v0"
TUNED_FILE = Path(__file__).with_name("tuned.json")
_STEPS = 20_000

_SMALL = {"learning_rate": 1e-3, "gamma": 0.95, "policy_kwargs": {"net_arch": [64, 64]}}
ROLLOUTS: dict[str, Any] = {**_SMALL, "n_steps": 128}
"""Of algorithms that learn from whole rollouts."""
REPLAY: dict[str, Any] = {**_SMALL, "buffer_size": 10_000, "learning_starts": 100, "batch_size": 64}
"""Of algorithms with a replay memory."""
VALUES: dict[str, Any] = {
    **REPLAY,
    "batch_size": 32,
    "train_freq": 1,
    "target_update_interval": 100,
    "exploration_fraction": 0.3,
    "exploration_final_eps": 0.05,
}
"""Of those that learn the values of actions."""


def task_of(action: str = "edit") -> dict[str, Any]:
    """Return the environment's arguments: digits, steps of under a millisecond, rewards that add up to what was gained.

    Without the edit `stop`, which an agent that explores would take every twenty steps or so.

    Args:
        action: The action family; `perturb` for algorithms that need a continuous one.
    """
    task: dict[str, Any] = {"proxy": "ridge", "observation": "features", "reward": "gain", "action": action}
    if action == "edit":
        task["edits"] = [name for name in EnvConfig().edit_names if name != "stop"]
    return task


def hyperparams_of(algorithm: str, *, action: str = "edit", **settings: Any) -> dict[str, dict[str, Any]]:
    """Return an rl_zoo3 config of one algorithm.

    Args:
        algorithm: As rl_zoo3 calls it.
        action: The action family of the task.
        settings: The algorithm's own, as rl_zoo3 takes them; a tuned value takes the place of one of them.
    """
    task = task_of(action)
    found = {
        "n_timesteps": _STEPS,
        "policy": "MlpPolicy",
        "env_kwargs": task,
        "env_wrapper": [{"mps_env.zoo.environment.on_task": deepcopy(task)}],
        **deepcopy(settings),
        **tuned_values().get(algorithm, {}),
    }
    return {ENV_ID: found}


def tuned_values() -> dict[str, dict[str, float]]:
    """Return what studies have found, by algorithm; `examples/results/zoo` holds the studies."""
    return json.loads(TUNED_FILE.read_text())
