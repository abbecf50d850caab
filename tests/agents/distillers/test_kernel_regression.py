import numpy as np
import pytest

from agents.distillers import make_distiller
from mps_env.config import EnvConfig
from mps_env.task import Task

SMALL = {"nets": 2, "max_age": 20, "batch_size": 256, "network": "mlp", "network_kwargs": {"width": 32, "depth": 1}}


@pytest.fixture(scope="module")
def task():
    return Task(EnvConfig(proxy="linear", proxy_kwargs={"epochs": 1}, ipc=1))


def make(task, **settings):
    initial = task.initial_set(np.random.default_rng(0))
    return make_distiller("kernel_regression", task, initial, seed=0, settings=SMALL | settings)


def test_the_loss_falls(task):
    distiller = make(task)
    losses = [distiller.iterate(number)["loss"] for number in range(150)]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:5])


def test_labels_are_kept_where_their_rate_is_zero(task):
    distiller = make(task, label_rate=0.0)
    distiller.iterate(0)
    made = distiller.synthetic_set()
    np.testing.assert_array_equal(made.labels, distiller.initial.labels)
    assert (made.images != distiller.initial.images).any()


def test_four_images_a_slot_count_as_one_slot(task):
    distiller = make(task, factor=2)
    made = distiller.synthetic_set()
    assert len(made) == 40
    assert made.meta["slots"] == 10


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"factor": 3}, "factor must divide the image's sides and leave 4 pixels or more, got 3 for 8x8"),
        ({"nets": 0}, "nets must be a whole number >= 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be a number > 0"),
        ({"network": "vgg11", "network_kwargs": {}}, "'vgg11' has batch normalisation"),
    ],
)
def test_bad_settings_are_told_before_any_work(task, settings, message):
    with pytest.raises(ValueError, match=message):
        make(task, **settings)
