"""Which images make up each batch, and the learning rate of each step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mps_env.training.config import TrainConfig


@dataclass(frozen=True, eq=False)
class BatchPlan:
    """The batches of one training, in order: E rounds of F full batches and, if `left_over` has columns, one more.

    Args:
        full: (E, F, B) int32 rows of the set.
        left_over: (E, R) int32, the smaller last batch of each round; R may be 0.
        learning_rates: (E, F + (R > 0)) float32.
    """

    full: np.ndarray
    left_over: np.ndarray
    learning_rates: np.ndarray

    @property
    def num_steps(self) -> int:
        """Optimiser steps in all."""
        return self.learning_rates.size

    def part(self, start: int, stop: int) -> BatchPlan:
        """Return the rounds `start` to `stop`; with `TrainConfig.steps` a round is one step."""
        return BatchPlan(self.full[start:stop], self.left_over[start:stop], self.learning_rates[start:stop])


def plan_batches(config: TrainConfig, num_images: int, rng: np.random.Generator) -> BatchPlan:
    """Draw the batches of one training.

    With `config.epochs` and the deal "shuffled" every epoch is a permutation cut into batches of `batch_size` and a
    smaller last one, as Keras' `fit` does. With the deal "stratified" the batches of an epoch are of one size, and
    neighbouring images are dealt to different ones: sets are ordered by class, so every batch gets its share of each,
    and no training ends on a handful of images. With `config.steps` one stream of permutations is cut into full
    batches, so that a batch may span two passes and every step weighs the same.
    """
    batch_size = min(config.batch_size, num_images)
    if config.epochs is not None and config.deal == "stratified":
        full = np.stack([_dealt(num_images, batch_size, rng) for _ in range(config.epochs_over(num_images))])
        left_over = np.zeros((len(full), 0), np.int32)
    elif config.epochs is not None:
        order = _permutations(config.epochs_over(num_images), num_images, rng)
        full_batches = num_images // batch_size
        full = order[:, : full_batches * batch_size].reshape(len(order), full_batches, batch_size)
        left_over = order[:, full_batches * batch_size :]
    else:
        assert config.steps is not None
        passes = math.ceil(config.steps * batch_size / num_images)
        order = _permutations(passes, num_images, rng).reshape(-1)[: config.steps * batch_size]
        full, left_over = order.reshape(config.steps, 1, batch_size), np.zeros((config.steps, 0), np.int32)
    rounds, steps_per_round = len(full), full.shape[1] + (left_over.shape[1] > 0)
    rates = learning_rates(config, rounds * steps_per_round).reshape(rounds, steps_per_round)
    return BatchPlan(np.ascontiguousarray(full), np.ascontiguousarray(left_over), rates)


def learning_rates(config: TrainConfig, num_steps: int) -> np.ndarray:
    """Return the learning rate of every step, (num_steps,) float32."""
    if config.schedule == "constant":
        return np.full(num_steps, config.learning_rate, np.float32)
    progress = np.arange(num_steps) / num_steps
    return (config.learning_rate * 0.5 * (1 + np.cos(np.pi * progress))).astype(np.float32)


def _permutations(count: int, num_images: int, rng: np.random.Generator) -> np.ndarray:
    rows = np.tile(np.arange(num_images, dtype=np.int32), (count, 1))
    return rng.permuted(rows, axis=1)


def _dealt(num_images: int, batch_size: int, rng: np.random.Generator) -> np.ndarray:
    """Deal all images, in blocks of neighbours, one of each block to each batch; (F, B) int32 with B <= batch_size.

    Where the images do not fill the batches, some random ones are dealt twice.
    """
    num_batches = math.ceil(num_images / batch_size)
    rows_per_batch = math.ceil(num_images / num_batches)
    surplus = rng.choice(num_images, num_batches * rows_per_batch - num_images, replace=False)
    blocks = np.sort(np.concatenate([np.arange(num_images), surplus])).reshape(rows_per_batch, num_batches)
    return rng.permuted(blocks, axis=1).T.astype(np.int32)
