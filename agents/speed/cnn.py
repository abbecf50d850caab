"""The `cnn` proxy against a large matrix product and against the plain Keras loop, on the same work."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.speed.timing import best_seconds, in_turn
from mps_env.data.dataset import Dataset, Split
from mps_env.proxies.trained import TrainedProxy
from mps_env.synthetic_set import SyntheticSet, one_hot

_MATRIX_SIDE = 3_000
_IMAGES, _VALIDATION, _EPOCHS = 100, 1_000, 5
_IMAGE_SHAPE, _CLASSES = (28, 28, 1), 10


def measure_cnn(rounds: int = 5) -> dict[str, Any]:
    """Time one score: MPS CNN, 100 images of 28x28, 5 epochs of batch 32, 1,000 validation images.

    The three are timed in turn. The operations are those of the network as defined (convolutions and dense layers;
    forward, weight gradients, and input gradients but for the first layer), whatever the program saves of them.
    """
    import tensorflow as tf

    from mps_env.training.flops import count_flops
    from mps_env.training.keras_reference import build_plain_mps_cnn, keras_score

    dataset = _random_dataset()
    proxy = TrainedProxy(dataset, epochs=_EPOCHS)
    trial = proxy.begin(0)
    rng = np.random.default_rng(0)
    labels = one_hot(np.arange(_IMAGES) % _CLASSES, _CLASSES)
    state = SyntheticSet(rng.random((_IMAGES, *_IMAGE_SHAPE), dtype=np.float32), labels)
    matrix = tf.random.normal((_MATRIX_SIDE, _MATRIX_SIDE))
    validation = dataset.validation

    def keras_loop() -> None:
        keras_score(state.images, labels, validation.images, validation.labels, epochs=_EPOCHS)

    def product() -> None:
        tf.linalg.matmul(matrix, matrix).numpy()

    def score() -> None:
        proxy.score(trial, state)

    for warm_up in (score, keras_loop, product):
        warm_up()
    seconds = in_turn({"proxy": score, "keras": keras_loop, "matrix": product}, rounds)
    # The product is short, so a disturbance would flatter the ratio: the proxy must stand its best time.
    matrix_rate = 2 * _MATRIX_SIDE**3 / best_seconds(product, 3 * rounds)
    operations = count_flops(build_plain_mps_cnn(_IMAGE_SHAPE, _CLASSES)).of_fit(_IMAGES, _EPOCHS, _VALIDATION)
    best_proxy = best_seconds(score, 2 * rounds)
    return {
        "seconds_per_score": seconds["proxy"],
        "keras_seconds_per_score": seconds["keras"],
        "times_faster_than_keras": seconds["keras"] / seconds["proxy"],
        "gflop_per_score": operations / 1e9,
        "gflops": operations / best_proxy / 1e9,
        "matrix_product_gflops": matrix_rate / 1e9,
        "share_of_matrix_product": operations / best_proxy / matrix_rate,
    }


def _random_dataset() -> Dataset:
    """Images of noise: speed does not depend on what they show, and nothing needs to be loaded."""
    rng = np.random.default_rng(1)
    images = rng.random((_VALIDATION, *_IMAGE_SHAPE), dtype=np.float32)
    split = Split(images, np.arange(_VALIDATION), np.arange(_VALIDATION) % _CLASSES)
    return Dataset("noise", split, split, tuple(str(number) for number in range(_CLASSES)))
