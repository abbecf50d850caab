"""What of each agent a study searches over: ranges of its settings, by the agent's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.catalogue import find_agent
from agents.dqn.config import DQNConfig
from agents.sb3.table import ALGORITHMS
from mps_env.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Range:
    """The values that a setting may take.

    Args:
        low: The lowest.
        high: The highest.
        default: What the agent has where nobody sets it; a study's first trial.
        is_log: Whether the search is uniform in the logarithm.
    """

    low: float
    high: float
    default: float
    is_log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.is_log and self.low <= 0):
            allowed = "0 < low < high" if self.is_log else "low < high"
            raise ValueError(f"a range needs {allowed}, got {self.low} and {self.high}. Give other limits.")
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default must be in [{self.low}, {self.high}], got {self.default}. Widen the range.")


SearchSpace = Mapping[str, Range]

SEARCH_SPACES: Registry[SearchSpace] = Registry("search space")
register_search_space = SEARCH_SPACES.register


def search_space(agent: str) -> SearchSpace:
    """Return the ranges of an agent's settings by name.

    Raises:
        ValueError: If there is no such agent, or it has no search space.
    """
    find_agent(agent)
    if agent not in SEARCH_SPACES:
        raise ValueError(
            f"agent {agent!r} has no search space. Agents that have one: {SEARCH_SPACES.listing()};"
            " give another one its own with register_search_space."
        )
    return SEARCH_SPACES.get(agent)


def _learning_rate(default: float) -> Range:
    return Range(low=1e-4, high=1e-2, default=default, is_log=True)


# Beside the learning rate, each agent's search covers how much it explores.
#
# A DQN's epsilon decays by a factor d at every replay, and so comes from 1 to e in ln(e) / ln(d) of them. SB3's falls
# along a line to `exploration_final_eps` within a fraction of the steps: d in [0.95, 0.999] with e = 0.05 takes 58 to
# 2,994 steps, which of a run of 1,000 steps is a fraction of 0.06 and up.
_EPSILON = {
    "exploration_fraction": Range(low=0.05, high=1.0, default=0.3),
    "exploration_final_eps": Range(low=0.01, high=0.2, default=0.05),
}
_NOISE = {"action_noise": Range(low=0.05, high=0.8, default=0.2, is_log=True)}
_ENTROPY = {"ent_coef": Range(low=1e-4, high=0.1, default=0.01, is_log=True)}
# SB3's A2C has no entropy bonus, which a logarithm cannot reach.
_ENTROPY_FROM_ZERO = {"ent_coef": Range(low=0.0, high=0.1, default=0.0)}
# The entropy that SAC's family explores with adapts by itself; how fast the critic's target follows does not.
_TAU = {"tau": Range(low=1e-3, high=0.1, default=0.005, is_log=True)}
_TRUST_REGION = {"target_kl": Range(low=1e-3, high=0.1, default=0.01, is_log=True)}

register_search_space(
    "dqn",
    {
        "learning_rate": _learning_rate(DQNConfig.learning_rate),
        "epsilon_decay": Range(low=0.95, high=0.999, default=DQNConfig.epsilon_decay),
    },
)
for _name, _exploration in {
    "sb3_dqn": _EPSILON,
    "ppo": _ENTROPY,
    "a2c": _ENTROPY_FROM_ZERO,
    "sac": _TAU,
    "td3": _NOISE,
    "ddpg": _NOISE,
    "maskable_ppo": _ENTROPY,
    "qrdqn": _EPSILON,
    "tqc": _TAU,
    "trpo": _TRUST_REGION,
    "recurrent_ppo": _ENTROPY,
    "crossq": {},
}.items():
    _rate = _learning_rate(ALGORITHMS[_name].settings["learning_rate"])
    register_search_space(_name, {"learning_rate": _rate, **_exploration})
register_search_space(
    "ars",
    {
        "learning_rate": Range(low=1e-3, high=0.1, default=ALGORITHMS["ars"].settings["learning_rate"], is_log=True),
        "delta_std": Range(low=0.01, high=0.2, default=ALGORITHMS["ars"].settings["delta_std"], is_log=True),
    },
)
