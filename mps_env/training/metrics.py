"""Accuracy and loss from logits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Metrics:
    """How well logits fit labels.

    Args:
        accuracy: Fraction of rows whose largest logit is their class.
        loss: Mean cross-entropy of the softmax of the logits.
        class_accuracy: (K,) float32, the accuracy on each class; 0 for a class without rows.
    """

    accuracy: float
    loss: float
    class_accuracy: np.ndarray


def measure(logits: np.ndarray, classes: np.ndarray) -> Metrics:
    """Return the metrics of (n, K) logits against (n,) integer classes."""
    num_classes = logits.shape[1]
    is_right = logits.argmax(axis=1) == classes
    log_probabilities = logits - log_sum_exp(logits)[:, None]
    loss = -log_probabilities[np.arange(len(classes)), classes].mean(dtype=np.float64)
    rows = np.bincount(classes, minlength=num_classes)
    right = np.bincount(classes[is_right], minlength=num_classes)
    class_accuracy = (right / np.maximum(rows, 1)).astype(np.float32)
    return Metrics(float(is_right.mean()), float(loss), class_accuracy)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return (n, K) float32 probabilities of (n, K) logits."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return (n,) the logarithm of the sum of exponentials of each row, without overflow."""
    largest = logits.max(axis=1)
    return largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
