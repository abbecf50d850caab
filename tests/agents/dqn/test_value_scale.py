from __future__ import annotations

import math

import numpy as np
import pytest

from agents.dqn.value_scale import ValueScale


def observed(rewards: list[float]) -> ValueScale:
    """A scale that saw rewards of one episode."""
    scale = ValueScale()
    for last, reward in zip([math.nan, *rewards], rewards, strict=False):
        scale.observe(reward, last)
    return scale


def test_mean_and_deviation_are_those_of_the_rewards() -> None:
    scale = observed([0.5, 0.7, 0.9])
    assert scale.mean == pytest.approx(0.7)
    assert scale.unit(0.0) == pytest.approx((0.08 / 3) ** 0.5)


def test_equal_rewards_leave_the_unit_at_one() -> None:
    assert ValueScale().unit(0.95) == 1
    assert observed([0.3] * 30).unit(0.95) == 1


def test_the_correlation_is_the_slope_over_the_reward_before() -> None:
    rng = np.random.default_rng(0)
    rewards = rng.normal(size=500).cumsum() * 0.01 + 0.8
    slope = np.polyfit(rewards[:-1], rewards[1:], 1)[0]
    assert observed(rewards.tolist()).correlation == pytest.approx(slope, rel=1e-9)


def test_few_or_alternating_rewards_are_called_uncorrelated() -> None:
    assert observed(np.linspace(0, 1, 20).tolist()).correlation == 0
    assert observed([0.0, 1.0] * 20).correlation == 0


def test_the_baseline_of_a_mean_reward_is_that_reward_for_ever() -> None:
    scale = ValueScale(count=1, mean=0.8)
    np.testing.assert_allclose(scale.baseline(np.array([0.8, np.nan]), 0.95), 16)


def test_the_baseline_is_the_discounted_sum_of_what_is_to_be_expected() -> None:
    # rho = 15 / 30 = 0.5, so that after a reward of 1.2, 0.4 above the mean, 1.0, 0.9, 0.85, ... are expected.
    scale = ValueScale(count=30, mean=0.8, squares=1.0, pairs=30, last_squares=30.0, products=15.0)
    expected = sum(0.9**k * (0.8 + 0.4 * 0.5 ** (k + 1)) for k in range(500))
    np.testing.assert_allclose(scale.baseline(np.array([1.2]), 0.9), expected)


def test_a_unit_is_what_one_deviation_of_noise_is_worth() -> None:
    # Deviation 0.2; of it 0.2 * sqrt(1 - 0.25) is unexpected, and worth 1 / (1 - 0.9 * 0.5) as much in the long run.
    scale = ValueScale(count=100, mean=0.8, squares=4.0, pairs=30, last_squares=30.0, products=15.0)
    assert scale.unit(0.9) == pytest.approx(0.2 * 0.75**0.5 / 0.55)
