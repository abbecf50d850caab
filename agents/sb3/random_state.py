"""The global random generators that Stable-Baselines3 draws from, kept as if they were an agent's own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


class RandomState:
    """States of Python's, NumPy's and torch's global generators that are in force only inside `active()`.

    So two agents in one process do not disturb each other or their caller, and an agent can be saved with the
    state it will go on from.
    """

    def __init__(self) -> None:
        self._state = _read()
        self._is_active = False

    @contextmanager
    def active(self) -> Iterator[None]:
        """Put this state in force for the block, then the caller's back."""
        callers = _read()
        _write(self._state)
        self._is_active = True
        try:
            yield
        finally:
            self._state = _read()
            self._is_active = False
            _write(callers)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the state as it is now, inside `active()` as well as outside."""
        state = _read() if self._is_active else self._state
        python, (_, keys, position, has_gauss, gauss), torch_state = state
        return {
            "python": np.array(python[1], np.uint64),
            "numpy": keys,
            "numpy_position": np.array([position, has_gauss], np.int64),
            "numpy_gauss": np.array(gauss, np.float64),
            "torch": torch_state.numpy(),
        }

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `to_arrays` gave."""
        position, has_gauss = arrays["numpy_position"].tolist()
        self._state = (
            (3, tuple(arrays["python"].tolist()), None),
            ("MT19937", arrays["numpy"], position, has_gauss, float(arrays["numpy_gauss"])),
            torch.from_numpy(arrays["torch"].copy()),
        )


def _read() -> tuple[Any, Any, torch.Tensor]:
    return random.getstate(), np.random.get_state(), torch.get_rng_state()


def _write(state: tuple[Any, Any, torch.Tensor]) -> None:
    random.setstate(state[0])
    np.random.set_state(state[1])
    torch.set_rng_state(state[2])
