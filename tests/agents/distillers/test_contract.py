"""What every registered distiller must do, on digits and in a few iterations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.distillers import DISTILLERS, Distiller, make_distiller
from mps_env.config import EnvConfig
from mps_env.task import Task

# Settings that make an iteration cheap; those of a distiller without an entry are its own.
SMALL: dict[str, dict[str, Any]] = {
    "ridge_search": {"nets": 1, "width": 8},
    "gradient_matching": {
        **{"network_kwargs": {"width": 4, "depth": 2}, "real_batch": 8, "outer_loop": 2, "inner_loop": 2},
        "siamese": True,
    },
    "distribution_matching": {"network_kwargs": {"width": 4, "depth": 2}, "real_batch": 8},
    "kernel_regression": {"nets": 2, "max_age": 1, "batch_size": 32, "network": "mlp", "network_kwargs": {"width": 16}},
}
ITERATED = [name for name in DISTILLERS.names() if name in SMALL]


@pytest.fixture(scope="module")
def task() -> Task:
    return Task(EnvConfig(proxy="linear", proxy_kwargs={"epochs": 1}, ipc=2))


@pytest.fixture(scope="module")
def make(task):
    def build(name: str, seed: int = 0, **settings: Any) -> Distiller:
        initial = task.initial_set(np.random.default_rng(5))
        return make_distiller(name, task, initial, seed=seed, settings=SMALL.get(name, {}) | settings)

    return build


def contents(distiller: Distiller) -> bytes:
    return distiller.synthetic_set().fingerprint


@pytest.mark.parametrize("name", DISTILLERS.names())
def test_a_set_has_the_task_s_sizes_and_names_its_data_set(make, name, task):
    distiller = make(name)
    for number in range(min(2, distiller.iterations)):
        values = distiller.iterate(number)
        assert tuple(values) == distiller.logged
        assert np.isfinite(list(values.values())).all()
    made = distiller.synthetic_set()
    assert made.images.shape == (20, 8, 8, 1)
    assert np.bincount(made.classes).tolist() == [2] * 10
    assert made.images.min() >= 0
    assert made.images.max() <= 1
    np.testing.assert_allclose(made.labels.sum(axis=1), 1, atol=1e-5)
    assert made.meta["dataset"] == "digits"


@pytest.mark.parametrize("name", DISTILLERS.names())
def test_small_images_stay_small(name):
    task = Task(EnvConfig(proxy="linear", proxy_kwargs={"epochs": 1}, ipc=1, factor=2))
    initial = task.initial_set(np.random.default_rng(5))
    distiller = make_distiller(name, task, initial, seed=0, settings=SMALL.get(name, {}))
    for number in range(min(2, distiller.iterations)):
        distiller.iterate(number)
    made = distiller.synthetic_set()
    assert len(made) == 40
    assert task.small_images.is_projected(made.images)


@pytest.mark.parametrize("name", ITERATED)
def test_equal_seeds_give_equal_sets_and_other_seeds_others(make, name):
    sets = []
    for seed in (0, 0, 1):
        distiller = make(name, seed)
        for number in range(2):
            distiller.iterate(number)
        sets.append(contents(distiller))
    assert sets[0] == sets[1] != sets[2]


@pytest.mark.parametrize("name", ITERATED)
def test_a_restored_distiller_goes_on_to_the_same_bits(make, name):
    undisturbed, before = make(name), make(name)
    for number in range(4):
        undisturbed.iterate(number)
    for number in range(2):
        before.iterate(number)
    state = {key: array.copy() for key, array in before.state().items()}
    after = make(name)
    after.restore(state)
    for number in range(2, 4):
        after.iterate(number)
    assert contents(after) == contents(undisturbed)


@pytest.mark.parametrize("name", ITERATED)
def test_the_test_split_is_never_read(make, name, monkeypatch):
    import mps_env.data.test_split as module

    monkeypatch.setattr(module, "load_test_split", lambda *a, **k: pytest.fail("read the test split"))
    make(name).iterate(0)


def test_an_unknown_setting_is_told_with_the_nearest(make):
    with pytest.raises(
        ValueError, match="distiller 'kernel_regression' takes no argument 'netss'. Did you mean 'nets'"
    ):
        make("kernel_regression", netss=3)


def test_an_unknown_distiller_is_told_with_the_nearest(task, make):
    with pytest.raises(ValueError, match="unknown distiller 'herdin'. Did you mean 'herding'"):
        make("herdin")
