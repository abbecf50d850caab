"""A finished run read back from its folder: who made the set, the set, and what it is worth."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import gymnasium as gym

import mps_env  # noqa: F401 (registers the environment)
from agents.base import Agent
from agents.catalogue import agent_file, load_agent
from agents.runs.config import RunConfig
from agents.runs.folder import RunFolder
from mps_env.set_file import load_set
from mps_env.synthetic_set import SyntheticSet


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """What a run's folder holds. Nothing of it is unpickled, but for a Stable-Baselines3 agent when it is asked for.

    Args:
        path: The folder.
        config: All that is needed to repeat the run.
        summary: The figures of `summary.json`.
        synthetic_set: The result.
    """

    path: Path
    config: RunConfig
    summary: dict[str, Any]
    synthetic_set: SyntheticSet

    @cached_property
    def agent(self) -> Agent:
        """The agent, to predict with; read when first asked for. See `load_agent`."""
        return self.load_agent()

    def load_agent(self, env: Any = None) -> Agent:
        """Read the agent.

        The Keras DQN's weights and this package's own agents are arrays and JSON. A Stable-Baselines3 agent is a zip
        that is unpickled, which can run any code, also where a `saved:FILE` carries a copy of one: ask for it only in
        folders from people you trust (a warning is logged).

        Args:
            env: The environment to go on learning in, for example `make_env()`; None to predict only.

        Raises:
            ValueError: If a distiller made the set, which leaves no agent.
            FileNotFoundError: If the file of the agent is missing.
        """
        if self.config.method is not None:
            raise ValueError(
                f"{self.path} is a run of the distiller {self.config.method!r} and holds no agent. Use .synthetic_set."
            )
        return load_agent(agent_file(self.path), env)

    def make_env(self, **changes: Any) -> gym.Env:
        """Make the environment that the run was on.

        Args:
            changes: Arguments that are to be others, such as `data_dir` on another machine.
        """
        kwargs = dataclasses.asdict(self.config.env_of_run) | changes
        limit = self.config.episode_limit
        return gym.make("MPSDistill-v0", max_episode_steps=-1 if limit is None else limit, **kwargs)


def load_run(path: str | Path) -> LoadedRun:
    """Read a finished run's folder, wherever it comes from: `load_run("runs/digits-ipc10-dqn-seed0").agent`.

    Args:
        path: What `mps distill` wrote; the whole folder can be copied and shared.

    Raises:
        FileNotFoundError: If it is no run folder.
        ValueError: If the run is not finished, or a file in it cannot be used.
    """
    folder = RunFolder(Path(path))
    config = folder.read_config()
    if not folder.is_finished:
        raise ValueError(f"{folder.path} is not finished. Finish it with: mps distill --resume {folder.path}")
    return LoadedRun(folder.path, config, folder.read_summary(), load_set(folder.synthetic_set))
