"""The environment's keyword arguments as one checked, JSON-able object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from os import PathLike, fspath
from typing import Any, Literal, get_args

from mps_env.acceptance import ACCEPTANCES
from mps_env.actions import ACTIONS
from mps_env.edits import check_edit_names
from mps_env.keywords import check_keywords
from mps_env.observations import OBSERVATIONS
from mps_env.registry import nearest_names
from mps_env.rewards import REWARDS

SeedSchedule = Literal["episode", "step"]


@dataclass(frozen=True, kw_only=True)
class EnvConfig:
    """What defines a distillation task; the class docstring of `MPSDistillEnv` explains each entry."""

    dataset: str = "digits"  # name or path
    ipc: int = 10  # images per class
    n_images: int | None = None  # total, instead of ipc
    factor: int = 1  # images are kept at 1/factor of each side, factor^2 in the pixels of one
    init: str = "random"  # pool name, or path of a saved set or of a run's folder
    action: str = "edit"  # action family: edit, select, flat, replace, perturb
    observation: str = "set"  # set, slot, features, mosaic
    reward: str = "accuracy"  # accuracy, gain, similarity
    accept: str = "always"  # improve, descend: an edit that lowers the accuracy, raises the loss, is taken back
    proxy: str = "cnn"  # cnn, ridge, mlp, linear, any registered network
    proxy_kwargs: Mapping[str, Any] | None = None  # the proxy's own arguments, e.g. {"epochs": 5}
    val_size: int | None = None  # validation images; None: the smaller of 1,000 and a fifth of the training data
    edits: tuple[str, ...] | None = None  # names in action order; None: all
    pool: str = "real"  # where replacement images come from
    target_accuracy: float | None = None  # fraction at which an episode terminates
    data_dir: str | None = None  # where the data files are; None: MPS_DATA_DIR, then the Keras cache
    seed_schedule: SeedSchedule = "episode"  # step: new random numbers for every score

    def __post_init__(self) -> None:
        self._check_text()
        for name in ("ipc", "n_images", "factor", "val_size"):
            self._check_count(name)
        ACCEPTANCES.get(self.accept)
        self._check_choice("seed_schedule", get_args(SeedSchedule))
        ACTIONS.get(self.action)
        OBSERVATIONS.get(self.observation)
        REWARDS.get(self.reward)
        check_edit_names(self.edits)
        if self.proxy_kwargs is not None and not isinstance(self.proxy_kwargs, Mapping):
            raise TypeError(
                f"proxy_kwargs must be a mapping, got {type(self.proxy_kwargs).__name__}. Write {{'epochs': 10}}."
            )
        target = self.target_accuracy
        if target is not None:
            if not isinstance(target, Real) or isinstance(target, bool) or not 0 < target <= 1:
                raise ValueError(f"target_accuracy must be a fraction in (0, 1], got {target!r}. 95 % is 0.95.")
            object.__setattr__(self, "target_accuracy", float(target))

    @property
    def edit_names(self) -> tuple[str, ...]:
        """The edits in action order."""
        return check_edit_names(self.edits)

    def _check_text(self) -> None:
        for name in ("dataset", "init", "pool", "data_dir"):
            value = getattr(self, name)
            if isinstance(value, PathLike):
                object.__setattr__(self, name, fspath(value))
            elif not (isinstance(value, str) or (name == "data_dir" and value is None)):
                raise TypeError(f"{name} must be a name or a path, got {value!r}. Write {name}='...'.")

    def _check_count(self, name: str) -> None:
        value = getattr(self, name)
        if value is None and name not in ("ipc", "factor"):
            return
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise TypeError(f"{name} must be a whole number, got {value!r}. Use {name}=10, for example.")
        if value < 1:
            raise ValueError(f"{name} must be >= 1, got {value}. Use {name}=1 for the smallest.")
        object.__setattr__(self, name, int(value))

    def _check_choice(self, name: str, allowed: tuple[str, ...]) -> None:
        value = getattr(self, name)
        if value not in allowed:
            hint = nearest_names(value, allowed) if isinstance(value, str) else ""
            raise ValueError(f"unknown {name} {value!r}.{hint} Known: {', '.join(allowed)}.")


def checked_config(kwargs: Mapping[str, Any]) -> EnvConfig:
    """Build a config from an environment's keyword arguments.

    Raises:
        ValueError, TypeError: If a name is unknown or a value is not allowed.
    """
    check_keywords("MPSDistill-v0", EnvConfig, kwargs)
    return EnvConfig(**kwargs)
