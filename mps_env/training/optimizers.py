"""Optimisers as one fused operation a variable.

A Keras optimiser spends about ten small operations a variable and step; on networks of this size those cost as
much as the convolutions. The formulas and constants are those of Keras.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7  # Keras' defaults for Adam
_MOMENTUM = 0.9

_NUM_SLOTS = {"adam": 2, "momentum": 1, "sgd": 0}


class FusedOptimizer:
    """Updates variables in place inside a graph.

    Args:
        name: "adam", "momentum" (0.9) or "sgd".
        variables: What it updates.
        beta_1: Of Adam, how much of its direction each step keeps.
    """

    def __init__(self, name: str, variables: Sequence[tf.Variable], *, beta_1: float = _BETA_1) -> None:
        self._name = name
        self._beta_1 = beta_1
        self._variables = list(variables)
        self._slots = [
            [tf.Variable(tf.zeros_like(variable), trainable=False) for variable in self._variables]
            for _ in range(_NUM_SLOTS[name])
        ]
        self._step = tf.Variable(0.0, trainable=False)

    @property
    def variables(self) -> list[tf.Variable]:
        """All that it knows: the slots of each variable, and the step count last."""
        return [variable for slot in self._slots for variable in slot] + [self._step]

    def reset(self) -> None:
        """Forget everything, as a new optimiser."""
        self._step.assign(0.0)
        for slot in self._slots:
            for variable in slot:
                variable.assign(tf.zeros_like(variable))

    def step_count(self) -> tf.Tensor:
        """Return the number of steps taken since `reset`, a scalar int32."""
        return tf.cast(self._step, tf.int32)

    def apply(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor) -> None:
        """Take one step.

        Args:
            gradients: One a variable.
            learning_rate: Scalar float32.
        """
        step = self._step.assign_add(1.0)
        if self._name == "adam":
            self._apply_adam(gradients, learning_rate, step)
        elif self._name == "momentum":
            for variable, slot, gradient in zip(self._variables, self._slots[0], gradients, strict=True):
                tf.raw_ops.ResourceApplyKerasMomentum(
                    var=variable.handle, accum=slot.handle, lr=learning_rate, grad=gradient, momentum=_MOMENTUM
                )
        else:
            for variable, gradient in zip(self._variables, gradients, strict=True):
                tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=learning_rate, delta=gradient)

    def _apply_adam(self, gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor, step: tf.Tensor) -> None:
        beta1_power, beta2_power = tf.pow(self._beta_1, step), tf.pow(_BETA_2, step)
        first, second = self._slots
        for variable, m, v, gradient in zip(self._variables, first, second, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=m.handle,
                v=v.handle,
                beta1_power=beta1_power,
                beta2_power=beta2_power,
                lr=learning_rate,
                beta1=self._beta_1,
                beta2=_BETA_2,
                epsilon=_EPSILON,
                grad=gradient,
            )
