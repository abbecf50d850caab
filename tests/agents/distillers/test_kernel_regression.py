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


def test_the_set_is_a_running_average(task):
    drifting, averaged = make(task, average=0.0), make(task, average=0.15)
    first, mean = None, averaged.initial.images
    for number, kept in enumerate((0.1, 0.15, 0.15)):  # the first keeps less of the initial set
        drifting.iterate(number)
        averaged.iterate(number)
        now = drifting.synthetic_set().images
        mean = kept * mean + (1 - kept) * now
        first = now if first is None else first
    np.testing.assert_allclose(averaged.synthetic_set().images, mean, atol=1e-5)
    assert np.abs(now - first).max() > 1e-3


def test_nets_are_never_all_young_at_a_time(task):
    distiller = make(task, nets=4, max_age=8)
    ages = []
    for number in range(120):
        distiller.iterate(number)
        ages.append(distiller.state()["ages"].max())
    assert min(ages) >= 5
    assert max(ages) <= 8


def test_nets_are_convnets_as_deep_as_the_images_allow(task):
    def weights(**settings):
        distiller = make_distiller(
            "kernel_regression", task, task.initial_set(np.random.default_rng(0)), seed=0, settings=settings
        )
        return [array.shape for name, array in distiller.state().items() if name.startswith("net/0/")]

    assert (3, 3, 64, 64) in weights()
    assert weights() == weights(network="convnet", network_kwargs={"width": 64, "depth": 2, "norm": "none"})
    assert weights(network_kwargs={"width": 4})[0] == (3, 3, 1, 4)


@pytest.mark.parametrize("name", ["mps_cnn", "convnet"])
def test_regression_is_on_flattened_feature_maps(name):
    from mps_env.networks import build_network
    from mps_env.networks.parts import below_head, convolutional_part

    model = build_network(name, (28, 28, 1), 10)
    features = convolutional_part(model)
    assert features.layers[-1].__class__.__name__ == "Flatten"
    assert features.output_shape[1] >= below_head(model).output_shape[1]


def test_network_without_convolutions_is_regressed_on_below_its_head():
    from mps_env.networks import build_network
    from mps_env.networks.parts import convolutional_part

    model = build_network("mlp", (8, 8, 1), 10, {"width": 7})
    assert convolutional_part(model).output_shape == (None, 7)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"average": 1.0}, "average must be in \\[0, 1\\), got 1.0"),
        ({"nets": 0}, "nets must be a whole number >= 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be a number > 0"),
        ({"network": "vgg11", "network_kwargs": {}}, "'vgg11' has batch normalisation"),
    ],
)
def test_bad_settings_are_told_before_any_work(task, settings, message):
    with pytest.raises(ValueError, match=message):
        make(task, **settings)
