"""Metrics by hand."""

from __future__ import annotations

import numpy as np

from mps_env.training.metrics import measure, softmax

LOGITS = np.array([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]], np.float32)
CLASSES = np.array([0, 1, 1])


def test_accuracy_counts_largest_logits() -> None:
    metrics = measure(LOGITS, CLASSES)
    assert metrics.accuracy == 2 / 3
    np.testing.assert_allclose(metrics.class_accuracy, [1, 0.5])


def test_cross_entropy_is_the_mean_negative_log_probability() -> None:
    by_hand = np.mean([np.log(1 + np.exp(-2)), np.log(1 + np.exp(-1)), np.log(1 + np.exp(3))])
    assert abs(measure(LOGITS, CLASSES).loss - by_hand) < 1e-6


def test_squared_error_is_summed_over_classes() -> None:
    assert measure(LOGITS, CLASSES, "mse").loss == (1 + 0 + 10) / 3


def test_soft_labels_weigh_the_loss() -> None:
    soft = np.array([[0.5, 0.5]], np.float32)
    assert abs(measure(np.array([[2.0, 0.0]], np.float32), soft).loss - (np.log(1 + np.exp(2)) - 1)) < 1e-6


def test_softmax_survives_large_logits() -> None:
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])
