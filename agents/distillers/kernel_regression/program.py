"""One iteration of kernel-regression distillation, compiled. Imports TensorFlow: load it late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from mps_env.networks import build_network
from mps_env.networks.parts import convolutional_part
from mps_env.small_images import SmallImages
from mps_env.synthetic_set import SyntheticSet
from mps_env.threads import share_cores
from mps_env.training.augment import augment
from mps_env.training.config import Augmentation, loss_for
from mps_env.training.initial_weights import draw_initial_weights
from mps_env.training.losses import mean_loss
from mps_env.training.optimizers import FusedOptimizer
from mps_env.training.side_by_side import side_by_side

share_cores()

NetState = list[tf.Tensor]


class KernelRegressionProgram:
    """Holds images and labels as variables; a step improves them through one net, and trains that net on them.

    Args:
        initial: The set to begin from.
        small_images: At what resolution its images are held.
        network: A registered network; its features are its flattened feature maps (`convolutional_part`).
        network_kwargs: Its arguments.
        augmentation: Of synthetic images, in the loss and in the nets' training.
        augments_real: Whether real images are augmented as well.
        ridge: Regularisation relative to the mean of the kernel's diagonal.
        learns_labels: Whether labels move.
    """

    def __init__(
        self,
        initial: SyntheticSet,
        small_images: SmallImages,
        *,
        network: str,
        network_kwargs: dict[str, Any],
        augmentation: Augmentation,
        augments_real: bool,
        ridge: float,
        learns_labels: bool,
    ) -> None:
        self._small_images, self._ridge, self._augmentation = small_images, ridge, augmentation
        self._augments_real, self._learns_labels = augments_real, learns_labels
        self._loss = loss_for(initial.num_classes)  # the audit's
        self.model = build_network(network, initial.image_shape, initial.num_classes, network_kwargs)
        self._features = convolutional_part(self.model)
        small = small_images.shrink(initial.images)
        self.images, self.labels = tf.Variable(small), tf.Variable(initial.labels)
        self._means = [tf.Variable(small), tf.Variable(initial.labels)]
        self._set_optimizer = FusedOptimizer("adam", [self.images, self.labels])
        self._weights = [variable.value for variable in self.model.trainable_variables]
        self._net_optimizer = FusedOptimizer("adam", self._weights)
        self._net_variables = [*self._weights, *self._net_optimizer.variables]
        self._set_variables = [self.images, self.labels, *self._means, *self._set_optimizer.variables]
        self._compiled = tf.function(self._step, autograph=False)

    def fresh_net(self, seeds: np.random.SeedSequence) -> NetState:
        """Return the state of a net that was not trained yet: weights, then the optimiser's variables."""
        drawn = draw_initial_weights(self.model, seeds)
        slots = [tf.zeros_like(variable) for variable in self._net_optimizer.variables]
        return [*map(tf.constant, drawn), *slots]

    def step(
        self,
        net: NetState,
        real_images: np.ndarray,
        real_targets: np.ndarray,
        rows: np.ndarray,
        seed: np.ndarray,
        rates: tuple[float, float, float],
        average: float,
    ) -> tuple[NetState, float, float]:
        """Improve the set through a net, then train the net on the set.

        Args:
            net: Its state.
            real_images: (B, H, W, C) float32.
            real_targets: (B, K) float32 one-hot.
            rows: (b,) int32, the images that the net is trained on.
            seed: (2,) int32, of the augmentations.
            rates: Learning rates of pixels, labels and net.
            average: Share of the running average of images and labels that is kept.

        Returns:
            The net's next state, the loss before the step, and the regression's accuracy on the real batch.
        """
        arguments = (real_images, real_targets, rows, seed, np.array(rates, np.float32), np.float32(average))
        net, loss, accuracy = self._compiled(net, *map(tf.convert_to_tensor, arguments))
        return net, float(loss), float(accuracy)

    def state(self) -> list[np.ndarray]:
        """Return images, labels and what the optimiser knows of them."""
        return [variable.numpy() for variable in self._set_variables]

    def restore(self, state: Sequence[np.ndarray]) -> None:
        """Take over what `state` returned."""
        for variable, value in zip(self._set_variables, state, strict=True):
            variable.assign(value)

    def averages(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the running averages of the small images and of the labels."""
        images, labels = self._means
        return images.numpy(), labels.numpy()

    def _step(
        self,
        net: NetState,
        real_images: tf.Tensor,
        real_targets: tf.Tensor,
        rows: tf.Tensor,
        seed: tf.Tensor,
        rates: tf.Tensor,
        average: tf.Tensor,
    ) -> tuple[NetState, tf.Tensor, tf.Tensor]:
        for variable, value in zip(self._net_variables, net, strict=True):
            variable.assign(value)
        loss, accuracy = self._improve_set(real_images, real_targets, seed, rates, average)
        self._train_net(rows, seed + 1, rates[2])
        return [tf.identity(variable) for variable in self._net_variables], loss, accuracy

    def _improve_set(
        self,
        real_images: tf.Tensor,
        real_targets: tf.Tensor,
        seed: tf.Tensor,
        rates: tf.Tensor,
        average: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        if self._augments_real:
            real_images = augment(real_images, seed + 2, self._augmentation)
        real_features = side_by_side(self._features, real_images)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([self.images, self.labels])
            shown = augment(self._enlarged(tf.convert_to_tensor(self.images)), seed, self._augmentation)
            features = side_by_side(self._features, shown)
            outputs = _regress(features, self.labels, real_features, self._ridge)
            loss = tf.reduce_mean(tf.reduce_sum(tf.square(outputs - _centred(real_targets)), axis=1))
        gradients = tape.gradient(loss, [self.images, self.labels])
        # Adam's step does not depend on the gradient's scale, so two rates are two steps' lengths.
        old_images, old_labels = tf.identity(self.images), tf.identity(self.labels)
        self._set_optimizer.apply(gradients, tf.constant(1.0))
        self.images.assign(tf.clip_by_value(old_images + rates[0] * (self.images - old_images), 0.0, 1.0))
        moved = old_labels + rates[1] * (self.labels - old_labels) if self._learns_labels else old_labels
        positive = tf.maximum(moved, 0.0)
        self.labels.assign(positive / tf.reduce_sum(positive, axis=1, keepdims=True))
        for mean, value in zip(self._means, (self.images, self.labels), strict=True):
            mean.assign(average * mean + (1 - average) * value)
        right = tf.equal(tf.argmax(outputs, axis=1), tf.argmax(real_targets, axis=1))
        return loss, tf.reduce_mean(tf.cast(right, tf.float32))

    def _train_net(self, rows: tf.Tensor, seed: tf.Tensor, rate: tf.Tensor) -> None:
        batch = augment(self._enlarged(tf.gather(self.images, rows)), seed, self._augmentation)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._weights)
            loss = mean_loss(self._loss, side_by_side(self.model, batch, training=True), tf.gather(self.labels, rows))
        self._net_optimizer.apply(tape.gradient(loss, self._weights), rate)

    def _enlarged(self, small: tf.Tensor) -> tf.Tensor:
        if self._small_images.factor == 1:
            return small
        rows, columns = map(tf.constant, self._small_images.enlarging)
        return tf.einsum("xw,nywc->nyxc", columns, tf.einsum("yh,nhwc->nywc", rows, small))


def _regress(features: tf.Tensor, labels: tf.Tensor, real_features: tf.Tensor, ridge: float) -> tf.Tensor:
    """Return the outputs (B, K) on real images of the ridge regression trained on the set, around zero."""
    features, real_features = _with_bias(features), _with_bias(real_features)
    kernel = tf.cast(tf.matmul(features, features, transpose_b=True), tf.float64)
    system = kernel + ridge * tf.linalg.trace(kernel) / kernel.shape[0] * tf.eye(kernel.shape[0], dtype=tf.float64)
    factor = tf.linalg.cholesky(system)
    alpha = tf.linalg.cholesky_solve(factor, tf.cast(_centred(labels), tf.float64))
    return tf.matmul(real_features, tf.matmul(features, tf.cast(alpha, tf.float32), transpose_a=True))


def _with_bias(features: tf.Tensor) -> tf.Tensor:
    return tf.concat([features, tf.ones_like(features[:, :1])], axis=1)


def _centred(labels: tf.Tensor) -> tf.Tensor:
    return labels - 1.0 / labels.shape[1]
