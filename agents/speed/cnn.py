"""The `cnn` proxy against a large matrix product and against the plain Keras loop, on the same work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from agents.speed.timing import best_seconds, in_turn, matrix_product, matrix_product_rate
from agents.speed.worker import Worker
from mps_env.data.dataset import Dataset, Split
from mps_env.proxies.trained import TrainedProxy
from mps_env.synthetic_set import SyntheticSet, one_hot

_IMAGES, _VALIDATION, _EPOCHS = 100, 1_000, 5
_IMAGE_SHAPE, _CLASSES = (28, 28, 1), 10


def measure_cnn(rounds: int = 5) -> dict[str, Any]:
    """Time one score: MPS CNN, 100 images of 28x28, 5 epochs of batch 32, 1,000 validation images.

    Proxy, Keras loop and matrix product are timed in turn. The Keras loop runs in a process of its own, where
    TensorFlow uses the cores as it does by default; the product is NumPy's, on all cores. The operations are those of
    the network as defined (convolutions and dense layers; forward, weight gradients, and input gradients but for the
    first layer), whatever the program saves of them.
    """
    from mps_env.training.flops import count_flops
    from mps_env.training.keras_reference import build_plain_mps_cnn

    proxy = TrainedProxy(_random_dataset(), epochs=_EPOCHS)
    trial, state = proxy.begin(0), _random_set()
    product = matrix_product()

    def score() -> None:
        proxy.score(trial, state)

    with Worker(_keras_scores) as keras_loop:
        for warm_up in (score, keras_loop, product):
            warm_up()
        seconds = in_turn({"proxy": score, "keras": keras_loop, "matrix": product}, rounds)
    # The product is short, so one quiet moment would decide the ratio: each side stands its best time.
    matrix_rate = matrix_product_rate(3 * rounds)
    operations = count_flops(build_plain_mps_cnn(_IMAGE_SHAPE, _CLASSES)).of_fit(_IMAGES, _EPOCHS, _VALIDATION)
    best_proxy = best_seconds(score, 3 * rounds)
    return {
        "seconds_per_score": seconds["proxy"],
        "keras_seconds_per_score": seconds["keras"],
        "times_faster_than_keras": seconds["keras"] / seconds["proxy"],
        "gflop_per_score": operations / 1e9,
        "gflops": operations / best_proxy / 1e9,
        "matrix_product_gflops": matrix_rate / 1e9,
        "share_of_matrix_product": operations / best_proxy / matrix_rate,
    }


@contextmanager
def _keras_scores() -> Iterator[Callable[[], None]]:
    """Give one score by the plain Keras loop."""
    from mps_env.training.keras_reference import keras_score

    state, validation = _random_set(), _random_dataset().validation

    def score() -> None:
        keras_score(state.images, state.labels, validation.images, validation.labels, epochs=_EPOCHS)

    yield score


def _random_set() -> SyntheticSet:
    images = np.random.default_rng(0).random((_IMAGES, *_IMAGE_SHAPE), dtype=np.float32)
    return SyntheticSet(images, one_hot(np.arange(_IMAGES) % _CLASSES, _CLASSES))


def _random_dataset() -> Dataset:
    """Images of noise: speed does not depend on what they show, and nothing needs to be loaded."""
    rng = np.random.default_rng(1)
    images = rng.random((_VALIDATION, *_IMAGE_SHAPE), dtype=np.float32)
    split = Split(images, np.arange(_VALIDATION), np.arange(_VALIDATION) % _CLASSES)
    return Dataset("noise", split, split, tuple(str(number) for number in range(_CLASSES)))
