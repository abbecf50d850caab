"""The compiled trainer: equal to Keras, bit for bit repeatable, never retraced."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from mps_env.training.batches import BatchPlan
from mps_env.training.config import TrainConfig

IMAGE_SHAPE, NUM_CLASSES = (8, 8, 1), 3
WITH_DROPOUT: tuple[str, dict[str, object]] = ("alexnet_full", {"width": 0.02})


def small_set(num_images: int = 10) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    images = rng.random((num_images, *IMAGE_SHAPE), np.float32)
    return images, np.eye(NUM_CLASSES, dtype=np.float32)[np.arange(num_images) % NUM_CLASSES]


def trained_logits(
    config: TrainConfig,
    network: str = "mps_cnn",
    network_kwargs: dict[str, object] | None = None,
    *,
    seed: int = 0,
    replica: int = 0,
) -> np.ndarray:
    from mps_env.training.program import training_program
    from mps_env.training.randomness import draw_randomness

    images, labels = small_set()
    program = training_program(network, network_kwargs, IMAGE_SHAPE, NUM_CLASSES, config, replica)
    draws = draw_randomness(program, config, len(images), np.random.SeedSequence(seed))
    return program.fit(images, labels, draws.plan, draws.weights, draws.augmentation_seed, images)[0]


@pytest.mark.parametrize(("optimizer", "learning_rate"), [("adam", 1e-2), ("sgd", 0.1), ("momentum", 0.05)])
def test_training_equals_the_keras_loop(optimizer: str, learning_rate: float) -> None:
    import keras

    from mps_env.training.program import training_program

    config = TrainConfig(epochs=2, batch_size=4, optimizer=optimizer, learning_rate=learning_rate)
    images, labels = small_set()
    program = training_program("mps_cnn", None, IMAGE_SHAPE, NUM_CLASSES, config)
    weights = program.initial_weights(np.random.SeedSequence(0))
    order = np.arange(10, dtype=np.int32)
    plan = BatchPlan(
        np.stack([order[:8].reshape(2, 4)] * 2),
        np.stack([order[8:]] * 2),
        np.full((2, 3), learning_rate, np.float32),
    )
    logits, _ = program.fit(images, labels, plan, weights, np.zeros(2, np.int32), images)

    model = keras.models.clone_model(program.model)
    model.set_weights(weights)
    optimizers = {
        "adam": keras.optimizers.Adam(learning_rate),
        "sgd": keras.optimizers.SGD(learning_rate),
        "momentum": keras.optimizers.SGD(learning_rate, momentum=0.9),
    }
    model.compile(optimizers[optimizer], keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, epochs=2, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(logits, model.predict(images, verbose=0), atol=1e-4)


@pytest.mark.parametrize("augmentation", ["none", "light"])
def test_same_seed_gives_the_same_bits(augmentation: str) -> None:
    from mps_env.training.config import PRESETS

    config = TrainConfig(epochs=2, batch_size=4, augmentation=PRESETS[augmentation])
    first = trained_logits(config)
    trained_logits(config, seed=1)
    assert (trained_logits(config) == first).all()


def test_other_seeds_give_other_results() -> None:
    config = TrainConfig(epochs=2, batch_size=4)
    assert (trained_logits(config) != trained_logits(config, seed=1)).any()


def test_batch_norm_statistics_are_reset_for_every_training() -> None:
    config, kwargs = TrainConfig(epochs=1, batch_size=4), {"width": 8, "norm": "batch"}
    first = trained_logits(config, "convnet", network_kwargs=kwargs)
    assert (trained_logits(config, "convnet", network_kwargs=kwargs) == first).all()


def test_dropout_starts_again_with_every_training() -> None:
    config = TrainConfig(epochs=2, batch_size=4)
    first = trained_logits(config, *WITH_DROPOUT)
    trained_logits(config, *WITH_DROPOUT, seed=1)
    assert (trained_logits(config, *WITH_DROPOUT) == first).all()


def test_replicas_drop_the_same_units() -> None:
    config = TrainConfig(epochs=2, batch_size=4)
    assert (trained_logits(config, *WITH_DROPOUT, replica=1) == trained_logits(config, *WITH_DROPOUT)).all()


def test_dropout_follows_its_seeds_alone() -> None:
    from mps_env.training.program import training_program
    from mps_env.training.randomness import draw_randomness

    config = TrainConfig(epochs=2, batch_size=4)
    images, labels = small_set()
    program = training_program(*WITH_DROPOUT, IMAGE_SHAPE, NUM_CLASSES, config)
    draws = draw_randomness(program, config, len(images), np.random.SeedSequence(0))

    def fit(weights: list[np.ndarray]) -> np.ndarray:
        return program.fit(images, labels, draws.plan, weights, draws.augmentation_seed, images)[0]

    moved = [value + 1 if value.dtype.kind == "i" else value for value in draws.weights]
    assert (fit(moved) != fit(draws.weights)).any()


def test_two_processes_give_the_same_bits() -> None:
    assert _digests_in_new_process() == _digests()


def test_nothing_is_traced_after_the_first_call() -> None:
    from mps_env.training.program import training_program

    config = TrainConfig(epochs=2, batch_size=4)
    trained_logits(config)
    program = training_program("mps_cnn", None, IMAGE_SHAPE, NUM_CLASSES, config)
    before = len(program._functions)
    trained_logits(config, seed=5)
    assert len(program._functions) == before


def test_any_number_of_images_needs_few_shapes() -> None:
    from mps_env.training.program import TrainingProgram

    program = TrainingProgram("linear", {}, IMAGE_SHAPE, NUM_CLASSES, **_linear_settings())
    images = np.random.default_rng(0).random((300, *IMAGE_SHAPE), np.float32)
    all_logits = program.logits(images)
    for count in (0, 1, 7, 8, 9, 31, 33, 100, 125, 126, 299):
        np.testing.assert_allclose(program.logits(images[:count]), all_logits[:count], atol=1e-6)
    assert len(program._functions) <= 3


def test_large_activations_make_small_evaluation_batches() -> None:
    import keras

    from mps_env.training.program import EVALUATION_BATCH, evaluation_batch

    def batch(side: int) -> int:
        return evaluation_batch(keras.Sequential([keras.Input((side, side, 1)), keras.layers.Conv2D(16, 1)]))

    assert batch(1024) == 4  # 1024 * 1024 * 16 float32 are 64 MiB, of 256
    assert batch(28) == EVALUATION_BATCH


def test_small_evaluation_batches_give_the_same_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    from mps_env.training import program

    images = np.random.default_rng(0).random((14, *IMAGE_SHAPE), np.float32)
    usual = program.TrainingProgram("linear", {}, IMAGE_SHAPE, NUM_CLASSES, **_linear_settings())
    monkeypatch.setattr(program, "_LARGEST_OUTPUT", 4 * 64 * 3)  # three images of 64 pixels
    small = program.TrainingProgram("linear", {}, IMAGE_SHAPE, NUM_CLASSES, **_linear_settings())
    assert small._evaluation_batch == 3
    small.start(usual.weights())
    for count in (1, 3, 14):
        np.testing.assert_allclose(small.logits(images[:count]), usual.logits(images[:count]), atol=1e-6)


def _linear_settings() -> dict[str, object]:
    from mps_env.training.config import Augmentation

    return {"optimizer": "adam", "loss": "cross_entropy", "augmentation": Augmentation()}


def _digests() -> list[str]:
    config = TrainConfig(epochs=2, batch_size=4)
    trained = (trained_logits(config), trained_logits(config, *WITH_DROPOUT))
    return [hashlib.sha256(logits.tobytes()).hexdigest() for logits in trained]


def _digests_in_new_process() -> list[str]:
    import tensorflow as tf

    # Most networks' bits depend on the number of threads, which is not the package's choice where another test of
    # this process used TensorFlow first.
    ours = tf.config.threading.get_intra_op_parallelism_threads() > 0
    env = os.environ if ours else {**os.environ, "MPS_TF_THREADS": "default"}
    code = f"import runpy; print(*runpy.run_path({__file__!r})['_digests']())"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env).stdout
    return output.split()[-2:]
