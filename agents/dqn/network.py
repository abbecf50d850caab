"""The Q-network in Keras, its bootstrap targets and its loss, compiled into one update."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

from agents.dqn.config import DQNConfig
from agents.dqn.value_scale import LARGEST_VALUE, ValueScale
from agents.replay import Transitions
from mps_env.threads import share_cores

share_cores()

_FACTS = 3  # columns ahead of the mask
_FORBIDDEN = -1e30  # below any value; -inf would turn into NaN where nothing at all is allowed


class QNetwork:
    """A dense network with one output an action, its lagging copy, and its optimiser.

    Args:
        observation_size: D.
        num_actions: A.
        config: Sizes, head, learning rate and which repairs are on.
        seed: Seeds the initial weights.

    Raises:
        RuntimeError: If Keras runs on another backend than TensorFlow.
    """

    def __init__(self, observation_size: int, num_actions: int, config: DQNConfig, seed: int) -> None:
        if keras.backend.backend() != "tensorflow":
            raise RuntimeError(
                f"the dqn agent needs Keras on TensorFlow, got {keras.backend.backend()!r}."
                " Set KERAS_BACKEND=tensorflow."
            )
        self.config = config
        self.online = build_network(observation_size, num_actions, config, seed)
        self.target = build_network(observation_size, num_actions, config, seed)
        self.optimizer = keras.optimizers.Adam(config.learning_rate)
        self.optimizer.build(self.online.trainable_variables)
        self._snapshot: list[np.ndarray] | None = None
        self._update = tf.function(
            self._update_step,
            input_signature=[
                tf.TensorSpec((2, None, observation_size), tf.float32),
                tf.TensorSpec((None, _FACTS + num_actions), tf.float32),
            ],
        )

    def values(self, vectors: np.ndarray) -> np.ndarray:
        """Return the network's outputs (B, A) for (B, D) float32.

        Computed in NumPy from a snapshot of the weights: a call into TensorFlow costs more than a net this small.
        """
        if self._snapshot is None:
            self._snapshot = [np.asarray(variable) for variable in self.online.trainable_variables]
        return forward(self._snapshot, vectors, softmax=self.config.head == "softmax")

    def update(self, batch: Transitions, scale: ValueScale) -> float:
        """Take one optimiser step on a batch and return the loss."""
        gamma, unit = self.config.gamma, 1.0
        before = after = np.zeros(len(batch.rewards))
        if self.config.normalizes:
            before, after = (scale.baseline(rewards, gamma) for rewards in (batch.last_rewards, batch.rewards))
            unit = scale.unit(gamma)
        # The target but for the network's part, in float64: baselines are large and nearly equal.
        expected = batch.rewards + gamma * np.where(batch.terminated, 0.0, after) - before
        # Few arrays in place of many: TensorFlow's checks of each argument cost more than the arithmetic.
        facts = np.column_stack([batch.actions, expected / unit, batch.terminated, batch.next_masks])
        loss, *weights = self._update(np.stack([batch.observations, batch.next_observations]), facts.astype(np.float32))
        self._snapshot = [weight.numpy() for weight in weights]
        return float(loss)

    def slow_down(self, factor: float) -> None:
        """Divide the learning rate by a factor, from now on."""
        self.optimizer.learning_rate = float(self.optimizer.learning_rate) / factor

    def copy_to_target(self) -> None:
        """Make the lagging copy equal to the network."""
        for copy, variable in zip(self.target.trainable_variables, self.online.trainable_variables, strict=True):
            copy.assign(variable)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return all weights, the copy's and the optimiser's variables, by name."""
        return {f"{group}/{i}": np.asarray(one) for group, i, one in self._variables()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `to_arrays` of an equal network gave.

        Raises:
            ValueError: If an array is missing or of another shape.
        """
        for group, i, variable in self._variables():
            stored = arrays.get(f"{group}/{i}")
            if stored is None or stored.shape != tuple(variable.shape):
                shape = None if stored is None else stored.shape
                raise ValueError(
                    f"saved array {group}/{i} has shape {shape}, the network's is {tuple(variable.shape)}."
                    " Load it with the settings and spaces it was saved with."
                )
            variable.assign(stored)
        self._snapshot = None

    def _variables(self) -> list[tuple[str, int, Any]]:
        groups = {
            "weights": self.online.trainable_variables,
            "target": self.target.trainable_variables,
            "optimizer": self.optimizer.variables,
        }
        return [(group, i, one) for group, variables in groups.items() for i, one in enumerate(variables)]

    def _update_step(self, observations: tf.Tensor, facts: tf.Tensor) -> list[tf.Tensor]:
        """One step of the optimiser; returns the loss and the new weights.

        `observations` holds those before and after, (2, B, D); `facts` columns are the action, the target but for the
        value of what follows, whether it terminated, and the next mask, in the network's units.
        """
        before, after = tf.unstack(observations)
        actions, known = tf.cast(facts[:, 0], tf.int32), facts[:, 1]
        terminated, next_masks = facts[:, 2] > 0, facts[:, _FACTS:] > 0
        goals = known + self.config.gamma * tf.where(terminated, 0.0, self._next_values(after, next_masks))
        if self.config.normalizes:
            goals = tf.clip_by_value(goals, -LARGEST_VALUE, LARGEST_VALUE)
        chosen = tf.one_hot(actions, self.online.output_shape[-1])
        with tf.GradientTape() as tape:
            outputs = self.online(before, training=True)
            # The family's form: every output is its own target, but for the action that was taken.
            targets = tf.stop_gradient(outputs * (1 - chosen) + goals[:, None] * chosen)
            loss = self._loss(targets, outputs)
        variables = self.online.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return [loss, *(tf.identity(variable.value) for variable in variables)]

    def _next_values(self, next_observations: tf.Tensor, next_masks: tf.Tensor) -> tf.Tensor:
        """The value of the best next action, (B,), in the network's units."""
        values = (self.target if self.config.target_network else self.online)(next_observations)
        allowed = next_masks if self.config.mask_actions else tf.ones_like(next_masks)
        if not (self.config.target_network and self.config.double):
            return tf.reduce_max(tf.where(allowed, values, _FORBIDDEN), axis=1)
        best = tf.argmax(tf.where(allowed, self.online(next_observations), _FORBIDDEN), axis=1)
        return tf.reduce_sum(values * tf.one_hot(best, values.shape[-1]), axis=1)

    def _loss(self, targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        if self.config.head == "linear":
            return tf.reduce_mean(tf.square(targets - outputs))
        # Cross-entropy needs targets >= 0; with them unbounded above, one action would take all probability.
        log_outputs = tf.math.log(tf.clip_by_value(outputs, 1e-7, 1.0))
        return -tf.reduce_mean(tf.reduce_sum(tf.clip_by_value(targets, 0.0, 1.0) * log_outputs, axis=1))


def build_network(observation_size: int, num_actions: int, config: DQNConfig, seed: int) -> keras.Sequential:
    """Return the family's network: dense ReLU layers, then one linear or softmax output an action."""
    seeds = np.random.SeedSequence(seed).generate_state(len(config.hidden) + 1).tolist()
    sizes = (*config.hidden, num_actions)
    activations = ("relu",) * len(config.hidden) + ("softmax" if config.head == "softmax" else "linear",)
    layers = [
        keras.layers.Dense(size, activation=activation, kernel_initializer=keras.initializers.GlorotUniform(one))
        for size, activation, one in zip(sizes, activations, seeds, strict=True)
    ]
    return keras.Sequential([keras.Input((observation_size,)), *layers])


def forward(weights: list[np.ndarray], vectors: np.ndarray, *, softmax: bool) -> np.ndarray:
    """Return the outputs (B, A) of dense ReLU layers given as [kernel, bias, kernel, bias, ...]."""
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        vectors = np.maximum(vectors @ kernel + bias, 0)
    outputs = vectors @ weights[-2] + weights[-1]
    if not softmax:
        return outputs
    exponentials = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
