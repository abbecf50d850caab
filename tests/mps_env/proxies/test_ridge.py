import copy
import pickle

import numpy as np
import pytest

from mps_env.data import load_dataset
from mps_env.proxies.ridge import RidgeProxy
from mps_env.synthetic_set import SyntheticSet, one_hot


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def balanced_set(dataset, ipc, seed=0):
    rng = np.random.default_rng(seed)
    rows = np.concatenate(
        [rng.choice(np.flatnonzero(dataset.train.labels == c), ipc, replace=False) for c in range(dataset.num_classes)]
    )
    return SyntheticSet(dataset.train.take(rows), one_hot(dataset.train.labels[rows], dataset.num_classes))


@pytest.fixture(scope="module")
def proxy(digits):
    return RidgeProxy(digits, nets=1, width=16)


@pytest.fixture
def digit_set(digits):
    return balanced_set(digits, ipc=5)


def assert_equal_scores(first, second):
    assert (first.accuracy, first.loss) == (second.accuracy, second.loss)
    np.testing.assert_array_equal(first.class_accuracy, second.class_accuracy)
    np.testing.assert_array_equal(first.model.alpha, second.model.alpha)


def test_real_digits_score_far_above_chance(proxy, digit_set):
    score = proxy.score(proxy.begin(0), digit_set)
    assert score.accuracy > 0.7
    assert 0 < score.loss < 0.9  # saying nothing has a loss of 0.9


def test_class_accuracies_average_to_the_accuracy(proxy, digits, digit_set):
    score = proxy.score(proxy.begin(0), digit_set)
    shares = np.bincount(digits.validation.labels) / len(digits.validation)
    assert score.class_accuracy @ shares == pytest.approx(score.accuracy, abs=1e-6)


def test_accuracy_is_the_share_of_validation_images_predicted_rightly(proxy, digits, digit_set):
    score = proxy.score(proxy.begin(0), digit_set)
    predicted = proxy.predict(score, digits.validation.images)
    assert np.mean(predicted.argmax(axis=1) == digits.validation.labels) == pytest.approx(score.accuracy, abs=0.01)


def test_predictions_are_probabilities(proxy, digits, digit_set):
    predicted = proxy.predict(proxy.score(proxy.begin(0), digit_set), digits.validation.images[:7])
    assert predicted.shape == (7, 10)
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted.sum(axis=1), 1, rtol=1e-5)


def test_wrong_labels_score_worse(proxy, digit_set):
    labels = digit_set.labels.copy()
    labels[::2] = np.roll(labels[::2], 1, axis=1)
    episode = proxy.begin(0)
    wrong = SyntheticSet(digit_set.images, labels)
    assert proxy.score(episode, wrong).accuracy < proxy.score(episode, digit_set).accuracy


def test_a_score_does_not_depend_on_the_path_to_the_set(proxy, digits, digit_set):
    rng, used = np.random.default_rng(0), proxy.begin(0)
    state = digit_set
    for _ in range(20):
        slot = int(rng.integers(len(state)))
        noisy = np.clip(state.images[slot] + 0.1 * rng.standard_normal(state.image_shape), 0, 1)
        state = state.with_slot(slot, noisy.astype(np.float32))
        proxy.score(used, state)
    assert_equal_scores(proxy.score(used, state), proxy.score(proxy.begin(1), state))
    stranger = RidgeProxy(digits, nets=1, width=16)
    assert_equal_scores(proxy.score(used, digit_set), stranger.score(stranger.begin(0), digit_set))


def test_preparing_the_pool_does_not_change_a_score(proxy, digits, digit_set):
    prepared = RidgeProxy(digits, nets=1, width=16)
    prepared.prepare(digits.train.take(slice(0, 200)))
    assert_equal_scores(prepared.score(prepared.begin(0), digit_set), proxy.score(proxy.begin(0), digit_set))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_a_copy_of_proxy_and_episode_scores_the_same(copied, proxy, digit_set):
    episode = proxy.begin(0)
    expected = proxy.score(episode, digit_set)
    other_proxy, other_episode = copied((proxy, episode))
    assert_equal_scores(other_proxy.score(other_episode, digit_set), expected)


def test_a_pickled_score_still_predicts(proxy, digits, digit_set):
    score = proxy.score(proxy.begin(0), digit_set)
    images = digits.validation.images[:3]
    restored = pickle.loads(pickle.dumps(score))
    np.testing.assert_array_equal(proxy.predict(restored, images), proxy.predict(score, images))


def test_a_batch_of_scores_equals_single_scores(proxy, digits):
    sets = [balanced_set(digits, ipc=2, seed=seed) for seed in range(2)]
    batch = proxy.score_batch([proxy.begin(0), proxy.begin(1)], sets)
    for score, synthetic_set in zip(batch, sets, strict=True):
        assert_equal_scores(score, proxy.score(proxy.begin(5), synthetic_set))


def test_new_images_of_a_batch_go_through_the_bank_together(proxy, digits, monkeypatch):
    sets = [balanced_set(digits, ipc=2, seed=seed) for seed in (1, 2)]
    episodes = [proxy.begin(0), proxy.begin(0)]
    proxy.score_batch(episodes, sets)
    calls = []
    original = type(proxy.store.bank).__call__
    monkeypatch.setattr(
        type(proxy.store.bank), "__call__", lambda bank, images: calls.append(len(images)) or original(bank, images)
    )
    proxy.score_batch(episodes, [one.with_slot(3, one.images[3] / 2) for one in sets])
    assert calls == [2]


def test_a_renewed_proxy_has_another_bank(proxy, digit_set):
    renewed = proxy.renewed(7)
    assert renewed.score(renewed.begin(0), digit_set).loss != proxy.score(proxy.begin(0), digit_set).loss


def test_the_advisor_shares_the_solved_system(proxy, digit_set):
    episode = proxy.begin(0)
    proxy.score(episode, digit_set)
    solution = episode.solution(proxy.store, digit_set)
    proxy.advisor(episode).margin(digit_set, 0)
    assert episode.solution(proxy.store, digit_set) is solution


def test_one_slot_a_class_is_enough(proxy, digits):
    assert proxy.score(proxy.begin(0), balanced_set(digits, ipc=1)).accuracy > 0.3


@pytest.mark.parametrize("ridge", [0, -1.0, float("nan"), "small"])
def test_a_ridge_that_is_not_positive_is_refused(digits, ridge):
    with pytest.raises(ValueError, match=f"ridge must be a number > 0, got {ridge!r}. The default is 1e-3"):
        RidgeProxy(digits, ridge=ridge)


def climb(proxy, synthetic_set, pool, *, steps, seed=0):
    """Replace random slots by random pool images of their class; keep what does not raise the validation loss."""
    images, classes = pool
    proxy.prepare(images)
    episode, rng = proxy.begin(0), np.random.default_rng(seed)
    by_class = [np.flatnonzero(classes == c) for c in range(synthetic_set.num_classes)]
    best = proxy.score(episode, synthetic_set)
    for _ in range(steps):
        slot = int(rng.integers(len(synthetic_set)))
        image = images[rng.choice(by_class[synthetic_set.classes[slot]])]
        candidate = synthetic_set.with_slot(slot, image)
        score = proxy.score(episode, candidate)
        if score.loss <= best.loss:
            best, synthetic_set = score, candidate
    return synthetic_set


def accuracies(proxy, sets):
    return [proxy.score(proxy.begin(0), synthetic_set).accuracy for synthetic_set in sets]


@pytest.mark.slow
def test_climbing_on_digits_raises_the_accuracy_on_an_independent_bank(digits):
    proxy = RidgeProxy(digits)
    start = balanced_set(digits, ipc=3)
    end = climb(proxy, start, (digits.train.images, digits.train.labels), steps=1000)
    before, after = accuracies(proxy.renewed(1), (start, end))
    assert after > before + 0.02


@pytest.mark.slow
@pytest.mark.data
def test_climbing_on_mnist_raises_the_accuracy_on_an_independent_bank(data_dir):
    mnist = load_dataset("mnist", data_dir=data_dir, val_size=1000)
    proxy = RidgeProxy(mnist)
    start = balanced_set(mnist, ipc=10)
    end = climb(proxy, start, (mnist.train.take(slice(0, 1000)), mnist.train.labels[:1000]), steps=3000)
    before, after = accuracies(proxy.renewed(1), (start, end))
    assert after > before + 0.02
