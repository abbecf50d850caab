"""What an agent did in a run, step by step: `trajectory.npz`, by which a run can be replayed and watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from agents.policies.edit_actions import edit_actions_of
from agents.runs.record import Record
from mps_env.atomic import atomic_write
from mps_env.env import MPSDistillEnv
from mps_env.npz import DAMAGE
from mps_env.synthetic_set import SyntheticSet

MOST_IMAGES = 2_000
_STEP = np.dtype(
    [
        ("reward", np.float64),
        ("resets", np.int64),
        ("val_accuracy", np.float32),
        ("slot", np.int64),
        ("edit", np.int64),
        ("accepted", np.bool_),
    ]
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trajectory:
    """T steps of an agent.

    Args:
        actions: (T, ...) as given to the environment.
        rewards: (T,) float64.
        resets: (T,) int64, how many resets came directly before the step.
        val_accuracy: (T,) float32, after the step.
        slots: (T,) int64, where the action was applied.
        edits: (T,) int64, index into `edit_names`.
        edit_names: (E,) str; of an action family that names no edits, the family's own word alone.
        accepted: (T,) bool, whether the edit stood.
        images: (F, H, W, C) uint8, the slot's image after each of the first F = min(T, 2000) steps.
        initial_images: (N, H, W, C) uint8, of the set that every episode starts from.
        initial_classes: (N,) int64, its classes.
    """

    actions: np.ndarray
    rewards: np.ndarray
    resets: np.ndarray
    val_accuracy: np.ndarray
    slots: np.ndarray
    edits: np.ndarray
    edit_names: np.ndarray
    accepted: np.ndarray
    images: np.ndarray
    initial_images: np.ndarray
    initial_classes: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """(T,) bool: whether an episode begins with the step."""
        return self.resets > 0

    def save(self, path: Path) -> None:
        """Write all arrays, and `starts`, to an `.npz`; it appears whole or not at all."""
        with atomic_write(path) as file:
            np.savez_compressed(file, starts=self.starts, **vars(self))


def load_trajectory(path: Path) -> Trajectory:
    """Read a trajectory, without pickle.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it lacks an array, or cannot be read.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return Trajectory(**{field.name: archive[field.name] for field in fields(Trajectory)})
    except FileNotFoundError:
        raise
    except DAMAGE as error:
        raise ValueError(f"{path} is no usable trajectory ({error}). Do the run anew.") from None


class TrajectoryRecorder:
    """Keeps what an agent does; a step costs a copy of one image, and after `MOST_IMAGES` steps not even that.

    A run that is taken up again goes through the same steps anew, so that nothing need be kept on disk meanwhile.
    """

    def __init__(self) -> None:
        self._resets = 0
        self._actions: list[np.ndarray] = []
        self._steps: list[tuple[float, ...]] = []
        self._images: list[np.ndarray] = []

    def on_record(self, record: Record) -> None:
        if record.action is None:
            self._resets += 1
            return
        values = record.values
        self._actions.append(np.array(record.action))
        slot = int(values["slot"])
        self._steps.append(
            (values["reward"], self._resets, record.score.accuracy, slot, values["edit"], values["accepted"])
        )
        if len(self._images) < MOST_IMAGES:
            self._images.append(_to_uint8(record.synthetic_set.images[slot]))
        self._resets = 0

    def trajectory(self, env: MPSDistillEnv, initial: SyntheticSet) -> Trajectory:
        """Return the steps so far.

        Args:
            env: Where they were taken.
            initial: The set that every episode started from.
        """
        steps = np.array(self._steps, _STEP)
        names_edits = edit_actions_of(env) is not None
        return Trajectory(
            actions=np.array(self._actions),
            rewards=steps["reward"].copy(),
            resets=steps["resets"].copy(),
            val_accuracy=steps["val_accuracy"].copy(),
            slots=steps["slot"].copy(),
            edits=steps["edit"].copy() if names_edits else np.zeros(len(steps), np.int64),
            edit_names=np.array(env.edit_names if names_edits else [env.task.config.action], np.str_),
            accepted=steps["accepted"].copy(),
            images=_stacked(self._images, initial),
            initial_images=_to_uint8(initial.images),
            initial_classes=initial.classes.astype(np.int64),
        )


def _to_uint8(images: Any) -> np.ndarray:
    return np.rint(images * 255).astype(np.uint8)


def _stacked(images: Sequence[np.ndarray], initial: SyntheticSet) -> np.ndarray:
    return np.stack(images) if images else np.empty((0, *initial.image_shape), np.uint8)
