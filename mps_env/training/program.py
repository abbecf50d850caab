"""One network, its variables and its training loop, compiled once and used for every training of that shape."""

from __future__ import annotations

import functools
import itertools
import json
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mps_env.networks import build_network
from mps_env.networks.parts import below_head
from mps_env.threads import SIDE_BY_SIDE, share_cores
from mps_env.training.augment import augment
from mps_env.training.batches import BatchPlan
from mps_env.training.config import PRESETS, Augmentation, TrainConfig
from mps_env.training.head import solve_head
from mps_env.training.initial_weights import draw_initial_weights
from mps_env.training.losses import mean_loss
from mps_env.training.optimizers import FusedOptimizer

share_cores()

ImageShape = tuple[int, int, int]

# Images per forward pass of an evaluation: few enough for the activations to stay in the cache.
EVALUATION_BATCH = 125
# Fewer where one layer's output would take more than this: 125 images of 224x224 take 1.6 GB in VGG's first layers.
_LARGEST_OUTPUT = 2**28  # bytes
# `logits` pads what is left over to one of these or to a whole batch, so that few shapes are ever compiled.
_BUCKETS = (8, 32)
_HEAD_COPIES = 4
# Of a program; more would not be kept, and be compiled at every step.
MOST_REPLICAS = 16


class TrainingProgram:
    """Trains and evaluates one network; nothing is built or traced again after the first call of a shape.

    The Keras model is built once; a training resets its variables from weights given as arguments, so the same
    arguments give the same bits. Between `start` and the last `train` of one training the variables are in use:
    hold `lock` where several threads share a program.

    Args:
        network: A registered network.
        network_kwargs: Its arguments.
        image_shape: (H, W, C).
        num_classes: K.
        optimizer: One of `config.OPTIMIZERS`.
        loss: One of `config.LOSSES`.
        augmentation: What is done to the images of a batch.

    Raises:
        ValueError: If the network is unknown or cannot take the images.
    """

    def __init__(
        self,
        network: str,
        network_kwargs: Mapping[str, Any],
        image_shape: ImageShape,
        num_classes: int,
        *,
        optimizer: str,
        loss: str,
        augmentation: Augmentation,
    ) -> None:
        self.model = build_network(network, image_shape, num_classes, network_kwargs)
        self.features = _trained_below_head(self.model)
        self.lock = threading.RLock()
        self._image_shape, self._num_classes = image_shape, num_classes
        self._loss, self._augmentation = loss, augmentation
        self._variables = [variable.value for variable in self.model.variables]
        self._trainable = [variable.value for variable in self.model.trainable_variables]
        self._optimizer = FusedOptimizer(optimizer, self._trainable)
        self._evaluation_batch = evaluation_batch(self.model)
        self._functions: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def initial_weights(self, seeds: np.random.SeedSequence) -> list[np.ndarray]:
        """Draw initial weights, in the order of `model.variables`."""
        return draw_initial_weights(self.model, seeds)

    def fit(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        plan: BatchPlan,
        weights: Sequence[np.ndarray],
        augmentation_seed: np.ndarray,
        evaluation_images: tf.Tensor,
        head_ridge: float | None = None,
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Train from given weights and evaluate, in one call.

        Args:
            images: (N, H, W, C) float32; in [0, 1], or standardised as `evaluation_images` are.
            labels: (N, K) float32.
            plan: The batches of the N images.
            weights: Initial values of `model.variables`.
            augmentation_seed: (2,) int32.
            evaluation_images: (n, H, W, C) float32; compiled for each n, so meant for one validation split.
            head_ridge: Solve the last layer at the end, on the images and four lightly augmented copies of them, with
                this regularisation (`solve_head`); None leaves it.

        Returns:
            The logits (n, K) of the evaluation images and the trained weights.
        """
        with self.lock:
            self.start(weights)
            self.train(images, labels, plan, augmentation_seed)
            if head_ridge is not None and self.features is not None:
                seen = self._with_copies(images, augmentation_seed)
                features = self._evaluate(seen, of=self.features)
                kernel, bias = solve_head(features, np.tile(labels, (_HEAD_COPIES + 1, 1)), head_ridge)
                self.model.layers[-1].kernel.assign(kernel)
                self.model.layers[-1].bias.assign(bias)
            return self._evaluate(evaluation_images), self.weights()

    def start(self, weights: Sequence[np.ndarray]) -> None:
        """Begin a training: set all variables and forget what the optimiser knows."""
        self._function(("start",), self._start_graph, [self._weight_specs])(
            [tf.convert_to_tensor(value) for value in weights]
        )

    def train(self, images: np.ndarray, labels: np.ndarray, plan: BatchPlan, augmentation_seed: np.ndarray) -> None:
        """Take the steps of a plan, or of a part of it; arguments as for `fit`."""
        batch_size, left_over = plan.full.shape[2], plan.left_over.shape[1]
        signature = [
            tf.TensorSpec((None, *self._image_shape), tf.float32),
            tf.TensorSpec((None, self._num_classes), tf.float32),
            tf.TensorSpec((None, None, batch_size), tf.int32),
            tf.TensorSpec((None, left_over), tf.int32),
            tf.TensorSpec((None, None), tf.float32),
            tf.TensorSpec((2,), tf.int32),
        ]
        function = self._function(("train", batch_size, left_over), self._train_graph, signature)
        arguments = (images, labels, plan.full, plan.left_over, plan.learning_rates, augmentation_seed)
        function(*map(tf.convert_to_tensor, arguments))

    def weights(self) -> list[np.ndarray]:
        """Return copies of the variables, in the order of `model.variables`."""
        return [variable.numpy() for variable in self._variables]

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return (n, K) float32 logits of (n, H, W, C) images by the network as it is now, for any n >= 0."""
        whole = len(images) - len(images) % self._evaluation_batch
        rest = images[whole:]
        parts = [self._evaluate(images[:whole])] if whole else []
        if len(rest):
            bucket = min(size for size in (*_BUCKETS, self._evaluation_batch) if size >= len(rest))
            padded = np.zeros((bucket, *self._image_shape), np.float32)
            padded[: len(rest)] = rest
            parts.append(self._evaluate(padded)[: len(rest)])
        return np.concatenate(parts) if parts else np.zeros((0, self._num_classes), np.float32)

    def _evaluate(self, images: np.ndarray | tf.Tensor, of: keras.Model | None = None) -> np.ndarray:
        """Return the outputs of the network, or of a part of it, on images."""
        model, left_over = of or self.model, len(images) % self._evaluation_batch
        signature = [tf.TensorSpec((None, *self._image_shape), tf.float32)]
        function = self._function(
            ("outputs", of is None, left_over),
            lambda batch: self._outputs_graph(batch, model=model, left_over=left_over),
            signature,
        )
        return function(tf.convert_to_tensor(images)).numpy()

    def _with_copies(self, images: np.ndarray, seed: np.ndarray) -> tf.Tensor:
        """Return images followed by lightly augmented copies of them, ((copies + 1) * N, H, W, C)."""

        def graph(batch: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
            copies = [augment(batch, seed + copy, PRESETS["light"]) for copy in range(1, _HEAD_COPIES + 1)]
            return tf.concat([batch, *copies], axis=0)

        signature = [tf.TensorSpec(images.shape, tf.float32), tf.TensorSpec((2,), tf.int32)]
        function = self._function(("copies", len(images)), graph, signature)
        return function(tf.convert_to_tensor(images), tf.convert_to_tensor(seed))

    def _function(self, key: tuple[Any, ...], graph: Callable[..., Any], signature: list[Any]) -> Callable[..., Any]:
        """Return the compiled form of one graph, traced on first use."""
        if key not in self._functions:
            self._functions[key] = tf.function(graph, autograph=False).get_concrete_function(*signature)
        return self._functions[key]

    @property
    def _weight_specs(self) -> list[tf.TensorSpec]:
        return [tf.TensorSpec(variable.shape, variable.dtype) for variable in self._variables]

    def _start_graph(self, weights: list[tf.Tensor]) -> None:
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)
        self._optimizer.reset()

    def _train_graph(
        self,
        images: tf.Tensor,
        labels: tf.Tensor,
        full: tf.Tensor,
        left_over: tf.Tensor,
        rates: tf.Tensor,
        seed: tf.Tensor,
    ) -> None:
        full_batches = tf.shape(full)[1]

        def step(rows: tf.Tensor, rate: tf.Tensor) -> None:
            step_seed = tf.stack([seed[0], seed[1] + self._optimizer.step_count()])
            batch = augment(tf.gather(images, rows), step_seed, self._augmentation)
            self._step_graph(batch, tf.gather(labels, rows), rate)

        def full_batch(epoch: tf.Tensor, index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            step(full[epoch, index], rates[epoch, index])
            return epoch, index + 1

        def one_epoch(epoch: tf.Tensor) -> tuple[tf.Tensor]:
            tf.while_loop(lambda _, index: index < full_batches, full_batch, (epoch, 0), parallel_iterations=1)
            if left_over.shape[1]:
                step(left_over[epoch], rates[epoch, full_batches])
            return (epoch + 1,)

        tf.while_loop(lambda epoch: epoch < tf.shape(full)[0], one_epoch, (0,), parallel_iterations=1)

    def _step_graph(self, images: tf.Tensor, labels: tf.Tensor, learning_rate: tf.Tensor) -> None:
        self._optimizer.apply(self._gradients(images, labels), learning_rate)

    def _gradients(self, images: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
        """Return the gradients of the mean loss of a batch, its halves computed side by side.

        A network whose layers look at the batch as a whole (batch normalisation) gets it in one piece, and so does
        one that draws random numbers (dropout): its seeds must not depend on which half comes first.
        """
        parts = 1 if self.model.non_trainable_variables else min(SIDE_BY_SIDE, images.shape[0])
        bounds = [images.shape[0] * part // parts for part in range(parts + 1)]
        losses = []
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._trainable)
            for start, stop in itertools.pairwise(bounds):
                loss = mean_loss(self._loss, self.model(images[start:stop], training=True), labels[start:stop])
                losses.append(loss * ((stop - start) / images.shape[0]))
            total = tf.add_n(losses)
        return tape.gradient(total, self._trainable)

    def _outputs_graph(self, images: tf.Tensor, *, model: keras.Model, left_over: int) -> tf.Tensor:
        size = self._evaluation_batch
        whole = tf.shape(images)[0] // size

        def forward(start: tf.Tensor, count: int) -> tf.Tensor:
            batch = tf.slice(images, [start, 0, 0, 0], [count, *self._image_shape])
            return model(batch, training=False)

        def one_batch(index: tf.Tensor, done: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            return index + 1, done.write(index, forward(index * size, size))

        width = model.output_shape[-1]
        parts = tf.TensorArray(tf.float32, whole, element_shape=(size, width))
        _, parts = tf.while_loop(
            lambda index, _: index < whole, one_batch, (0, parts), parallel_iterations=SIDE_BY_SIDE
        )
        outputs = tf.reshape(parts.stack(), (-1, width))
        if left_over:
            outputs = tf.concat([outputs, forward(whole * size, left_over)], axis=0)
        return outputs


def _trained_below_head(model: keras.Model) -> keras.Model | None:
    """Return the network without its last layer, sharing its variables; None if that is all there is to train, or if
    it is none that `solve_head` can solve."""
    is_deep, head = len(model.trainable_variables) > 2, model.layers[-1]
    if not is_deep or not isinstance(head, keras.layers.Dense) or not head.use_bias:
        return None
    return below_head(model)


def evaluation_batch(model: keras.Model) -> int:
    """Return how many images a forward pass takes: `EVALUATION_BATCH`, or fewer where the activations are large."""
    layers = model._flatten_layers(include_self=False)
    outputs = [output for layer in layers for output in keras.tree.flatten(getattr(layer, "output", []))]
    largest = max((math.prod(side or 1 for side in output.shape[1:]) for output in outputs), default=1)
    return max(1, min(EVALUATION_BATCH, _LARGEST_OUTPUT // (4 * largest)))


def training_program(
    network: str,
    network_kwargs: Mapping[str, Any] | None,
    image_shape: ImageShape,
    num_classes: int,
    config: TrainConfig,
    replica: int = 0,
) -> TrainingProgram:
    """Return the program for a network, a shape and a recipe; the same one for the same arguments.

    The number of steps, the batch size and the learning rates are data to the program, not part of it. Replicas
    are equal programs with variables of their own, for threads that train side by side.
    """
    return _cached_program(
        network,
        json.dumps(dict(network_kwargs or {}), sort_keys=True),
        tuple(image_shape),
        num_classes,
        config.optimizer,
        config.loss,
        config.augmentation,
        replica,
    )


@functools.lru_cache(maxsize=2 * MOST_REPLICAS)
def _cached_program(
    network: str,
    network_kwargs: str,
    image_shape: ImageShape,
    num_classes: int,
    optimizer: str,
    loss: str,
    augmentation: Augmentation,
    replica: int,  # only tells cached programs apart
) -> TrainingProgram:
    return TrainingProgram(
        network,
        json.loads(network_kwargs),
        image_shape,
        num_classes,
        optimizer=optimizer,
        loss=loss,
        augmentation=augmentation,
    )
