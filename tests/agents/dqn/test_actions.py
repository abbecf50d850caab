from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from agents.dqn.actions import ActionEncoder


def test_joint_actions_count_their_last_dimension_fastest() -> None:
    encoder = ActionEncoder(spaces.MultiDiscrete([3, 4]))
    assert encoder.n == 12
    np.testing.assert_array_equal(encoder.decode(6), [1, 2])
    assert [encoder.encode(encoder.decode(index)) for index in range(12)] == list(range(12))


def test_discrete_actions_may_begin_anywhere() -> None:
    encoder = ActionEncoder(spaces.Discrete(3, start=5))
    assert encoder.decode(2) == 7
    assert encoder.encode(7) == 2


def test_a_joint_action_is_allowed_where_each_dimension_is() -> None:
    encoder = ActionEncoder(spaces.MultiDiscrete([2, 3]))
    np.testing.assert_array_equal(encoder.joint_mask(np.array([1, 0, 1, 0, 1])), [1, 0, 1, 0, 0, 0])


def test_everything_is_allowed_without_a_mask() -> None:
    assert ActionEncoder(spaces.Discrete(3)).joint_mask(None).all()


def test_a_mask_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has 4 flags, Discrete\(3\) needs 3"):
        ActionEncoder(spaces.Discrete(3)).joint_mask(np.ones(4))


def test_too_many_joint_actions_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 10,000 joint actions"):
        ActionEncoder(spaces.MultiDiscrete([200, 64]))
