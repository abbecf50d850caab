from __future__ import annotations

from typing import Any

import pytest

from agents.dqn.config import DQNConfig


def test_the_defaults_are_the_familys() -> None:
    config = DQNConfig()
    assert (config.hidden, config.gamma, config.batch_size, config.learning_rate) == ((24, 24), 0.95, 32, 1e-3)
    assert (config.epsilon_start, config.epsilon_end, config.epsilon_decay) == (1.0, 0.01, 0.995)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"head": "sigmoid"}, "head must be one of linear, softmax, got 'sigmoid'"),
        ({"gamma": 1.0}, r"gamma must be in \[0, 1\), got 1.0"),
        ({"batch_size": 0}, "batch_size must be a whole number >= 1, got 0"),
        ({"memory_size": 8}, r"memory_size must be >= batch_size \(32\), got 8"),
        ({"head": "softmax", "normalize": True}, "normalize=True needs head='linear'"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DQNConfig(**settings)


def test_only_the_linear_head_normalises() -> None:
    assert DQNConfig().normalizes
    assert not DQNConfig(head="softmax").normalizes
