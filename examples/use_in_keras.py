"""Trains a network on a distilled set in plain Keras: the set is an .npz of arrays, and this package is not needed.

    python examples/use_in_keras.py                                  # digits, the set beside this file
    python examples/use_in_keras.py runs/RUN/synthetic.npz DATA.npz  # your set, and an .npz with x_test, y_test

Prints the number of images trained on, and the test accuracy.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent / "data"


def read_set(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return images (N, H, W, C) float32 in [0, 1] and label rows (N, K) float32 that sum to 1."""
    with np.load(path, allow_pickle=False) as archive:
        return archive["images"], archive["labels"]


def read_test(path: Path, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return images of a shape, float32 in [0, 1], and class numbers (n,)."""
    with np.load(path, allow_pickle=False) as archive:
        images, classes = archive["x_test"], archive["y_test"]
    scale = 255 if images.dtype == np.uint8 else 1
    return images.reshape(-1, *shape).astype(np.float32) / scale, classes.ravel().astype(np.int64)


def build_network(shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Return a small convolutional network that gives logits."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input(shape),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(num_classes),
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path, nargs="?", default=HERE / "digits_synthetic.npz")
    parser.add_argument("data", type=Path, nargs="?", default=HERE / "digits_test.npz")
    parser.add_argument("--steps", type=int, default=500, help="optimiser steps")
    options = parser.parse_args()

    keras.utils.set_random_seed(0)
    images, labels = read_set(options.set)
    test_images, test_classes = read_test(options.data, images.shape[1:])
    model = build_network(images.shape[1:], labels.shape[1])
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, options.steps)
    # The labels are soft: cross-entropy, or squared error, against rows; never against class numbers.
    model.compile(keras.optimizers.Adam(schedule), keras.losses.CategoricalCrossentropy(from_logits=True))
    batch_size = min(len(images), 100)
    epochs = -(-options.steps // -(-len(images) // batch_size))
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
    predicted = model.predict(test_images, verbose=0).argmax(axis=1)
    print(f"trained on {len(images)} images, test accuracy {(predicted == test_classes).mean():.1%}")
