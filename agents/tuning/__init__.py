"""A search over an agent's settings: an Optuna study whose trials are runs, judged on validation data."""

from agents.tuning.config import TuneConfig
from agents.tuning.samplers import SAMPLERS
from agents.tuning.spaces import SEARCH_SPACES, Range, register_search_space
from agents.tuning.study import create_study, run_study, tune

__all__ = [
    "SAMPLERS",
    "SEARCH_SPACES",
    "Range",
    "TuneConfig",
    "create_study",
    "register_search_space",
    "run_study",
    "tune",
]
