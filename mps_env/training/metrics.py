"""Accuracy and loss from logits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mps_env.synthetic_set import one_hot


@dataclass(frozen=True, eq=False)
class Metrics:
    """How well logits fit labels.

    Args:
        accuracy: Fraction of rows whose largest logit is their class.
        loss: Mean loss, in the terms it was asked for.
        class_accuracy: (K,) float32, the accuracy on each class; 0 for a class without rows.
    """

    accuracy: float
    loss: float
    class_accuracy: np.ndarray


def measure(logits: np.ndarray, labels: np.ndarray, loss: str = "cross_entropy") -> Metrics:
    """Compare logits with labels.

    Args:
        logits: (n, K) float32.
        labels: (n,) integer classes, or (n, K) rows summing to 1, whose class is their largest entry.
        loss: "cross_entropy" of the softmax of the logits, or "mse", the squared error summed over the classes.
    """
    num_classes = logits.shape[1]
    targets = one_hot(labels, num_classes) if labels.ndim == 1 else labels
    classes = labels if labels.ndim == 1 else labels.argmax(axis=1)
    is_right = logits.argmax(axis=1) == classes
    if loss == "mse":
        losses = ((logits - targets) ** 2).sum(axis=1)
    else:
        losses = log_sum_exp(logits) - (logits * targets).sum(axis=1)
    rows = np.bincount(classes, minlength=num_classes)
    right = np.bincount(classes[is_right], minlength=num_classes)
    return Metrics(
        accuracy=float(is_right.mean()),
        loss=float(losses.mean(dtype=np.float64)),
        class_accuracy=(right / np.maximum(rows, 1)).astype(np.float32),
    )


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return (n, K) float32 probabilities of (n, K) logits."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return (n,) the logarithm of the sum of exponentials of each row, without overflow."""
    largest = logits.max(axis=1)
    return largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
