"""Batches: what makes them up and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from mps_env.training.batches import learning_rates, plan_batches
from mps_env.training.config import TrainConfig


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_epochs_end_with_a_smaller_batch() -> None:
    plan = plan_batches(TrainConfig(epochs=2, batch_size=32), 100, rng())
    assert (plan.full.shape, plan.left_over.shape, plan.num_steps) == ((2, 3, 32), (2, 4), 8)


def test_every_epoch_holds_every_image_once() -> None:
    plan = plan_batches(TrainConfig(epochs=3, batch_size=4), 10, rng())
    for full, left_over in zip(plan.full, plan.left_over, strict=True):
        assert sorted([*full.reshape(-1), *left_over]) == list(range(10))


def test_steps_are_full_batches_cut_from_passes() -> None:
    plan = plan_batches(TrainConfig(steps=5, batch_size=4), 10, rng())
    assert plan.full.shape == (5, 1, 4)
    assert sorted(plan.full.reshape(-1)[:10]) == list(range(10))


def test_a_batch_is_no_larger_than_the_set() -> None:
    plan = plan_batches(TrainConfig(epochs=1, batch_size=32), 5, rng())
    assert (plan.full.shape, plan.left_over.shape) == ((1, 1, 5), (1, 0))


def test_a_stratified_deal_has_equal_batches_with_every_image_once() -> None:
    plan = plan_batches(TrainConfig(epochs=3, batch_size=32, deal="stratified"), 100, rng())
    assert (plan.full.shape, plan.left_over.shape) == ((3, 4, 25), (3, 0))
    for epoch in plan.full:
        assert sorted(epoch.reshape(-1)) == list(range(100))


def test_a_stratified_deal_parts_neighbours() -> None:
    plan = plan_batches(TrainConfig(epochs=1, batch_size=2, deal="stratified"), 4, rng())
    assert all({row // 2 for row in batch} == {0, 1} for batch in plan.full[0])


def test_a_stratified_deal_fills_its_batches_with_images_dealt_twice() -> None:
    plan = plan_batches(TrainConfig(epochs=1, batch_size=4, deal="stratified"), 9, rng())
    assert plan.full.shape == (1, 3, 3)
    plan = plan_batches(TrainConfig(epochs=1, batch_size=4, deal="stratified"), 10, rng())
    assert plan.full.shape == (1, 3, 4)
    assert set(plan.full.reshape(-1)) == set(range(10))


def test_cosine_falls_from_the_rate_to_half_in_the_middle() -> None:
    rates = learning_rates(TrainConfig(steps=4, learning_rate=0.2, schedule="cosine"), 4)
    np.testing.assert_allclose(rates[[0, 2]], [0.2, 0.1], rtol=1e-6)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({}, "set either epochs or steps"),
        ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ({"epochs": 1, "optimizer": "adm"}, "optimizer must be one of adam, sgd, momentum, got 'adm'"),
        ({"epochs": 1, "learning_rate": 0}, "learning_rate must be a number > 0"),
    ],
)
def test_config_errors_say_what_is_allowed(kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(">", ".")):
        TrainConfig(**kwargs)  # type: ignore[arg-type]


@pytest.mark.parametrize("deal", ["shuffled", "stratified"])
def test_few_images_are_passed_over_until_the_least_steps_are_made(deal: str) -> None:
    config = TrainConfig(epochs=2, least_steps=9, batch_size=4, deal=deal)
    few, many = (plan_batches(config, count, np.random.default_rng(0)) for count in (8, 40))
    assert few.num_steps == 10
    assert many.num_steps == 20
