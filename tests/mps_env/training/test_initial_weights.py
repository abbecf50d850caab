"""Initial weights and seeds, drawn from one seed."""

from __future__ import annotations

import keras
import numpy as np
import pytest

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


def test_convolutions_by_depth_and_recurrences_have_initialisers_of_other_names() -> None:
    by_depth = keras.Sequential([keras.Input((8, 8, 2)), keras.layers.SeparableConv2D(3, 3), _depthwise()])
    recurrent = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3)])
    for model in (by_depth, recurrent):
        kernels = [value for value in draw(model) if value.ndim > 1]
        assert all(kernel.std() > 0 for kernel in kernels)


def test_a_variable_that_does_not_say_how_it_begins_is_an_error() -> None:
    class Scale(keras.layers.Layer):
        def build(self, shape: tuple[int, ...]) -> None:
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

        def call(self, inputs: object) -> object:
            return inputs * self.scale

    with pytest.raises(ValueError, match="variable '.*scale' does not say how it is initialised"):
        draw(keras.Sequential([keras.Input((5,)), Scale()]))


def _depthwise() -> keras.layers.Layer:
    return keras.layers.DepthwiseConv2D(3)
