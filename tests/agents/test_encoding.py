from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from agents.encoding import ObservationEncoder, encoder_for

MIXED = spaces.Dict(
    images=spaces.Box(0, 1, (1, 2, 2, 1), np.float32),
    pixels=spaces.Box(0, 255, (2,), np.uint8),
    slot=spaces.Discrete(4),
)


def mixed(slot: int) -> dict[str, object]:
    return {
        "images": np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1),
        "pixels": np.array([0, 51], np.uint8),
        "slot": np.int64(slot),
    }


def test_parts_are_scaled_and_joined_in_the_order_of_the_space() -> None:
    np.testing.assert_allclose(ObservationEncoder(MIXED).encode(mixed(3)), [0, 1, 2, 3, 0, 0.2, 0.75])


def test_a_batch_is_its_observations_one_by_one() -> None:
    encoder = ObservationEncoder(MIXED)
    batch = {key: np.stack([np.asarray(mixed(slot)[key]) for slot in (1, 2)]) for key in MIXED.spaces}
    np.testing.assert_array_equal(encoder.encode_any(batch), [encoder.encode(mixed(1)), encoder.encode(mixed(2))])


def test_encoding_does_not_keep_the_observation() -> None:
    observation = np.zeros(3, np.float32)
    vector = ObservationEncoder(spaces.Box(0, 1, (3,), np.float32)).encode(observation)
    observation[:] = 1
    assert vector.sum() == 0


def test_a_space_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="got Text"):
        ObservationEncoder(spaces.Text(3))


def a_set_space() -> spaces.Dict:
    unit = {"low": 0.0, "high": 1.0, "dtype": np.float32}
    return spaces.Dict(
        {
            "images": spaces.Box(shape=(3, 2, 2, 1), **unit),
            "labels": spaces.Box(shape=(3, 2), **unit),
            "slot": spaces.Discrete(3),
            "accuracy": spaces.Box(shape=(1,), **unit),
        }
    )


def test_of_a_whole_set_the_slot_is_encoded() -> None:
    encoder = encoder_for(a_set_space())
    observation = a_set_space().sample() | {"slot": np.int64(2)}
    # Four pixels, each divided by two: an image weighs as much as one number.
    expected = [*observation["accuracy"], *observation["images"][2].ravel() / 2, *observation["labels"][2]]
    np.testing.assert_array_equal(encoder.encode(observation), np.array(expected, np.float32))


def test_a_batch_of_sets_is_encoded_row_by_row() -> None:
    encoder, samples = encoder_for(a_set_space()), [a_set_space().sample() for _ in range(4)]
    batch = {key: np.stack([sample[key] for sample in samples]) for key in samples[0]}
    np.testing.assert_array_equal(encoder.encode_batch(batch), np.stack([encoder.encode(one) for one in samples]))


def test_other_spaces_are_encoded_whole() -> None:
    assert encoder_for(spaces.Box(0, 1, (5,))).size == 5
