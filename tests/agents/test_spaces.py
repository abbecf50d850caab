from __future__ import annotations

import json

import numpy as np
import pytest
from gymnasium import spaces

from agents.spaces import space_from_json, space_to_json

SPACES = [
    spaces.Box(0, 255, (2, 3, 1), np.uint8),
    spaces.Box(np.array([-1, -np.inf], np.float32), np.array([1, np.inf], np.float32)),
    spaces.Discrete(4, start=2),
    spaces.MultiDiscrete([3, 4]),
    spaces.MultiBinary(5),
    spaces.Dict(images=spaces.Box(0, 1, (2,)), slot=spaces.Discrete(2)),
    spaces.Tuple((spaces.Discrete(2), spaces.Discrete(3))),
]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: type(space).__name__)
def test_a_space_survives_json(space: spaces.Space) -> None:
    assert space_from_json(json.loads(json.dumps(space_to_json(space)))) == space


def test_other_spaces_are_refused() -> None:
    with pytest.raises(ValueError, match="got Text"):
        space_to_json(spaces.Text(3))
