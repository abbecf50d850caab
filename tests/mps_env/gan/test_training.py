"""The GAN's training: what it learns, that it repeats itself bit for bit, and how it fails."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mps_env.data import load_dataset
from mps_env.gan import GanConfig, Generator
from tests.mps_env.gan.conftest import SMALL

ROOT = Path(__file__).parents[3]
IMAGES = np.random.default_rng(0).random((20, 4, 4, 1), dtype=np.float32)
LABELS = np.arange(20) % 2


def train(config: GanConfig = SMALL) -> Generator:
    from mps_env.gan.training import train_gan

    return train_gan(IMAGES, LABELS, 2, config, name="noise")


def digest(generator: Generator) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for layer in generator.layers for array in layer)).hexdigest()


def test_images_of_a_class_are_nearest_to_its_mean() -> None:
    dataset = load_dataset("digits")
    real, labels = dataset.train.images, dataset.train.labels
    means = np.stack([real[labels == label].mean(axis=0) for label in range(10)]).reshape(10, -1)
    from mps_env.gan.training import train_gan

    generator = train_gan(real, labels, 10, GanConfig(max_steps=300), name="digits")
    classes = np.repeat(np.arange(10), 20)
    images = generator.sample(classes, np.random.default_rng(0)).reshape(200, -1)
    nearest = np.square(images[:, None] - means).sum(axis=2).argmin(axis=1)
    assert (nearest == classes).mean() > 0.7  # chance is 0.1
    for label in range(10):
        assert images[classes == label].std(axis=0).max() > 0.1  # not one image over and over


def test_the_network_in_numpy_is_the_one_that_was_trained() -> None:
    import tensorflow as tf

    from mps_env.gan.networks import dense_layers
    from mps_env.gan.training import GanTraining

    training = GanTraining(IMAGES, LABELS, 2, SMALL, np.random.SeedSequence(0))
    training.run(np.arange(20, dtype=np.int32).reshape(1, 20), np.array([0.1], np.float32), 0)
    noise, classes = np.random.default_rng(0).standard_normal((5, 4), np.float32), np.array([0, 1, 1, 0, 1])
    logits = training.generator(np.concatenate([noise, np.eye(2, dtype=np.float32)[classes]], axis=1))
    images = Generator(dense_layers(training.generator), 2, (4, 4, 1)).images(noise, classes)
    np.testing.assert_allclose(images.reshape(5, 16), tf.sigmoid(logits), atol=1e-5)


def test_another_process_trains_to_the_same_bits() -> None:
    code = "from tests.mps_env.gan.test_training import digest, train; print(digest(train()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split()[-1] == digest(train())


def test_another_seed_trains_another_generator() -> None:
    assert digest(train()) != digest(train(replace(SMALL, seed=1)))


def test_training_again_gives_the_same_bits() -> None:
    assert digest(train()) == digest(train())


def test_divergence_is_one_line_that_says_where() -> None:
    message = r"^the GAN of noise diverged: the \w+'s loss is (nan|inf) after 2 of 2 training steps\. Use a [^\n]*90\.0"
    with pytest.raises(RuntimeError, match=message):
        train(replace(SMALL, learning_rate=90.0, gradient_penalty=1e30))


def test_undecided_discriminator_loses_log_two() -> None:
    from mps_env.gan.training import cross_entropy

    zeros = np.zeros(3, np.float32)
    assert float(cross_entropy(zeros, is_real=True)) == pytest.approx(math.log(2))
    assert float(cross_entropy(zeros, is_real=False)) == pytest.approx(math.log(2))


def test_certain_discriminator_loses_only_where_it_is_wrong() -> None:
    from mps_env.gan.training import cross_entropy

    logits = np.full(3, 20, np.float32)
    assert float(cross_entropy(logits, is_real=True)) == pytest.approx(0, abs=1e-6)
    assert float(cross_entropy(logits, is_real=False)) == pytest.approx(20)


@pytest.mark.parametrize(("num_images", "steps"), [(36, 67), (10, 60), (20_000, 12_000)])
def test_steps_follow_from_the_passes_up_to_a_limit(num_images: int, steps: int) -> None:
    assert GanConfig(epochs=60, max_steps=12_000, batch_size=32).training_of(num_images).steps == steps


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="max_images must be a whole number >= 1, got 0"):
        GanConfig(max_images=0)
