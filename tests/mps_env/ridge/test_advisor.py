import copy

import numpy as np
import pytest

from mps_env.ridge.advisor import RidgeAdvisor
from mps_env.synthetic_set import SyntheticSet

RIDGE = 1e-2


@pytest.fixture(scope="module")
def advisor(blobs):
    return RidgeAdvisor(blobs, nets=1, width=4, ridge=RIDGE)


def without(synthetic_set, slot):
    rest = np.arange(len(synthetic_set)) != slot
    return SyntheticSet(synthetic_set.images[rest], synthetic_set.labels[rest])


def reference_loss(advisor, synthetic_set):
    """The loss on the reference images, from the features up."""
    features = advisor.store.bank(synthetic_set.images).astype(np.float64) / 4096
    reference = advisor.store.panel_features("reference").astype(np.float64) / 4096
    kernel = features @ features.T
    kernel += RIDGE * np.trace(kernel) / len(kernel) * np.eye(len(kernel))
    outputs = reference @ features.T @ np.linalg.solve(kernel, synthetic_set.labels - 1 / 3)
    targets = np.eye(3)[advisor.store.panels["reference"].classes] - 1 / 3
    return np.square(outputs - targets).sum() / len(targets)


def test_predictions_are_labels(advisor, blobs, blob_set):
    labels = advisor.predict(blob_set, blobs.train.take(slice(0, 20)))
    assert labels.shape == (20, 3)
    assert labels.dtype == np.float32
    assert (labels >= 0).all()
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)


def test_an_image_of_the_set_is_predicted_without_its_own_vote(advisor, blob_set):
    image = blob_set.images[3:4]
    expected = advisor.predict(without(blob_set, 3), image)
    np.testing.assert_allclose(advisor.predict(blob_set, image), expected, atol=2e-3)


def test_a_mislabelled_slot_has_the_lowest_margin(advisor, blobs):
    labels = np.eye(3, dtype=np.float32)[blobs.train.labels[:12]]
    labels[5] = labels[5][[1, 2, 0]]
    wrong = SyntheticSet(blobs.train.take(slice(0, 12)), labels)
    margins = [advisor.margin(wrong, slot) for slot in range(12)]
    assert np.argmin(margins) == 5
    assert margins[5] < 0


def test_influence_is_the_relative_rise_of_the_reference_loss_without_the_slot(advisor, blob_set):
    before, after = reference_loss(advisor, blob_set), reference_loss(advisor, without(blob_set, 4))
    # The trace that the ridge is relative to hardly moves with a slot.
    assert advisor.influence(blob_set, 4) == pytest.approx((after - before) / before, rel=1e-2)


def test_candidate_losses_equal_the_losses_of_the_replaced_sets(advisor, blobs, blob_set):
    candidates = blobs.train.take(slice(10, 14))
    expected = [reference_loss(advisor, blob_set.with_slot(1, image)) for image in candidates]
    np.testing.assert_allclose(advisor.candidate_losses(blob_set, 1, candidates), expected, rtol=1e-3)


def test_a_step_against_the_gradient_lowers_the_loss(advisor, blob_set):
    gradient = advisor.gradient(blob_set, 2, np.random.default_rng(0), batch_size=90)
    assert gradient.shape == (8, 8, 1)
    step = 0.05 * gradient / np.abs(gradient).max()
    moved = blob_set.with_slot(2, (blob_set.images[2] - step).astype(np.float32))
    assert reference_loss(advisor, moved) < reference_loss(advisor, blob_set)


def test_equal_generators_give_equal_gradients(advisor, blob_set):
    first, second = (advisor.gradient(blob_set, 0, np.random.default_rng(3), batch_size=8) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_answers_do_not_depend_on_what_was_asked_before(blobs, blob_set):
    used, fresh = (RidgeAdvisor(blobs, nets=1, width=4) for _ in range(2))
    edited = blob_set.with_slot(0, blobs.train.take(slice(20, 21))[0])
    used.influence(edited, 1)
    used.candidate_losses(edited, 1, blobs.train.take(slice(30, 33)))
    assert used.margin(blob_set, 0) == fresh.margin(blob_set, 0)
    assert used.influence(blob_set, 0) == fresh.influence(blob_set, 0)


def test_validation_images_are_never_looked_at(blobs, blob_set):
    advisor = RidgeAdvisor(blobs, nets=1, width=4)
    advisor.influence(blob_set, 0)
    advisor.gradient(blob_set, 0, np.random.default_rng(0), batch_size=8)
    advisor.candidate_losses(blob_set, 0, blobs.train.take(slice(0, 2)))
    assert "validation" not in advisor.store._panel_features


def test_a_deep_copy_answers_the_same(advisor, blob_set):
    assert copy.deepcopy(advisor).influence(blob_set, 3) == advisor.influence(blob_set, 3)
