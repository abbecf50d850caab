"""The audit on the embedded digits."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mps_env.data import load_dataset
from mps_env.evaluation import AuditConfig, AuditResult, SeedResult, audit
from mps_env.evaluation.fitting import fit_images
from mps_env.synthetic_set import SyntheticSet, one_hot

QUICK = AuditConfig(network="linear", seeds=2, steps=40, learning_rate=0.02, loss="cross_entropy", eval_points=2)
# The classifiers that took part in MPS-o and MPS-5o, on images of 8x8 pixels.
CLASSIFIERS = ("lenet", "alexnet", "vgg11", "alexnet_full", "vgg11_full", "resnet50", "densenet121", "inception_v3")


@pytest.fixture(scope="module")
def digits_set() -> SyntheticSet:
    train = load_dataset("digits").train
    rows = np.concatenate([np.flatnonzero(train.labels == digit)[:5] for digit in range(10)])
    return SyntheticSet.checked(train.take(rows), one_hot(train.labels[rows], 10))


def test_an_audit_measures_every_seed(digits_set: SyntheticSet) -> None:
    result = audit(digits_set, "digits", config=QUICK)
    assert len(result.accuracies) == 2
    assert result.mean > 0.5
    assert [(row["seed"], row["step"]) for row in result.rows] == [(0, 20), (0, 40), (1, 20), (1, 40)]
    assert result.rows[1]["test_accuracy"] == result.accuracies[0]


def test_the_same_seed_gives_the_same_accuracies(digits_set: SyntheticSet) -> None:
    first = audit(digits_set, "digits", config=QUICK, seed=3)
    assert audit(digits_set, "digits", config=QUICK, seed=3).rows == first.rows
    assert audit(digits_set, "digits", config=QUICK, seed=4).rows != first.rows


@pytest.mark.parametrize("network", ["linear", "alexnet_full"])
def test_measuring_more_often_does_not_change_the_end(digits_set: SyntheticSet, network: str) -> None:
    kwargs = {} if network == "linear" else {"width": 0.02}  # with batches in halves, and with dropout
    seldom = replace(QUICK, network=network, network_kwargs=kwargs)
    often = replace(seldom, eval_points=7)
    ends = [audit(digits_set, "digits", config=config).seeds[-1].rows[-1] for config in (seldom, often)]
    assert ends[0] == ends[1]


@pytest.mark.slow
@pytest.mark.parametrize("network", CLASSIFIERS)
def test_classifiers_of_every_size_train_to_the_same_bits(digits_set: SyntheticSet, network: str) -> None:
    config = AuditConfig(network=network, seeds=1, steps=3, eval_points=1)
    first = audit(digits_set, "digits", config=config)
    assert np.isfinite(first.rows[0]["test_loss"])
    assert audit(digits_set, "digits", config=config).rows == first.rows


@pytest.mark.slow
@pytest.mark.parametrize(("network", "learning_rate"), [("densenet121", 1e-3), ("vgg11_full", 2e-4)])
def test_moving_statistics_serve_after_a_hundred_steps(
    digits_set: SyntheticSet, network: str, learning_rate: float
) -> None:
    config = AuditConfig(network=network, seeds=1, steps=100, learning_rate=learning_rate, eval_points=1)
    assert audit(digits_set, "digits", config=config).mean > 0.3


def test_a_size_reaches_the_network(digits_set: SyntheticSet) -> None:
    config = replace(QUICK, network="lenet", network_kwargs={"size": "native"}, steps=2, seeds=1)
    result = audit(digits_set, "digits", config=config)
    assert result.recipe["network_kwargs"] == {"size": "native"}
    own_size = audit(digits_set, "digits", config=replace(config, network_kwargs={}))
    assert result.rows != own_size.rows


def test_finished_seeds_are_not_trained_again(digits_set: SyntheticSet) -> None:
    whole = audit(digits_set, "digits", config=QUICK)
    restored = SeedResult.from_json(json.loads(json.dumps(whole.seeds[0].to_json())))
    trained: list[int] = []
    resumed = audit(
        digits_set, "digits", config=QUICK, finished=[restored], on_seed=lambda result: trained.append(result.seed)
    )
    assert trained == [1]
    assert resumed.rows == whole.rows


def test_the_recipe_is_json_and_tells_the_batch_size_used(digits_set: SyntheticSet) -> None:
    recipe = json.loads(json.dumps(audit(digits_set, "digits", config=QUICK).recipe))
    assert (recipe["batch_size"], recipe["network"], recipe["augmentation"]["flip"]) == (50, "linear", False)


def test_flips_are_for_clothes_and_photographs_only() -> None:
    flips = {name: AuditConfig().augmentation(name).flip for name in ("mnist", "digits", "fashion_mnist", "cifar10")}
    assert flips == {"mnist": False, "digits": False, "fashion_mnist": True, "cifar10": True}


def test_few_classes_are_trained_by_squared_error_and_many_by_cross_entropy() -> None:
    losses = {classes: AuditConfig().train_config("digits", classes).loss for classes in (2, 20, 21, 100)}
    assert losses == {2: "mse", 20: "mse", 21: "cross_entropy", 100: "cross_entropy"}
    assert AuditConfig(loss="mse").train_config("digits", 100).loss == "mse"


def test_an_unknown_loss_is_an_error() -> None:
    with pytest.raises(ValueError, match="loss must be one of cross_entropy, mse, got 'hinge'"):
        AuditConfig(loss="hinge")


def test_mean_and_sample_deviation_by_hand() -> None:
    seeds = tuple(SeedResult(seed=i, accuracy=a, seconds=1.0, rows=()) for i, a in enumerate((0.5, 0.7)))
    result = AuditResult(seeds=seeds, recipe={})
    assert result.mean == pytest.approx(0.6)
    assert result.std == pytest.approx(0.02**0.5)
    assert result.seconds == 2


def test_measurements_are_even_and_end_at_the_end() -> None:
    assert AuditConfig().measured_steps == list(range(100, 1001, 100))
    assert AuditConfig(steps=10, eval_points=3).measured_steps == [3, 7, 10]
    assert AuditConfig(steps=2).measured_steps == [1, 2]


def test_validation_data_choose_the_best_checkpoint(digits_set: SyntheticSet) -> None:
    result = audit(digits_set, "digits", config=replace(QUICK, eval_points=8, checkpoint="best", val_size=50))
    last = audit(digits_set, "digits", config=replace(QUICK, eval_points=8))
    for one, other in zip(result.seeds, last.seeds, strict=True):
        validation = [row["val_accuracy"] for row in one.rows]
        best = max(index for index, value in enumerate(validation) if value == max(validation))
        assert one.accuracy == one.rows[best]["test_accuracy"]
        assert other.accuracy == other.rows[-1]["test_accuracy"] == one.rows[-1]["test_accuracy"]
        assert "val_accuracy" not in other.rows[0]
    assert (result.recipe["checkpoint"], last.recipe["checkpoint"]) == ("best", "last")


@pytest.mark.parametrize("changes", [{"checkpoint": "first"}, {"val_size": 0}])
def test_a_checkpoint_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        AuditConfig(**changes)


def test_a_set_of_another_size_is_audited_on_resized_images(digits_set: SyntheticSet) -> None:
    larger = SyntheticSet.checked(fit_images(digits_set.images, (28, 28, 3)), digits_set.labels)
    assert audit(larger, "digits", config=QUICK).mean > 0.5


def test_grey_and_colour_convert_both_ways() -> None:
    grey = np.full((2, 4, 4, 1), 0.5, np.float32)
    colour = fit_images(grey, (8, 8, 3))
    assert colour.shape == (2, 8, 8, 3)
    np.testing.assert_allclose(fit_images(colour, (4, 4, 1)), grey, atol=1e-6)


def test_another_number_of_classes_is_an_error() -> None:
    two = SyntheticSet.checked(np.zeros((2, 8, 8, 1), np.float32), one_hot(np.array([0, 1]), 2))
    with pytest.raises(ValueError, match="a set of 2 classes cannot be audited on 'digits', which has 10"):
        audit(two, "digits", config=QUICK)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"network": "resnet1"}, "unknown network 'resnet1'. Did you mean 'resnet18'?"),
        ({"seeds": 0}, "seeds must be a whole number >= 1, got 0"),
        ({"augment": "strong"}, "augment must be auto or one of none, slight, light, light_flip, got"),
    ],
)
def test_config_errors_say_what_is_allowed(kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        AuditConfig(**kwargs)  # type: ignore[arg-type]


@pytest.mark.data
@pytest.mark.slow
def test_random_mnist_images_reach_the_known_accuracy(data_dir: str) -> None:
    train = load_dataset("mnist", data_dir=data_dir).train
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.choice(np.flatnonzero(train.labels == digit), 10, replace=False) for digit in range(10)])
    random_set = SyntheticSet.checked(train.take(rows), one_hot(train.labels[rows], 10))
    result = audit(random_set, "mnist", data_dir=data_dir, config=AuditConfig(seeds=1, eval_points=1))
    assert 0.93 < result.mean < 0.96  # 94.8 % on average over random sets
