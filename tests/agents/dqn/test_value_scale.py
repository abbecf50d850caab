from __future__ import annotations

import pytest

from agents.dqn.value_scale import ValueScale


def test_mean_and_deviation_are_those_of_the_rewards() -> None:
    scale = ValueScale()
    for reward in (0.5, 0.7, 0.9):
        scale.observe(reward)
    assert scale.mean == pytest.approx(0.7)
    assert scale.scale == pytest.approx((0.08 / 3) ** 0.5)


def test_the_offset_is_the_mean_reward_for_ever() -> None:
    assert ValueScale(count=1, mean=0.8).offset(0.95) == pytest.approx(16)


def test_equal_rewards_leave_the_unit_at_one() -> None:
    scale = ValueScale()
    assert scale.scale == 1
    for _ in range(3):
        scale.observe(0.3)
    assert scale.scale == 1
