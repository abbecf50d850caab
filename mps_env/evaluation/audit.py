"""The audit itself: the only place where the test split is used."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mps_env.data.catalogue import find_source
from mps_env.data.loading import load_dataset
from mps_env.data.test_split import load_test_split
from mps_env.evaluation.config import AuditConfig
from mps_env.evaluation.fitting import fit_images
from mps_env.evaluation.result import AuditResult, SeedResult

if TYPE_CHECKING:
    from mps_env.synthetic_set import SyntheticSet


def audit(
    synthetic_set: SyntheticSet,
    dataset_name: str,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    config: AuditConfig | None = None,
    seed: int = 0,
    finished: Sequence[SeedResult] = (),
    on_seed: Callable[[SeedResult], None] | None = None,
) -> AuditResult:
    """Train on a set from scratch, once per seed, and measure on the test split.

    Where the recipe has the best checkpoint count, validation images choose it; the test split chooses nothing.

    Test images of another size or number of channels are brought to those of the set, so that a set can be
    audited on a data set it was not made from.

    Args:
        synthetic_set: What is audited.
        dataset_name: Whose test split; a registered name or a path.
        data_dir: Where the data lies; None for the usual places.
        config: The recipe; None for the standard one.
        seed: With the number of the training it fixes weights, batches and augmentation.
        finished: Results of trainings already done, which are not done again.
        on_seed: Called with each new result as soon as it is there.

    Raises:
        ValueError: If the data set has another number of classes, or the network cannot take the images.
    """
    config = config or AuditConfig()
    done = {result.seed: result for result in finished}
    missing = [number for number in range(config.seeds) if number not in done]
    if missing:
        check_auditable(synthetic_set, dataset_name, data_dir=data_dir)
        test = load_test_split(dataset_name, data_dir=data_dir)
        from mps_env.evaluation.training_run import Measured, TrainingRun

        validation = None
        if config.checkpoint == "best":
            split = load_dataset(dataset_name, data_dir=data_dir, val_size=config.val_size).validation
            validation = Measured(fit_images(split.images, synthetic_set.image_shape), split.labels)
        run = TrainingRun(
            config=config,
            train_config=config.train_config(dataset_name, synthetic_set.num_classes),
            synthetic_set=synthetic_set,
            test=Measured(fit_images(test.images, synthetic_set.image_shape), test.labels),
            validation=validation,
        )
        for number in missing:
            done[number] = run.train(number, np.random.SeedSequence(seed, spawn_key=(number,)))
            if on_seed is not None:
                on_seed(done[number])
    return AuditResult(
        seeds=tuple(done[number] for number in range(config.seeds)),
        recipe=config.recipe(dataset_name, synthetic_set),
    )


def check_auditable(
    synthetic_set: SyntheticSet, dataset_name: str, *, data_dir: str | os.PathLike[str] | None = None
) -> None:
    """Check that a set can be audited on a data set, before any training.

    Raises:
        ValueError: If the data set is unknown or has another number of classes.
        FileNotFoundError: If its file is missing.
    """
    num_classes = len(find_source(dataset_name, data_dir)[1].class_names)
    if num_classes != synthetic_set.num_classes:
        raise ValueError(
            f"a set of {synthetic_set.num_classes} classes cannot be audited on {dataset_name!r}, which has"
            f" {num_classes}. Choose a data set with as many classes."
        )
    load_test_split(dataset_name, data_dir=data_dir)
