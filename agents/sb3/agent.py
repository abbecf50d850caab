"""`SB3Agent`: a Stable-Baselines3 algorithm with this package's interface, exact step counts and array files."""

from __future__ import annotations

import logging
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import torch

from agents.archive import COMPRESSION, DOCUMENT, add_to_archive, read_archive, with_suffix
from agents.base import Agent
from agents.callbacks import Callback, CallbackList, as_callback_list, progress
from agents.encoding import ObservationEncoder
from agents.sb3.observations import VectorObservation, readable
from agents.sb3.random_state import RandomState
from agents.sb3.replay_arrays import buffer_to_arrays, restore_buffer
from agents.sb3.stable_baselines import BaseCallback, Monitor, set_random_seed
from agents.sb3.table import ALGORITHMS
from agents.single_env import episode_seed
from agents.spaces import space_from_json, space_to_json

FORMAT_VERSION = 1
_OURS = "mps/"  # what we add to SB3's zip goes by this prefix
_log = logging.getLogger(__name__)


class SB3Agent(Agent):
    """Wraps a Stable-Baselines3 model; made by `agents.sb3.making`, read back by `load_sb3_agent`.

    Args:
        name: The algorithm's name in the table.
        model: The SB3 model, reachable as `agent.model`.
        random_state: The random state it goes on from.
        observation_space: What the environment shows.
        is_flattened: Whether the model sees it as a vector.
        seed: As given to the model.
    """

    saves_pickles: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        model: Any,
        random_state: RandomState,
        *,
        observation_space: gym.Space,
        is_flattened: bool,
        seed: int,
    ) -> None:
        self.name = self.algorithm = name  # the name may become another one, that of an entry in the catalogue
        self.model, self.seed = model, seed
        self.observation_space, self.action_space = observation_space, model.action_space
        self._random = random_state
        self._encoder = ObservationEncoder(observation_space) if is_flattened else None

    @property
    def env(self) -> Any:
        """The model's `VecEnv`."""
        return self.model.get_env()

    @property
    def num_timesteps(self) -> int:  # type: ignore[override]
        """Environment steps so far."""
        return int(self.model.num_timesteps)

    @property
    def logger(self) -> Any:
        """SB3's own logger."""
        return self.model.logger

    def learn(
        self,
        total_timesteps: int,
        callback: Callback = None,
        progress_bar: bool = False,
        *,
        reset_num_timesteps: bool = True,
    ) -> SB3Agent:
        """Learn for exactly `total_timesteps` steps; see `Agent.learn`.

        A `VecEnv` of n takes n steps at a time, which rounds the number up to a multiple of n. An on-policy algorithm
        may then end within a rollout, whose steps are spent but not learned from.
        """
        if self.model.get_env() is None:
            raise ValueError("the agent was loaded without an environment. Load it with env=... to learn.")
        last = total_timesteps + (0 if reset_num_timesteps else self.num_timesteps)
        with progress(total_timesteps, shown=progress_bar, label=self.name) as advance, self._in_force():
            run = _Run(as_callback_list(callback), last, advance)
            self.model.learn(total_timesteps, callback=run, reset_num_timesteps=reset_num_timesteps)
        if run.was_cut:
            # SB3 takes note of the new observation only after the callback: without this, learning on would
            # begin from the one before.
            self.model._last_obs = None
        return self

    def note_spent(self, share: float) -> None:
        """As `Agent.note_spent`: SB3's schedules go by the share of all steps that are done."""
        self.model._total_timesteps = max(self.num_timesteps, round(self.num_timesteps / share))

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: np.ndarray | None = None,
        deterministic: bool = False,
        *,
        action_masks: np.ndarray | None = None,
    ) -> tuple[Any, Any]:
        """As SB3's `predict`; only `maskable_ppo` heeds `action_masks`."""
        if self._encoder is not None:
            observation = self._encoder.encode_any(observation)
        masks = {"action_masks": action_masks} if ALGORITHMS[self.algorithm].needs_masks else {}
        with self._in_force():
            return self.model.predict(
                observation, state=state, episode_start=episode_start, deterministic=deterministic, **masks
            )

    def reseed(self, seed: int) -> None:
        """As `Agent.reseed`; SB3 learns and predicts by the same random numbers."""
        with self._random.active():
            set_random_seed(seed)
        self.model.action_space.seed(seed)

    def is_finite(self) -> bool:
        """As `Agent.is_finite`."""
        return all(bool(torch.isfinite(one).all()) for one in self.model.policy.parameters())

    def save(self, path: str | Path, *, with_memory: bool = True) -> Path:
        """Write SB3's zip, with the replay buffer and the random state added as arrays.

        `SB3.load` reads it, too. Saved between two rollouts (a callback's `on_rollout_start`), the agent goes on
        exactly as this one; SB3 has no such point within a rollout.
        """
        path = with_suffix(path, ".zip")
        document = {
            "agent": self.name,
            "algorithm": self.algorithm,
            "format": FORMAT_VERSION,
            "seed": self.seed,
            "observation_space": space_to_json(self.observation_space),
            "is_flattened": self._encoder is not None,
            "action_rng": dict(self.model.action_space.np_random.bit_generator.state),
        }
        arrays = {f"random/{key}": value for key, value in self._random.to_arrays().items()}
        if with_memory and ALGORITHMS[self.algorithm].has_replay_buffer:
            arrays |= {f"buffer/{key}": value for key, value in buffer_to_arrays(self.model.replay_buffer).items()}
        lstm_states = getattr(self.model, "_last_lstm_states", None)
        if lstm_states is not None:
            arrays |= {f"lstm/{i}": one.numpy() for i, one in enumerate((*lstm_states.pi, *lstm_states.vf))}
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            partial = Path(folder) / "agent.zip"
            self.model.save(partial)
            with zipfile.ZipFile(partial, "a", **COMPRESSION) as archive:
                add_to_archive(archive, document, arrays, prefix=_OURS)
            os.replace(partial, path)
        return path

    @classmethod
    def load(cls, path: str | Path, env: Any = None, *, force_reset: bool = True) -> SB3Agent:
        """As `load_sb3_agent`; the file says which algorithm it holds."""
        return load_sb3_agent(path, env, force_reset=force_reset)

    @contextmanager
    def _in_force(self) -> Iterator[None]:
        """The agent's own random state, and one thread: on networks this small several only wait for each other."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with self._random.active():
                yield
        finally:
            torch.set_num_threads(threads)


class _Run(BaseCallback):
    """The one callback that SB3 sees: passes everything on, moves the progress bar, and counts the steps."""

    def __init__(self, callbacks: CallbackList, last: int, advance: Any) -> None:
        super().__init__()
        self.callbacks, self.last, self.advance = callbacks, last, advance
        self.was_cut = False

    def _on_training_start(self) -> None:
        self.callbacks.start(self.model, self.locals)

    def _on_rollout_start(self) -> None:
        self.callbacks.rollout_start()

    def _on_step(self) -> bool:
        self.advance(self.training_env.num_envs)
        go_on = self.callbacks.step(self.locals)
        # Off-policy algorithms end by themselves, once they have stored and learned from the last step.
        is_over = self.num_timesteps >= self.last and not hasattr(self.model, "replay_buffer")
        self.was_cut = self.was_cut or not go_on or is_over
        return go_on and not is_over

    def _on_rollout_end(self) -> None:
        self.callbacks.rollout_end()

    def _on_training_end(self) -> None:
        self.callbacks.end()


def load_sb3_agent(path: str | Path, env: Any = None, *, force_reset: bool = True, name: str | None = None) -> SB3Agent:
    """Read an SB3 zip. This unpickles it, which can run any code: open only files you trust (a warning is logged).

    Args:
        path: What `SB3Agent.save` or SB3's own `save` wrote.
        env: The environment to go on in; None to predict only.
        force_reset: As in `Agent.load`.
        name: The algorithm's name, needed only for SB3's own files.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If its spaces differ from the environment's.
    """
    path = Path(path)
    document, arrays = _read_additions(path, name)
    name = document["algorithm"]
    _log.warning("%s is a Stable-Baselines3 file and is unpickled: open only files from people you trust.", path)
    row = ALGORITHMS[name]
    seen = None if env is None else readable(env, row.policies)[0]
    random_state = RandomState()
    with random_state.active():
        model = row.load_class().load(path, env=seen, device="cpu", force_reset=force_reset)
    described = document.get("observation_space")
    observation_space = space_from_json(described) if described else (env or model).observation_space
    agent = SB3Agent(
        name,
        model,
        random_state,
        observation_space=observation_space,
        is_flattened=document.get("is_flattened", isinstance(seen, VectorObservation)),
        seed=document.get("seed", model.seed or 0),
    )
    _restore(agent, document, arrays)
    if env is not None and model.num_timesteps:
        _continue_env(agent, force_reset)
    return agent


def _read_additions(path: Path, name: str | None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `SB3Agent.save` added to the zip; only the name where SB3 wrote it by itself."""
    try:
        with zipfile.ZipFile(path) as archive:
            is_ours = DOCUMENT in archive.namelist()
    except zipfile.BadZipFile:
        raise ValueError(f"{str(path)!r} is not a Stable-Baselines3 zip. Give a file written by `save`.") from None
    if is_ours:
        return read_archive(path, _OURS)
    if name not in ALGORITHMS:
        raise ValueError(
            f"{str(path)!r} does not say which algorithm it holds. Give name=..., one of {', '.join(ALGORITHMS)}."
        )
    return {"algorithm": name}, {}


def _restore(agent: SB3Agent, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    model = agent.model
    groups: dict[str, dict[str, np.ndarray]] = {}
    for key, value in arrays.items():
        group, _, rest = key.partition("/")
        groups.setdefault(group, {})[rest] = value
    if "random" in groups:
        agent._random.restore(groups["random"])
    if "buffer" in groups:
        restore_buffer(model.replay_buffer, groups["buffer"])
    if "action_rng" in document:
        model.action_space.np_random.bit_generator.state = document["action_rng"]
    if "lstm" in groups:
        states = [torch.from_numpy(groups["lstm"][str(i)]) for i in range(4)]
        kind = type(model._last_lstm_states)
        model._last_lstm_states = kind((states[0], states[1]), (states[2], states[3]))


def _continue_env(agent: SB3Agent, force_reset: bool) -> None:
    """Give the next episode a seed of its own, or let a restored environment go on without a reset."""
    env = agent.model.get_env()
    if force_reset:
        env.seed(episode_seed(agent.seed, agent.num_timesteps))
        return
    for one in getattr(env.unwrapped, "envs", []):
        while isinstance(one, gym.Wrapper):
            if isinstance(one, Monitor):
                one.needs_reset = False  # SB3's new Monitor has not seen the reset
            one = one.env
