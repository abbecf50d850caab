"""The trained proxy on a few tiny images."""

from __future__ import annotations

import copy
import dataclasses
import multiprocessing
import pickle
import re
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from mps_env.data.dataset import Dataset, Split
from mps_env.evaluation import AuditConfig
from mps_env.proxies import make_proxy
from mps_env.proxies.trained import TrainedProxy
from mps_env.synthetic_set import SyntheticSet, one_hot
from mps_env.training.head import solve_head

NUM_CLASSES = 3


def make_dataset() -> Dataset:
    """Images whose brightest third of rows is their class."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % NUM_CLASSES
    images = rng.random((60, 6, 6, 1), np.float32) * 0.3
    for image, label in zip(images, labels, strict=True):
        image[2 * label : 2 * label + 2] += 0.6
    rows = np.arange(60)
    return Dataset(
        name="stripes",
        train=Split(images, rows[:30], labels[:30]),
        validation=Split(images, rows[30:], labels[30:]),
        class_names=("top", "middle", "bottom"),
    )


DATASET = make_dataset()


def make_set(start: int = 0) -> SyntheticSet:
    rows = np.arange(start, start + 9)
    return SyntheticSet.checked(DATASET.train.take(rows), one_hot(DATASET.train.labels[rows], NUM_CLASSES))


def linear_proxy(**kwargs: object) -> TrainedProxy:
    return TrainedProxy(DATASET, network="linear", **{"epochs": 60, "learning_rate": 0.02, **kwargs})  # type: ignore


def assert_same(first: object, second: object) -> None:
    assert (first.accuracy, first.loss) == (second.accuracy, second.loss)  # type: ignore[attr-defined]
    for ours, theirs in zip(first.model, second.model, strict=True):  # type: ignore[attr-defined]
        assert (ours == theirs).all()


def test_a_renewed_proxy_trains_longer_on_augmented_images() -> None:
    renewed = linear_proxy(epochs=2).renewed(7)
    assert renewed._config.epochs == 8
    assert renewed._config.augmentation.is_active


@pytest.mark.parametrize("num_classes", [3, 21])
def test_the_networks_are_trained_by_the_audits_loss(num_classes: int) -> None:
    names = tuple(map(str, range(num_classes)))
    proxy = TrainedProxy(dataclasses.replace(DATASET, class_names=names), network="linear")
    assert proxy._config.loss == AuditConfig().train_config("", num_classes).loss


def test_training_learns_the_classes() -> None:
    proxy = linear_proxy()
    score = proxy.score(proxy.begin(0), make_set())
    assert score.accuracy > 0.9
    np.testing.assert_allclose(score.class_accuracy.mean(), score.accuracy, atol=1e-6)


def test_score_is_a_function_of_seed_and_set() -> None:
    proxy = linear_proxy(epochs=2)
    first = proxy.score(proxy.begin(3), make_set())
    proxy.score(proxy.begin(4), make_set(9))
    assert_same(proxy.score(proxy.begin(3), make_set()), first)
    assert proxy.score(proxy.begin(4), make_set()).loss != first.loss


def test_one_score_averages_over_its_inits() -> None:
    one, two = linear_proxy(epochs=2), linear_proxy(epochs=2, inits=2)
    trial = two.begin(0)
    averaged = two.score(trial, make_set())
    first = one.score(one.begin(0), make_set())
    only_second = one.begin(0)
    only_second.drawn[9] = trial.drawn[9][1:]
    second = one.score(only_second, make_set())
    assert first.loss != second.loss
    assert averaged.loss == pytest.approx((first.loss + second.loss) / 2)
    assert averaged.accuracy == pytest.approx((first.accuracy + second.accuracy) / 2)


@pytest.mark.parametrize("network", ["linear", "mps_cnn"])
def test_batch_equals_single_scores_bit_for_bit(network: str) -> None:
    proxy = TrainedProxy(DATASET, network=network, epochs=2)
    episodes, sets = [proxy.begin(seed) for seed in (0, 1, 2)], [make_set(start) for start in (0, 9, 18)]
    for batched, episode, synthetic_set in zip(proxy.score_batch(episodes, sets), episodes, sets, strict=True):
        assert_same(batched, proxy.score(episode, synthetic_set))


def test_predictions_agree_with_the_score() -> None:
    proxy = linear_proxy()
    score = proxy.score(proxy.begin(0), make_set())
    probabilities = proxy.predict(score, DATASET.validation.images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (probabilities.argmax(axis=1) == DATASET.validation.labels).mean() == score.accuracy


@pytest.mark.parametrize("copy_of", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_copies_of_proxy_and_episode_give_the_same_score(copy_of: object) -> None:
    proxy = linear_proxy(epochs=2)
    episode = proxy.begin(0)
    score = proxy.score(episode, make_set())
    assert_same(copy_of(proxy).score(copy_of(episode), make_set()), score)  # type: ignore[operator]


def test_an_episode_pickles_small() -> None:
    proxy = linear_proxy(epochs=2)
    episode = proxy.begin(0)
    proxy.score(episode, make_set())
    assert len(pickle.dumps(episode)) < 500


def test_networks_are_proxies_by_name() -> None:
    proxy = make_proxy("mlp", DATASET, {"epochs": 1, "network_kwargs": {"width": 4, "depth": 1}})
    score = proxy.score(proxy.begin(0), make_set())
    assert [weight.shape for weight in score.model] == [(36, 4), (4,), (4, 3), (3,)]


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("cnnn", {}, "unknown proxy 'cnnn'. Did you mean 'cnn'? Known proxies: cnn, ridge; networks: mps_cnn,"),
        (
            "cnn",
            {"epoch": 3},
            "proxy 'cnn' takes no argument 'epoch'. Did you mean 'epochs'? Allowed: network, epochs,",
        ),
        ("mlp", {"network": "linear"}, "proxy 'mlp' takes no argument 'network'."),
        ("cnn", {"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ("cnn", {"inits": 0}, "inits must be a whole number >= 1, got 0"),
        ("cnn", {"network": "resnet18"}, "network 'resnet18' takes images of 8x8 pixels and up, got 6x6"),
        ("convnet", {"network_kwargs": {"widht": 3}}, "network 'convnet' takes no argument 'widht'."),
    ],
)
def test_errors_come_before_any_training(name: str, kwargs: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make_proxy(name, DATASET, kwargs)


def test_a_thousand_scores_keep_memory_flat() -> None:
    pytest.importorskip("psutil")
    # In a process of its own: this one has gigabytes of other tests, whose threads free and take memory as well.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        assert process.submit(_growth_over_a_thousand_scores).result() < 1_000_000


def _growth_over_a_thousand_scores() -> int:
    import psutil

    proxy = linear_proxy(epochs=1)
    episode = proxy.begin(0)
    for _ in range(300):
        proxy.score(episode, make_set())
    before = psutil.Process().memory_info().rss
    for _ in range(1000):
        proxy.score(episode, make_set())
    return int(psutil.Process().memory_info().rss - before)


def test_the_last_layer_is_solved_at_the_end() -> None:
    proxy = TrainedProxy(DATASET, epochs=2)
    score = proxy.score(proxy.begin(0), make_set())
    program, _ = proxy._program()
    program.start(score.model)
    seed = proxy._randomness(proxy.begin(0), 9)[0].augmentation_seed
    seen = program._with_copies(proxy._standardised(make_set().images), seed)
    features = program._evaluate(seen, of=program.features)
    kernel, bias = solve_head(features, np.tile(make_set().labels, (5, 1)), ridge=0.1)
    np.testing.assert_allclose(score.model[-2], kernel, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(score.model[-1], bias, rtol=1e-5, atol=1e-6)


def test_a_single_layer_is_left_as_it_was_trained() -> None:
    proxy = linear_proxy(epochs=1)
    assert proxy._program()[0].features is None


def network_named_features(image_shape: tuple[int, int, int], num_classes: int) -> object:
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(5, "relu"), keras.layers.Dense(num_classes)]
    return keras.Sequential([keras.Input(image_shape), *layers], name="features")


def network_without_bias(image_shape: tuple[int, int, int], num_classes: int) -> object:
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(5), keras.layers.Dense(num_classes, use_bias=False)]
    return keras.Sequential([keras.Input(image_shape), *layers])


@pytest.mark.parametrize("network", [network_named_features, network_without_bias])
def test_any_network_of_the_users_is_scored_by_its_outputs(network: object) -> None:
    name = f"{__name__}:{network.__name__}"  # type: ignore[attr-defined]
    rows = np.arange(6)  # with their four copies as many as there are validation images: both graphs have one shape
    six = SyntheticSet.checked(DATASET.train.take(rows), one_hot(DATASET.train.labels[rows], NUM_CLASSES))
    for proxy in (TrainedProxy(DATASET, network=name, epochs=1), make_proxy(name, DATASET, {"epochs": 1})):
        assert proxy.score(proxy.begin(0), six).class_accuracy.shape == (NUM_CLASSES,)


def test_a_training_that_diverges_is_an_error_and_no_score() -> None:
    proxy = linear_proxy(optimizer="sgd", learning_rate=90.0)
    with pytest.raises(RuntimeError, match=r"has diverged with learning_rate 90.0 of sgd. Use a smaller one"):
        proxy.score(proxy.begin(0), make_set())


def test_no_more_replicas_are_used_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from mps_env.training import program

    monkeypatch.setattr("mps_env.proxies.trained.cores", lambda: 64)
    monkeypatch.setattr(program, "MOST_REPLICAS", 2)
    proxy = linear_proxy(epochs=1)
    asked: list[int] = []
    original = TrainedProxy._program

    def counted(self: TrainedProxy, replica: int = 0) -> object:
        asked.append(replica)
        return original(self, replica)

    monkeypatch.setattr(TrainedProxy, "_program", counted)
    proxy.score_batch([proxy.begin(seed) for seed in range(4)], [make_set()] * 4)
    assert max(asked) == 1
