"""Initial weights of a Keras model as arrays, drawn from a seed without building the model again."""

from __future__ import annotations

import keras
import numpy as np


def draw_initial_weights(model: keras.Model, seeds: np.random.SeedSequence) -> list[np.ndarray]:
    """Draw fresh values for `model.variables` with each layer's own initialisers.

    Seed generators (of dropout layers, say) start from a seed that is drawn as well: Keras draws theirs from
    Python's global random numbers, and every training moves their count on. Other variables that are not trained and
    that no initialiser is found for keep the value they have when they hold whole numbers, and are set to zero
    otherwise.

    Args:
        model: A built model; left unchanged.
        seeds: Fixes the values: same seeds, same bits.

    Returns:
        Arrays in the order of `model.variables`.

    Raises:
        ValueError: If a layer does not say how a variable that is trained is initialised.
    """
    initializers, seed_states = _initializers_by_variable(model), _seed_states(model)
    children = np.random.SeedSequence(seeds.entropy, spawn_key=seeds.spawn_key).generate_state(
        len(model.variables), np.uint32
    )
    values = []
    for variable, child in zip(model.variables, children, strict=True):
        seed = int(child >> 1)  # Keras wants seeds below 2**31
        if id(variable) in seed_states:
            values.append(np.array([seed, 0], variable.dtype))  # a seed, and how often it was used
        elif variable.trainable and id(variable) not in initializers:
            raise ValueError(
                f"the network's variable {variable.path!r} does not say how it is initialised. Keep its initialiser"
                " in the layer, as Keras' own layers do: a variable `kernel` beside an attribute `kernel_initializer`."
            )
        else:
            values.append(_draw(variable, initializers.get(id(variable)), seed))
    return values


def _initializers_by_variable(model: keras.Model) -> dict[int, keras.initializers.Initializer]:
    found: dict[int, keras.initializers.Initializer] = {}
    for layer in model._flatten_layers(include_self=True, recursive=True):
        for attribute, value in vars(layer).items():
            if isinstance(value, keras.Variable) and (initializer := _initializer_of(layer, attribute)):
                found[id(value)] = initializer
    return found


def _initializer_of(layer: keras.layers.Layer, attribute: str) -> keras.initializers.Initializer | None:
    """Return a variable's initialiser by Keras' ways of naming the two.

    `kernel` or `_kernel` has `kernel_initializer`, `recurrent_kernel` has `recurrent_initializer`, and the `kernel` of
    a depthwise convolution has `depthwise_initializer`.
    """
    name = attribute.lstrip("_")
    names = [name, name.removesuffix("_kernel"), *(["depthwise"] if name == "kernel" else [])]
    candidates = (getattr(layer, f"{one}_initializer", None) for one in names)
    return next((one for one in candidates if isinstance(one, keras.initializers.Initializer)), None)


def _seed_states(model: keras.Model) -> set[int]:
    layers = model._flatten_layers(include_self=True, recursive=True)
    return {id(generator.state) for layer in layers for generator in layer._seed_generators}


def _draw(variable: keras.Variable, initializer: keras.initializers.Initializer | None, seed: int) -> np.ndarray:
    if initializer is None:
        value = np.array(variable)
        return value if value.dtype.kind in "iu" else np.zeros_like(value)
    config = initializer.get_config()
    if "seed" in config:
        initializer = type(initializer).from_config({**config, "seed": seed})
    return np.array(initializer(tuple(variable.shape), dtype=variable.dtype))
