"""What is known of each Stable-Baselines3 algorithm: where it lives, its policies, and sizes that suit short runs.

A run here is some 500 to 5,000 costly steps of noisy reward, so networks and batches are small, learning starts
early, and the discount is the Keras DQN's. Every setting can be overridden by name in `make_agent`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mps_env.registry import import_object

IMAGE, DICT, VECTOR = "image", "dict", "vector"

_FEEDFORWARD = {IMAGE: "CnnPolicy", DICT: "MultiInputPolicy", VECTOR: "MlpPolicy"}
_RECURRENT = {IMAGE: "CnnLstmPolicy", DICT: "MultiInputLstmPolicy", VECTOR: "MlpLstmPolicy"}
_NETWORK = {"net_arch": [64, 64]}
_SMALL_CNN = {"features_extractor_kwargs": {"features_dim": 128}}
EXTRACTORS = {"CnnPolicy": _SMALL_CNN, "CnnLstmPolicy": _SMALL_CNN}  # policy arguments, by policy


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """One row of the table.

    Args:
        home: `"module:Class"`.
        settings: Arguments of its constructor; a number as `action_noise` is the deviation of Gaussian noise.
        policies: Policy name by kind of observation; a kind that is missing is flattened to a vector.
        policy_kwargs: Arguments of the policy.
        has_replay_buffer: Whether it is off-policy; then its buffer is bounded in bytes and saved as arrays.
        needs_masks: Whether the environment must offer `action_masks()`.
        is_contrib: Whether it comes with sb3-contrib, which is optional.
    """

    home: str
    settings: Mapping[str, Any]
    policies: Mapping[str, str] = field(default_factory=lambda: _FEEDFORWARD)
    policy_kwargs: Mapping[str, Any] = field(default_factory=lambda: _NETWORK)
    has_replay_buffer: bool = False
    needs_masks: bool = False
    is_contrib: bool = False

    def load_class(self) -> Any:
        """Import the algorithm's class.

        Raises:
            ModuleNotFoundError: If its package is not installed, with the command that installs it.
        """
        if self.is_contrib and importlib.util.find_spec("sb3_contrib") is None:
            name = self.home.rpartition(":")[2]
            raise ModuleNotFoundError(
                f'{name} needs sb3-contrib, which is not installed. Run: pip install "mps-distill[contrib]"'
            )
        return import_object(self.home)


_OFF_POLICY = {"learning_rate": 1e-3, "buffer_size": 10_000, "learning_starts": 100, "batch_size": 64, "gamma": 0.95}
_DETERMINISTIC = {**_OFF_POLICY, "action_noise": 0.2}  # explore where the policy itself does not
_VALUES = {
    **_OFF_POLICY,
    "batch_size": 32,
    "train_freq": 1,
    "target_update_interval": 100,
    "exploration_fraction": 0.3,
    "exploration_final_eps": 0.05,
}
_ON_POLICY = {"learning_rate": 1e-3, "n_steps": 128, "batch_size": 64, "gamma": 0.95}
_PPO = {**_ON_POLICY, "ent_coef": 0.01}

ALGORITHMS: dict[str, Algorithm] = {
    "sb3_dqn": Algorithm(home="stable_baselines3:DQN", settings=_VALUES, has_replay_buffer=True),
    "ppo": Algorithm(home="stable_baselines3:PPO", settings=_PPO),
    "a2c": Algorithm(home="stable_baselines3:A2C", settings={"learning_rate": 1e-3, "n_steps": 8, "gamma": 0.95}),
    "sac": Algorithm(home="stable_baselines3:SAC", settings=_OFF_POLICY, has_replay_buffer=True),
    "td3": Algorithm(home="stable_baselines3:TD3", settings=_DETERMINISTIC, has_replay_buffer=True),
    "ddpg": Algorithm(home="stable_baselines3:DDPG", settings=_DETERMINISTIC, has_replay_buffer=True),
    "maskable_ppo": Algorithm(home="sb3_contrib:MaskablePPO", settings=_PPO, needs_masks=True, is_contrib=True),
    "qrdqn": Algorithm(
        home="sb3_contrib:QRDQN",
        settings=_VALUES,
        policy_kwargs={**_NETWORK, "n_quantiles": 50},
        has_replay_buffer=True,
        is_contrib=True,
    ),
    "tqc": Algorithm(home="sb3_contrib:TQC", settings=_OFF_POLICY, has_replay_buffer=True, is_contrib=True),
    "trpo": Algorithm(home="sb3_contrib:TRPO", settings={**_ON_POLICY, "batch_size": 128}, is_contrib=True),
    "recurrent_ppo": Algorithm(
        home="sb3_contrib:RecurrentPPO",
        settings=_PPO,
        policies=_RECURRENT,
        policy_kwargs={**_NETWORK, "lstm_hidden_size": 64},
        is_contrib=True,
    ),
    "crossq": Algorithm(
        home="sb3_contrib:CrossQ",
        settings=_OFF_POLICY,
        policies={VECTOR: "MlpPolicy"},
        has_replay_buffer=True,
        is_contrib=True,
    ),
    # One pair of directions an update: each costs two whole episodes.
    "ars": Algorithm(
        home="agents.sb3.ars:SteppedARS",
        settings={"n_delta": 1, "n_top": 1, "learning_rate": 0.02, "delta_std": 0.05},
        policies={VECTOR: "LinearPolicy"},
        policy_kwargs={},
        is_contrib=True,
    ),
}
