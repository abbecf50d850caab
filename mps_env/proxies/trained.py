"""The trained proxy: a network trained from scratch on the set by one compiled program.

Its few dozen steps must rank sets as an audit of a thousand would. What makes them do so, at next to no cost: pixels
are standardised, kernels start with He's variance and the outputs near zero, batches are stratified and equal, the
loss is the audit's, and in the end the last layer is solved in closed form, as if it had been trained for long.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mps_env.checks import require_whole
from mps_env.networks import check_network_name
from mps_env.proxies.base import Proxy, Score
from mps_env.threads import cores
from mps_env.training.config import PRESETS, Augmentation, TrainConfig, loss_for
from mps_env.training.metrics import measure, softmax

if TYPE_CHECKING:
    import tensorflow as tf

    from mps_env.data.dataset import Dataset, Split
    from mps_env.synthetic_set import SyntheticSet
    from mps_env.training.program import TrainingProgram
    from mps_env.training.randomness import TrainingRandomness

    _Job = tuple[SyntheticSet, TrainingRandomness]
    _Trained = tuple[np.ndarray, list[np.ndarray]]  # validation logits, weights

_STATISTICS_IMAGES = 1_000
_RENEWED_EPOCHS = 4  # times those of the proxy
_RENEWED_STEPS = 160  # at the least, so that one image per class trains as long as ten do
_HEAD_LOSS = "mse"  # what the last layer is solved for, whatever the layers below were trained by
_HEAD_RIDGE = 0.1
_OUTPUT_GAIN = 0.1  # initial outputs around zero: what squared error starts best from
_TEMPERATURE = 0.1  # of the softmax over outputs, which lie around 0 and 1


class TrainedEpisode:
    """The common random numbers of one episode: a seed, and what was drawn from it so far.

    Args:
        seed: Fixes initial weights, batches and augmentation.
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)
        self.drawn: dict[int, list[TrainingRandomness]] = {}  # by the number of images, one entry an `init`

    def __getstate__(self) -> dict[str, Any]:
        return {"seed": self.seed, "drawn": {}}  # drawn again on first use


class TrainedProxy(Proxy):
    """Trains a network on the synthetic set from scratch and scores it on the validation split.

    Args:
        dataset: Its validation split is scored on; pixel statistics come from its training split.
        network: A registered network.
        epochs: Passes over the set, >= 1.
        batch_size: Images a step, >= 1.
        learning_rate: Of the optimiser, > 0.
        inits: Trainings from different weights and batches whose scores are averaged, >= 1.
        augment: False, True or "light", a preset's name, or the fields of `Augmentation`.
        optimizer: "adam", "sgd" or "momentum".
        network_kwargs: The network's own arguments.

    Raises:
        ValueError: If an argument is unknown or out of range.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        network: str = "mps_cnn",
        epochs: int = 10,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        inits: int = 1,
        augment: bool | str | Mapping[str, Any] = False,
        optimizer: str = "adam",
        network_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        require_whole(1, hint="1 is the fastest.", inits=inits)
        check_network_name(network)
        if not isinstance(network_kwargs, Mapping | None):
            raise TypeError(f"network_kwargs must be a mapping, got {network_kwargs!r}. Write {{'width': 64}}.")
        self._network, self._network_kwargs, self._inits = network, dict(network_kwargs or {}), inits
        self._config = TrainConfig(
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            optimizer=optimizer,
            loss=loss_for(dataset.num_classes),
            augmentation=Augmentation.parse(augment),
            deal="stratified",
        )
        self._image_shape, self._num_classes = dataset.image_shape, dataset.num_classes
        self._pixel_mean, self._pixel_std = _pixel_statistics(dataset.train)
        self._validation_images = dataset.validation.images
        self._validation_classes = dataset.validation.labels
        self._validation_tensor: tf.Tensor | None = None
        self._program()  # says now, not at the first score, if the network cannot take the images

    def begin(self, seed: int) -> TrainedEpisode:
        """Return the common random numbers of one episode; small, and drawn on first use."""
        return TrainedEpisode(seed)

    def score(self, episode: TrainedEpisode, synthetic_set: SyntheticSet) -> Score:
        """Train `inits` times and average accuracy and loss; `model` is the first training's.

        Raises:
            RuntimeError: If a training diverges.
        """
        return self.score_batch([episode], [synthetic_set])[0]

    def score_batch(self, episodes: Sequence[TrainedEpisode], sets: Sequence[SyntheticSet]) -> list[Score]:
        """Score several sets, as many side by side as there are processor cores.

        Trainings this small leave cores idle between their steps. Each runs on a replica of the program with
        variables of its own; the scores equal those of `score` bit for bit.
        """
        jobs = [
            (synthetic_set, training)
            for episode, synthetic_set in zip(episodes, sets, strict=True)
            for training in self._randomness(episode, len(synthetic_set))
        ]
        results = self._train_all(jobs)
        return [self._average(results[start : start + self._inits]) for start in range(0, len(jobs), self._inits)]

    def predict(self, score: Score, images: np.ndarray) -> np.ndarray:
        """Return class probabilities (n, K) float32 of (n, H, W, C) images by a scored model."""
        program, _ = self._program()
        with program.lock:
            program.start(score.model)
            return softmax(program.logits(self._standardised(images)) / np.float32(_TEMPERATURE))

    def renewed(self, seed: int) -> TrainedProxy:
        """Return a proxy that trains four times as long, and on few images longer, lightly augmented as an audit is.

        A few dozen steps favour images that are quickly learned from, prototypes above all, and a search finds them.
        On 22 sets of MNIST the longer training's scores correlate with the audit at 0.91, the short one's at 0.79.
        """
        config = self._config
        augmentation = config.augmentation if config.augmentation.is_active else PRESETS["light"]
        renewed = copy.deepcopy(self)
        epochs = _RENEWED_EPOCHS * config.epochs  # type: ignore[operator]  # it is set above
        renewed._config = replace(config, epochs=epochs, least_steps=_RENEWED_STEPS, augmentation=augmentation)
        return renewed

    def _train_all(self, jobs: Sequence[_Job]) -> list[_Trained]:
        """Train every job, in threads where there are several."""
        from mps_env.training.program import MOST_REPLICAS

        workers = min(len(jobs), cores(), MOST_REPLICAS)
        programs = [self._program(replica) for replica in range(workers)]  # Keras builds models in one thread
        if workers <= 1:
            return [self._train(job, *programs[0]) for job in jobs]

        def train_share(replica: int) -> list[_Trained]:
            return [self._train(job, *programs[replica]) for job in jobs[replica::workers]]

        with ThreadPoolExecutor(workers) as pool:
            shares = list(pool.map(train_share, range(workers)))
        return [shares[index % workers][index // workers] for index in range(len(jobs))]

    def _train(self, job: _Job, program: TrainingProgram, validation_images: tf.Tensor) -> _Trained:
        synthetic_set, training = job
        return program.fit(
            self._standardised(synthetic_set.images),
            synthetic_set.labels,
            training.plan,
            training.weights,
            training.augmentation_seed,
            validation_images,
            _HEAD_RIDGE,
        )

    def _average(self, results: Sequence[_Trained]) -> Score:
        metrics = [measure(logits, self._validation_classes, _HEAD_LOSS) for logits, _ in results]
        loss = float(np.mean([m.loss for m in metrics]))
        if not np.isfinite(loss):
            raise RuntimeError(
                f"the proxy's training has diverged with learning_rate {self._config.learning_rate} of"
                f" {self._config.optimizer}. Use a smaller one; 1e-3 suits adam."
            )
        return Score(
            accuracy=float(np.mean([m.accuracy for m in metrics])),
            loss=loss,
            class_accuracy=np.stack([m.class_accuracy for m in metrics]).mean(axis=0),
            model=results[0][1],
        )

    def _program(self, replica: int = 0) -> tuple[TrainingProgram, tf.Tensor]:
        """Return a compiled program and the validation images as a tensor."""
        from mps_env.training.program import training_program

        if self._validation_tensor is None:
            import tensorflow as tf

            self._validation_tensor = tf.constant(self._standardised(self._validation_images))
        program = training_program(
            self._network, self._network_kwargs, self._image_shape, self._num_classes, self._config, replica
        )
        return program, self._validation_tensor

    def _randomness(self, episode: TrainedEpisode, num_images: int) -> list[TrainingRandomness]:
        if num_images not in episode.drawn:
            from mps_env.training.randomness import draw_randomness

            program, _ = self._program()
            drawn = (
                draw_randomness(
                    program, self._config, num_images, np.random.SeedSequence(episode.seed, spawn_key=(init,))
                )
                for init in range(self._inits)
            )
            episode.drawn[num_images] = [replace(one, weights=_scaled(one.weights)) for one in drawn]
        return episode.drawn[num_images]

    def _standardised(self, images: np.ndarray) -> np.ndarray:
        return (images - self._pixel_mean) / self._pixel_std

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_validation_tensor": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> TrainedProxy:
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__getstate__())
        return copied  # everything in it is constant, so sharing is copying


def _pixel_statistics(train: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each channel, (C,) float32, over training images spread evenly."""
    rows = np.unique(np.linspace(0, len(train) - 1, _STATISTICS_IMAGES).astype(np.int64))
    images = train.take(rows)
    return images.mean(axis=(0, 1, 2)), np.maximum(images.std(axis=(0, 1, 2)), np.float32(1e-3))


def _scaled(weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Scale Keras' Glorot kernels to He's variance for ReLU networks (He et al., ICCV 2015), the last one down."""
    kernels = [index for index, value in enumerate(weights) if value.ndim >= 2]
    gains = dict.fromkeys(kernels, np.float32(np.sqrt(2))) | {kernels[-1]: np.float32(_OUTPUT_GAIN)}
    return [value * gains.get(index, np.float32(1)) for index, value in enumerate(weights)]
