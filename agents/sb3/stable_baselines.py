"""What we use of Stable-Baselines3, imported without TensorFlow.

SB3's logger imports torch's TensorBoard writer, and TensorBoard imports TensorFlow where it is installed: four
seconds and half a gigabyte that no agent here uses. TensorBoard's own switch against that is a module called
`notf`; it is there during this import only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_SWITCH = "tensorboard.compat.notf"


@contextmanager
def _tensorboard_without_tensorflow() -> Iterator[None]:
    if "tensorflow" in sys.modules or _SWITCH in sys.modules:
        yield
        return
    sys.modules[_SWITCH] = ModuleType(_SWITCH)
    try:
        yield
    finally:
        del sys.modules[_SWITCH]


with _tensorboard_without_tensorflow():
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.noise import NormalActionNoise

__all__ = ["BaseCallback", "Monitor", "NormalActionNoise"]
