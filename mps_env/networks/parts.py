"""Parts of a network, which share its variables. Imports Keras: load it late."""

from __future__ import annotations

import keras


def below_head(model: keras.Model) -> keras.Model:
    """Return the network without its last layer: from images to (n, D), what that layer reads."""
    return keras.Model(model.inputs, model.layers[-2].output, name="features")


def convolutional_part(model: keras.Model) -> keras.Model:
    """Return the network up to where its feature maps are flattened: from images to (n, D).

    That is all but the last layer where a network has no convolution, or pools its maps to one number each.
    """
    kinds = [type(layer) for layer in model.layers]
    flattenings = [at for at, kind in enumerate(kinds) if kind is keras.layers.Flatten]
    if not flattenings or keras.layers.Conv2D not in kinds[: flattenings[-1]]:
        return below_head(model)
    return keras.Model(model.inputs, model.layers[flattenings[-1]].output, name="feature_maps")
