import copy
import pickle

import numpy as np
import pytest

from mps_env.ridge.features import RandomFeatures
from mps_env.ridge.store import balanced_order, store_for
from mps_env.synthetic_set import image_key


@pytest.fixture
def store(blobs):
    return store_for(blobs, nets=1, width=4)


def keys_of(images):
    return [image_key(image) for image in images]


def test_columns_are_the_kernels_with_the_panel(blobs, store):
    images = blobs.train.take(slice(0, 2))
    expected = store.bank(images) @ store.bank(blobs.validation.images).T
    np.testing.assert_array_equal(store.columns("validation", keys_of(images), images), expected)


def test_prepared_images_have_the_same_rows_as_unprepared_ones(blobs, store):
    images = blobs.train.take(slice(0, 5))
    prepared = store_for(blobs, nets=1, width=4)
    prepared.prepare(images)
    chosen = images[[3, 1]]
    for kind in ("features", "validation", "reference"):
        np.testing.assert_array_equal(
            prepared._rows(kind, keys_of(chosen), chosen), store._rows(kind, keys_of(chosen), chosen)
        )


def test_an_image_seen_recently_is_not_computed_again(blobs, store, monkeypatch):
    images = blobs.train.take(slice(0, 1))
    first = store.features_of(images)
    monkeypatch.setattr(RandomFeatures, "__call__", None)
    np.testing.assert_array_equal(store.features_of(images), first)


def test_what_was_computed_ahead_is_not_computed_again(blobs, store, monkeypatch):
    images = blobs.train.take(slice(0, 3))
    expected = store_for(blobs, nets=1, width=4).features_of(images)
    store.compute_ahead(keys_of(images), images)
    monkeypatch.setattr(RandomFeatures, "__call__", None)
    np.testing.assert_array_equal(store.features_of(images), expected)


@pytest.mark.parametrize("count", [3, 7])  # one product after the other, and a product of all
def test_columns_of_several_images_are_those_of_each(count, blobs, store):
    images = blobs.train.take(slice(0, count))
    alone = [store_for(blobs, nets=1, width=4).columns("validation", keys_of(one), one) for one in images[:, None]]
    np.testing.assert_array_equal(store.columns("validation", keys_of(images), images), np.concatenate(alone))


def test_only_recent_images_are_remembered(store):
    images = np.random.default_rng(0).random((300, 8, 8, 1), dtype=np.float32)
    store.features_of(images)
    assert store.nbytes() == 256 * store.bank.size * 4


def test_training_panels_hold_no_validation_image(blobs, store):
    validation = set(keys_of(blobs.validation.images))
    for name in ("reference", "training"):
        assert validation.isdisjoint(keys_of(store.panels[name].images()))


def test_a_copy_shares_the_store_and_a_pickle_leaves_the_values_out(blobs, store):
    images = blobs.train.take(slice(0, 3))
    store.prepare(images)
    expected = store.features_of(images)
    assert copy.deepcopy(store) is store
    restored = pickle.loads(pickle.dumps(store))
    assert restored.nbytes() == 0
    np.testing.assert_array_equal(restored.features_of(images), expected)


def test_balanced_order_begins_with_every_class():
    labels = np.array([0, 0, 0, 0, 1, 1, 2])
    order = balanced_order(labels, np.random.default_rng(0))
    assert sorted(order) == list(range(7))
    assert sorted(labels[order[:3]]) == [0, 1, 2]
    assert sorted(labels[order[:5]]) == [0, 0, 1, 1, 2]
