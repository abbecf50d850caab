"""What we use of Stable-Baselines3, imported without TensorFlow.

SB3's logger imports torch's TensorBoard writer, and through it TensorFlow where that is installed: four seconds and
half a gigabyte that no agent needs. So SB3 is imported without the writer, and gets one that imports itself when
`tensorboard_log` asks for it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

_WRITER_MODULE = "torch.utils.tensorboard"


def _import_without_tensorboard() -> None:
    if "stable_baselines3" in sys.modules or "tensorflow" in sys.modules or _WRITER_MODULE in sys.modules:
        return  # nothing to be saved any more
    sys.modules[_WRITER_MODULE] = None  # type: ignore[assignment] # Python's mark of a module that cannot be imported
    try:
        logger = importlib.import_module("stable_baselines3.common.logger")
        utils = importlib.import_module("stable_baselines3.common.utils")
    finally:
        del sys.modules[_WRITER_MODULE]
    logger.SummaryWriter = utils.SummaryWriter = _summary_writer  # type: ignore[attr-defined]
    logger.hparams = _hparams  # type: ignore[attr-defined]


def _summary_writer(*args: Any, **kwargs: Any) -> Any:
    return importlib.import_module(_WRITER_MODULE).SummaryWriter(*args, **kwargs)


def _hparams(*args: Any, **kwargs: Any) -> Any:
    return importlib.import_module(f"{_WRITER_MODULE}.summary").hparams(*args, **kwargs)


_import_without_tensorboard()

from stable_baselines3.common.callbacks import BaseCallback  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.noise import NormalActionNoise  # noqa: E402
from stable_baselines3.common.utils import set_random_seed  # noqa: E402
from stable_baselines3.common.vec_env import VecEnv, VecMonitor  # noqa: E402

__all__ = ["BaseCallback", "Monitor", "NormalActionNoise", "VecEnv", "VecMonitor", "set_random_seed"]
