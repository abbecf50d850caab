import numpy as np
import pytest

from mps_env.ridge.regression import (
    centred,
    feature_gradient,
    leave_one_out,
    margin,
    removal_loss_change,
    replacement_losses,
    solve,
)

RIDGE = 0.1


@pytest.fixture
def problem():
    """Features of 6 slots, 9 images and 4 candidates, all of norm 1, with labels of 3 classes."""
    rng = np.random.default_rng(0)

    def unit(count):
        rows = rng.standard_normal((count, 5))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    slots, images, candidates = unit(6), unit(9), unit(4)
    labels, image_labels = np.eye(3)[[0, 1, 2, 0, 1, 2]], np.eye(3)[rng.integers(0, 3, 9)]
    return slots, images, candidates, centred(labels), centred(image_labels)


def brute_force(slots, targets, images):
    """Outputs on images with the regularisation RIDGE, which is relative to kernels of 1."""
    system = slots @ slots.T + RIDGE * np.eye(len(slots))
    return images @ slots.T @ np.linalg.solve(system, targets)


def mean_loss(outputs, targets):
    return np.square(outputs - targets).sum() / len(targets)


def test_centred_labels_sum_to_zero():
    np.testing.assert_allclose(centred(np.array([[1.0, 0.0]], np.float32)), [[0.5, -0.5]])


def test_solve_of_a_diagonal_kernel_divides_by_the_diagonal_plus_its_mean_share():
    solution = solve(np.diag([1.0, 3.0]), np.array([[1.0], [2.0]]), ridge=0.5)
    np.testing.assert_allclose(solution.alpha, [[1 / 2], [2 / 4]])  # 1 + 0.5 * 2 and 3 + 0.5 * 2


def test_solve_leaves_its_arguments_unchanged():
    kernel, targets = np.diag([1.0, 3.0]), np.array([[1.0], [2.0]])
    solve(kernel, targets, ridge=0.5)
    np.testing.assert_array_equal(kernel, np.diag([1.0, 3.0]))
    np.testing.assert_array_equal(targets, [[1.0], [2.0]])


def test_solve_of_blank_images_says_nothing_of_other_images():
    assert np.isfinite(solve(np.zeros((2, 2)), np.ones((2, 1)), ridge=0.1).alpha).all()


def test_an_indefinite_kernel_asks_for_a_larger_ridge():
    with pytest.raises(np.linalg.LinAlgError, match=r"ridge=0\.001.*Use a larger ridge"):
        solve(np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones((2, 1)), ridge=1e-3)


def test_leave_one_out_equals_training_without_the_slot(problem):
    slots, _, _, targets, _ = problem
    rest = np.arange(6) != 2
    expected = brute_force(slots[rest], targets[rest], slots[2:3])[0]
    np.testing.assert_allclose(leave_one_out(solve(slots @ slots.T, targets, RIDGE), 2), expected)


def test_margin_is_own_output_less_the_best_other():
    assert margin(np.array([0.2, 0.7, 0.4]), own_class=2) == pytest.approx(-0.3)


def test_removal_changes_the_loss_as_training_without_the_slot_does(problem):
    slots, images, _, targets, image_targets = problem
    rest = np.arange(6) != 4
    before = brute_force(slots, targets, images)
    after = brute_force(slots[rest], targets[rest], images)
    change = removal_loss_change(solve(slots @ slots.T, targets, RIDGE), 4, slots @ images.T, before - image_targets)
    assert change == pytest.approx(mean_loss(after, image_targets) - mean_loss(before, image_targets))


def test_replacement_losses_equal_training_with_each_candidate(problem):
    slots, images, candidates, targets, image_targets = problem
    expected = []
    for candidate in candidates:
        replaced = slots.copy()
        replaced[3] = candidate
        expected.append(mean_loss(brute_force(replaced, targets, images), image_targets))
    losses = replacement_losses(
        solve(slots @ slots.T, targets, RIDGE),
        3,
        slots @ images.T * 4,
        image_targets,
        candidates @ slots.T * 4,
        np.full(4, 4.0),
        candidates @ images.T * 4,
        RIDGE,
        scale=1 / 4,
    )
    np.testing.assert_allclose(losses, expected)


def test_feature_gradient_equals_finite_differences(problem):
    slots, images, _, targets, image_targets = problem
    by_image, by_slot = feature_gradient(solve(slots @ slots.T, targets, RIDGE), 1, images @ slots.T, image_targets)
    gradient = by_image @ images + by_slot @ slots
    step = 1e-6
    for entry in range(5):
        ahead, behind = slots.copy(), slots.copy()
        ahead[1, entry] += step
        behind[1, entry] -= step
        rise = [mean_loss(brute_force(moved, targets, images), image_targets) for moved in (ahead, behind)]
        assert gradient[entry] == pytest.approx((rise[0] - rise[1]) / (2 * step), rel=1e-4, abs=1e-8)
