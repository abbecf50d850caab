import numpy as np
import pytest

from agents.distillers import make_distiller
from mps_env.config import EnvConfig
from mps_env.task import Task


@pytest.fixture(scope="module")
def task():
    return Task(EnvConfig(proxy="linear", proxy_kwargs={"epochs": 1}, ipc=2))


def make(task, **settings):
    initial = task.initial_set(np.random.default_rng(0))
    return make_distiller("ridge_search", task, initial, seed=0, settings={"nets": 1, "width": 8} | settings)


def test_the_loss_never_rises(task):
    distiller = make(task)
    losses = [distiller.iterate(number)["loss"] for number in range(60)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.9 * losses[0]


def test_an_unknown_edit_is_told_before_any_work(task):
    with pytest.raises(ValueError, match="unknown edit 'fitest'. Did you mean 'fittest'"):
        make(task, edits=["fitest"])
