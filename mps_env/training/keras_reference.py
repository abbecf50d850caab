"""The plain Keras way of a proxy score: build, compile, fit, evaluate. Kept to be measured against, not used.

The model here is the MPS CNN as one would write it, without the savings of `mps_env.networks.mps_cnn`, and its FLOP
count is that of the network as defined.
"""

from __future__ import annotations

import keras
import numpy as np

from mps_env.networks.mps_cnn import SMALLEST_UNPADDED
from mps_env.synthetic_set import one_hot


def build_plain_mps_cnn(image_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Build the MPS CNN with a softmax output, (n, H, W, C) to (n, K) probabilities."""
    padding = "valid" if min(image_shape[:2]) >= SMALLEST_UNPADDED else "same"
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Conv2D(32, 3, padding=padding, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, padding=padding, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, padding=padding, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )


def keras_score(
    images: np.ndarray,
    labels: np.ndarray,
    validation_images: np.ndarray,
    validation_classes: np.ndarray,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
) -> float:
    """Train a new model on a set and return its validation accuracy, a fraction.

    Args:
        images: (N, H, W, C) float32 in [0, 1].
        labels: (N, K) float32.
        validation_images: (n, H, W, C) float32.
        validation_classes: (n,) integers.
        epochs: Passes over the set.
        batch_size: Images a step.
        learning_rate: Of Adam.
    """
    model = build_plain_mps_cnn(images.shape[1:], labels.shape[1])
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(images, labels, epochs=epochs, batch_size=batch_size, verbose=0)
    targets = one_hot(validation_classes, labels.shape[1])
    _, accuracy = model.evaluate(validation_images, targets, verbose=0)
    return float(accuracy)
