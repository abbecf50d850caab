"""Dataset condensation by gradient matching: synthetic images whose gradients point where the real ones' do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.distillers.matching.pixels import MOMENTUM, PixelDistiller, network_arguments
from mps_env.checks import require_positive, require_whole
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

if TYPE_CHECKING:
    from agents.distillers.matching.gradients import GradientProgram

# Outer and inner loops of the authors' experiments by images per class; in between, the next smaller entry's.
_LOOPS = {1: (1, 1), 10: (10, 50), 20: (20, 25), 30: (30, 20), 40: (40, 15), 50: (50, 10)}
_NET_SEED = 2


class GradientMatching(PixelDistiller):
    """DC (Zhao, Mopuri, Bilen, ICLR 2021, algorithm 1); with `siamese` DSA (Zhao, Bilen, ICML 2021).

    An iteration takes a fresh network. `outer_loop` times it moves each class's images down the distance between the
    gradients that real and synthetic images of that class give (equation 10), by SGD with momentum 0.5 on
    standardised pixels, and in between trains the network `inner_loop` epochs on the synthetic set.

    What dominates the cost are the gradients of the real batches: per matching step of ConvNet-3 at width 128 on
    28x28 images, 37 million multiplications forward and three times that in all, for 256 images of each of ten
    classes, 564 GFLOP; they run at 69 % of the rate of a large matrix product (`mps speed --parts matching`). The
    authors' network pads grey images to 32x32 in its first layer, which ours does not.

    Args:
        task: Data set and sizes.
        initial: The set to begin from; its labels stay.
        seed: Of everything random.
        network: A registered network without batch normalisation.
        network_kwargs: Its arguments; None is ConvNet of width 128 and as many of three blocks as the images allow.
        siamese: Augment real and synthetic images alike.
        real_batch: Real images of each class a matching step.
        train_batch: Synthetic images per training step of the network.
        learning_rate: Of pixels.
        net_rate: Of the network.
        outer_loop: Matching steps per iteration; None for the published number.
        inner_loop: Epochs of training between two of them; None for the published number.

    Raises:
        ValueError: If a setting is out of range.
    """

    iterations = 1_000
    evaluate_every = 50

    def __init__(
        self,
        task: Task,
        initial: SyntheticSet,
        *,
        seed: int,
        network: str = "convnet",
        network_kwargs: Mapping[str, Any] | None = None,
        siamese: bool = False,
        real_batch: int = 256,
        train_batch: int = 256,
        learning_rate: float = 0.1,
        net_rate: float = 0.01,
        outer_loop: int | None = None,
        inner_loop: int | None = None,
    ) -> None:
        require_whole(1, real_batch=real_batch, train_batch=train_batch)
        require_positive(learning_rate=learning_rate, net_rate=net_rate)
        super().__init__(task, initial, seed=seed, real_batch=real_batch, is_siamese=siamese)
        self._network, self._network_kwargs = network, network_arguments(network, network_kwargs, task)
        ipc = max(1, task.n_slots // task.dataset.num_classes)
        outer, inner = _LOOPS[max(known for known in _LOOPS if known <= ipc)]
        self._outer = outer if outer_loop is None else outer_loop
        self._inner = inner if inner_loop is None else inner_loop
        require_whole(1, outer_loop=self._outer, inner_loop=self._inner)
        self._train_batch, self._rate, self._net_rate = train_batch, learning_rate, net_rate

    def iterate(self, number: int) -> Mapping[str, float]:
        rng = self.rng(number)
        self._program.start(np.random.SeedSequence([self.seed, _NET_SEED, number]))
        total = 0.0
        for outer in range(self._outer):
            total += self._match(rng)
            if outer < self._outer - 1:
                self._train(rng)
        return {"loss": total / (self._outer * len(self.slots_of))}

    def _match(self, rng: np.random.Generator) -> float:
        """Move all classes' images one step and return the distance before it."""
        real = self.real_batches(rng)
        changes = [self.change(rng) for _ in real]
        distance, gradients = self._program.match(real, [self.pixels[slots] for slots in self.slots_of], changes)
        self.descend(gradients, self._rate)
        return distance

    def _train(self, rng: np.random.Generator) -> None:
        for _ in range(self._inner):
            order = rng.permutation(len(self.pixels))
            for start in range(0, len(order), self._train_batch):
                rows = order[start : start + self._train_batch]
                self._program.train(self.pixels[rows], self.initial.labels[rows], self.change(rng), self._net_rate)

    @cached_property
    def _program(self) -> GradientProgram:
        from agents.distillers.matching.gradients import GradientProgram

        dataset = self.task.dataset
        return GradientProgram(
            self._network, self._network_kwargs, dataset.image_shape, dataset.num_classes, momentum=MOMENTUM
        )
