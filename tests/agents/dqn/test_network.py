from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.dqn.config import DQNConfig
from agents.dqn.network import QNetwork
from agents.dqn.value_scale import ValueScale
from agents.replay import Transitions


def linear_network(**settings: Any) -> QNetwork:
    """Q(s, a) = s[a] for two numbers and two actions; the lagging copy says 10 s[a] with the actions swapped."""
    network = QNetwork(2, 2, DQNConfig(hidden=(), normalize=False, **settings), seed=0)
    network.online.set_weights([np.eye(2), np.zeros(2)])
    network.target.set_weights([10 * np.eye(2)[::-1], np.zeros(2)])
    return network


def one_transition(*, terminated: bool = False, next_mask: tuple[int, int] = (1, 1)) -> Transitions:
    return Transitions(
        observations=np.array([[1.0, 2.0]], np.float32),
        actions=np.array([0], np.int32),
        rewards=np.array([0.5], np.float32),
        next_observations=np.array([[3.0, 4.0]], np.float32),
        terminated=np.array([terminated]),
        next_masks=np.array([next_mask], bool),
        last_rewards=np.array([np.nan], np.float32),
    )


def expected_loss(next_value: float) -> float:
    """Half the squared error of the one action taken: the other output is its own target."""
    return (0.5 + 0.95 * next_value - 1.0) ** 2 / 2


@pytest.mark.parametrize(
    ("settings", "transition", "next_value"),
    [
        # The network's best next action is 1 (4 > 3); the copy values the actions (40, 30).
        ({}, {}, 30.0),
        ({"double": False}, {}, 40.0),
        ({"target_network": False}, {}, 4.0),
        ({}, {"next_mask": (1, 0)}, 40.0),
        ({"mask_actions": False}, {"next_mask": (1, 0)}, 30.0),
        ({}, {"terminated": True}, 0.0),
    ],
)
def test_the_target_is_the_reward_and_the_discounted_next_value(
    settings: dict[str, Any], transition: dict[str, Any], next_value: float
) -> None:
    loss = linear_network(**settings).update(one_transition(**transition), ValueScale())
    assert loss == pytest.approx(expected_loss(next_value), rel=1e-5)


def test_normalised_targets_are_the_same_problem_in_other_units() -> None:
    network = QNetwork(2, 2, DQNConfig(hidden=(), double=False), seed=0)
    network.online.set_weights([np.eye(2), np.zeros(2)])
    network.target.set_weights([np.eye(2), np.zeros(2)])
    scale = ValueScale(count=4, mean=0.4, squares=1.0)  # offset 0.4 / 0.05 = 8, deviation 0.5
    # Q' = 8 + 0.5 * 4 = 10; target 0.5 + 0.95 * 10 = 10, in network units (10 - 8) / 0.5 = 4; the output was 1.
    assert network.update(one_transition(), scale) == pytest.approx((4 - 1) ** 2 / 2, rel=1e-5)


def test_correlated_rewards_are_the_same_problem_in_other_units() -> None:
    network = QNetwork(2, 2, DQNConfig(hidden=(), double=False), seed=0)
    network.online.set_weights([np.eye(2), np.zeros(2)])
    network.target.set_weights([np.eye(2), np.zeros(2)])
    # rho = 0.8: a reward d above the mean is worth 8 + 0.8 d / (1 - 0.95 * 0.8) = 8 + d / 0.3 afterwards, and a unit
    # is 0.5 * 0.6 / 0.24 = 1.25. Before: 8 + 1.25 * 1. Target: 0.5 + 0.95 * (8 + 0.1 / 0.3 + 1.25 * 4).
    scale = ValueScale(count=4, mean=0.4, squares=1.0, pairs=20, last_squares=1.0, products=0.8)
    target = (0.5 + 0.95 * (8 + 0.1 / 0.3 + 5.0) - 8) / 1.25
    assert network.update(one_transition(), scale) == pytest.approx((target - 1) ** 2 / 2, rel=1e-5)


def test_an_update_moves_the_value_of_the_action_taken_only() -> None:
    network = linear_network()
    before = network.values(np.array([[1.0, 2.0]], np.float32))[0]
    network.update(one_transition(), ValueScale())
    after = network.values(np.array([[1.0, 2.0]], np.float32))[0]
    assert after[0] > before[0]
    assert after[1] == before[1]


def test_the_softmax_head_learns_by_cross_entropy() -> None:
    network = QNetwork(2, 2, DQNConfig(hidden=(), head="softmax"), seed=0)
    network.online.set_weights([np.zeros((2, 2)), np.zeros(2)])
    # Outputs (0.5, 0.5); targets (0.5 for a terminal reward, and 0.5 kept): -(0.5 + 0.5) * log 0.5.
    assert network.update(one_transition(terminated=True), ValueScale()) == pytest.approx(np.log(2), rel=1e-5)


@pytest.mark.parametrize("head", ["linear", "softmax"])
def test_numpy_computes_what_keras_does(head: Any) -> None:
    network = QNetwork(7, 5, DQNConfig(head=head), seed=1)
    vectors = np.random.default_rng(0).random((4, 7), np.float32)
    np.testing.assert_allclose(network.values(vectors), network.online(vectors).numpy(), rtol=1e-4, atol=1e-6)


def test_the_seed_sets_the_weights() -> None:
    weights = [QNetwork(3, 2, DQNConfig(), seed).to_arrays()["weights/0"] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_arrays_of_another_network_are_refused() -> None:
    arrays = QNetwork(3, 2, DQNConfig(), 0).to_arrays()
    with pytest.raises(ValueError, match=r"weights/0 has shape \(3, 24\), the network's is \(4, 24\)"):
        QNetwork(4, 2, DQNConfig(), 0).restore(arrays)
