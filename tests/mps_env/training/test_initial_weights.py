"""Initial weights and seeds, drawn from one seed."""

from __future__ import annotations

import keras
import numpy as np

from mps_env.training.initial_weights import draw_initial_weights


def model_with_dropout() -> keras.Model:
    layers = [keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(3), keras.layers.Dropout(0.5)]
    return keras.Sequential([keras.Input((5,)), *layers])


def draw(model: keras.Model, seed: int = 0) -> list[np.ndarray]:
    return draw_initial_weights(model, np.random.SeedSequence(seed))


def seed_states(values: list[np.ndarray]) -> list[np.ndarray]:
    return [value for value in values if value.dtype.kind == "i"]


def test_values_are_those_of_the_layers_initialisers() -> None:
    kernel, bias, gamma = draw(keras.Sequential([keras.Input((5,)), keras.layers.Dense(4), _scale()]))[:3]
    assert np.abs(kernel).max() <= (6 / (5 + 4)) ** 0.5  # Glorot's bound
    assert kernel.std() > 0
    assert (bias == 0).all()
    assert (gamma == 1).all()


def test_a_new_model_gets_the_same_values() -> None:
    first, second = draw(model_with_dropout()), draw(model_with_dropout())
    assert all((a == b).all() and a.dtype == b.dtype for a, b in zip(first, second, strict=True))


def test_dropout_starts_again_after_it_was_used() -> None:
    model = model_with_dropout()
    before = draw(model)
    model(np.ones((2, 5), np.float32), training=True)
    assert all((a == b).all() for a, b in zip(before, draw(model), strict=True))
    assert [count for _, count in seed_states(before)] == [0, 0]


def test_every_dropout_layer_has_a_seed_of_its_own() -> None:
    first, second = seed_states(draw(model_with_dropout()))
    assert (first != second).any()


def test_other_seeds_give_other_dropout() -> None:
    model = model_with_dropout()
    assert (seed_states(draw(model))[0] != seed_states(draw(model, seed=1))[0]).any()


def _scale() -> keras.layers.Layer:
    return keras.layers.BatchNormalization()
