"""Distribution matching: synthetic images whose mean embedding by random networks is the real ones'."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.distillers.matching.pixels import PixelDistiller, network_arguments
from mps_env.checks import require_positive, require_whole
from mps_env.synthetic_set import SyntheticSet
from mps_env.task import Task

if TYPE_CHECKING:
    from agents.distillers.matching.embeddings import EmbeddingProgram

_NET_SEED = 3


class DistributionMatching(PixelDistiller):
    """DM (Zhao, Bilen, WACV 2023, algorithm 1).

    An iteration draws a fresh network and moves each class's images down the squared distance between the mean
    embeddings of real and synthetic images (equation 4), by SGD with momentum 0.5 on standardised pixels.

    Args:
        task: Data set and sizes.
        initial: The set to begin from; its labels stay.
        seed: Of everything random.
        network: A registered network without batch normalisation; what goes into its last layer is the embedding.
        network_kwargs: Its arguments; None is ConvNet of width 128 and as many of three blocks as the images allow.
        siamese: Augment real and synthetic images alike, as published.
        real_batch: Real images of each class an iteration.
        learning_rate: Of pixels; published are 1 up to 10 images per class, and 10 at 50.

    Raises:
        ValueError: If a setting is out of range.
    """

    iterations = 20_000
    evaluate_every = 500

    def __init__(
        self,
        task: Task,
        initial: SyntheticSet,
        *,
        seed: int,
        network: str = "convnet",
        network_kwargs: Mapping[str, Any] | None = None,
        siamese: bool = True,
        real_batch: int = 256,
        learning_rate: float = 1.0,
    ) -> None:
        require_whole(1, real_batch=real_batch)
        require_positive(learning_rate=learning_rate)
        super().__init__(task, initial, seed=seed, real_batch=real_batch, is_siamese=siamese)
        self._network, self._network_kwargs = network, network_arguments(network, network_kwargs, task)
        self._rate = learning_rate

    def iterate(self, number: int) -> Mapping[str, float]:
        rng = self.rng(number)
        self._program.start(np.random.SeedSequence([self.seed, _NET_SEED, number]))
        real = self.real_batches(rng)
        changes = [self.change(rng) for _ in real]
        distance, gradients = self._program.match(real, [self.pixels[slots] for slots in self.slots_of], changes)
        self.descend(gradients, self._rate)
        return {"loss": distance}

    @cached_property
    def _program(self) -> EmbeddingProgram:
        from agents.distillers.matching.embeddings import EmbeddingProgram

        dataset = self.task.dataset
        return EmbeddingProgram(self._network, self._network_kwargs, dataset.image_shape, dataset.num_classes)
