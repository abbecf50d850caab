"""The training of the GAN: both losses and their updates, compiled into one loop."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from mps_env.gan.config import GanConfig
from mps_env.gan.generator import Generator
from mps_env.gan.networks import build_discriminator, build_generator, dense_layers
from mps_env.synthetic_set import one_hot
from mps_env.threads import share_cores
from mps_env.training.batches import plan_batches
from mps_env.training.initial_weights import draw_initial_weights
from mps_env.training.optimizers import FusedOptimizer

share_cores()

_STEPS_A_CALL = 500  # after which the losses are looked at, and Ctrl-C is heard
_BETA_1 = 0.5  # of Adam: with the usual 0.9 the two networks swing about each other (Radford et al. 2016)


def train_gan(images: np.ndarray, labels: np.ndarray, num_classes: int, config: GanConfig, *, name: str) -> Generator:
    """Train a GAN; equal arguments give equal bits, on equally many TensorFlow threads (see `mps_env/threads.py`).

    Args:
        images: (n, H, W, C) float32 in [0, 1].
        labels: (n,) int64.
        num_classes: K.
        config: How.
        name: What the images are called in messages.

    Raises:
        RuntimeError: If a loss becomes NaN or infinite; the message says which, and when.
    """
    seeds = np.random.SeedSequence(config.seed)
    training = GanTraining(images, labels, num_classes, config, seeds)
    recipe = config.training_of(len(images))
    plan = plan_batches(recipe, len(images), np.random.default_rng(seeds))
    for start in range(0, plan.num_steps, _STEPS_A_CALL):
        stop = min(start + _STEPS_A_CALL, plan.num_steps)
        part = plan.part(start, stop)
        for network, loss in training.run(part.full[:, 0], part.learning_rates[:, 0], start).items():
            if not np.isfinite(loss):
                raise RuntimeError(
                    f"the GAN of {name} diverged: the {network}'s loss is {loss} after {stop} of {plan.num_steps}"
                    f" training steps. Use a learning_rate below {config.learning_rate}."
                )
    return Generator(dense_layers(training.generator), num_classes, images.shape[1:])


class GanTraining:
    """A generator and a discriminator, and a compiled loop that trains one against the other.

    Goodfellow et al. 2014 with the non-saturating loss, class by class as in Mirza & Osindero 2014: a generated image
    is judged as one of its class. Where we differ from the GAN of MPS1 is said where it is done.

    Args:
        images: (n, H, W, C) float32 in [0, 1].
        labels: (n,) int64.
        num_classes: K.
        config: How.
        seeds: Fix initial weights and noise.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        num_classes: int,
        config: GanConfig,
        seeds: np.random.SeedSequence,
    ) -> None:
        pixels = int(np.prod(images.shape[1:]))
        self.generator = build_generator(config.latent, num_classes, pixels, config.generator_widths)
        self.discriminator = build_discriminator(num_classes, pixels, config.discriminator_widths)
        for_noise, *for_networks = seeds.spawn(3)
        for model, for_model in zip((self.generator, self.discriminator), for_networks, strict=True):
            model.set_weights(draw_initial_weights(model, for_model))
        self._seed = tf.constant((for_noise.generate_state(2, np.uint32) >> 2).astype(np.int32))

        self._images = tf.constant(images.reshape(len(images), pixels))
        self._classes = tf.constant(one_hot(labels, num_classes))
        self._latent, self._penalty = config.latent, config.gradient_penalty
        self._generating = [variable.value for variable in self.generator.trainable_variables]
        self._judging = [variable.value for variable in self.discriminator.trainable_variables]
        self._generator_optimizer = FusedOptimizer("adam", self._generating, beta_1=_BETA_1)
        self._discriminator_optimizer = FusedOptimizer("adam", self._judging, beta_1=_BETA_1)
        signature = [
            tf.TensorSpec((None, config.training_of(len(images)).batch_size), tf.int32),
            tf.TensorSpec((None,), tf.float32),
            tf.TensorSpec((), tf.int32),
        ]
        self._run = tf.function(self._run_graph, autograph=False).get_concrete_function(*signature)

    def run(self, rows: np.ndarray, learning_rates: np.ndarray, first_step: int) -> dict[str, float]:
        """Take steps.

        Args:
            rows: (steps, B) int32, the real images of each step.
            learning_rates: (steps,) float32.
            first_step: The number of the first of them, from which their noise follows.

        Returns:
            The losses of the last step, by network.
        """
        losses = self._run(*map(tf.constant, (rows, learning_rates, np.int32(first_step))))
        return {network: float(loss) for network, loss in zip(("discriminator", "generator"), losses, strict=True)}

    def _run_graph(self, rows: tf.Tensor, learning_rates: tf.Tensor, first_step: tf.Tensor) -> list[tf.Tensor]:
        def step(index: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor, ...]:
            real, classes = tf.gather(self._images, rows[index]), tf.gather(self._classes, rows[index])
            seed = self._seed + tf.stack([0, first_step + index])
            noise = tf.random.stateless_normal((2, rows.shape[1], self._latent), seed)
            rate = learning_rates[index]
            discriminator_loss = self._update_discriminator(real, self._generate(noise[0], classes), classes, rate)
            return index + 1, discriminator_loss, self._update_generator(noise[1], classes, rate)

        start = (0, 0.0, 0.0)
        return tf.while_loop(lambda index, *_: index < tf.shape(rows)[0], step, start, parallel_iterations=1)[1:]

    def _update_discriminator(
        self, real: tf.Tensor, fake: tf.Tensor, classes: tf.Tensor, learning_rate: tf.Tensor
    ) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._judging)
            with tf.GradientTape(watch_accessed_variables=False) as pixel_tape:
                pixel_tape.watch(real)
                on_real = self._judge(real, classes)
            slopes = pixel_tape.gradient(on_real, real)
            # R1 (Mescheder et al. 2018): without it the discriminator learns the few real images by heart, and the
            # samples of a class come out alike.
            penalty = 0.5 * self._penalty * tf.reduce_mean(tf.reduce_sum(tf.square(slopes), axis=1))
            loss = cross_entropy(on_real, is_real=True) + cross_entropy(self._judge(fake, classes), is_real=False)
            total = loss + penalty
        self._discriminator_optimizer.apply(tape.gradient(total, self._judging), learning_rate)
        return loss

    def _update_generator(self, noise: tf.Tensor, classes: tf.Tensor, learning_rate: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._generating)
            loss = cross_entropy(self._judge(self._generate(noise, classes), classes), is_real=True)
        self._generator_optimizer.apply(tape.gradient(loss, self._generating), learning_rate)
        return loss

    def _generate(self, noise: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        return tf.sigmoid(self.generator(tf.concat([noise, classes], axis=1), training=True))

    def _judge(self, images: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        judged = self.discriminator(images, training=True)
        return judged[:, 0] + tf.reduce_sum(judged[:, 1:] * classes, axis=1)


def cross_entropy(logits: tf.Tensor, *, is_real: bool) -> tf.Tensor:
    """Return the mean binary cross-entropy of logits (B,) against one answer for all."""
    return tf.reduce_mean(tf.nn.softplus(-logits if is_real else logits))
