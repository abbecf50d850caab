"""The last layer of a network, solved in closed form: what its own training would end at."""

from __future__ import annotations

import numpy as np

from mps_env.blas import one_blas_thread


@one_blas_thread()
def solve_head(features: np.ndarray, labels: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel (D, K) and bias (K,) float32 of the linear layer that fits labels best, by ridge regression.

    The bias is one more feature, and regularised like the others. Solved in float64, in the smaller of the two forms.

    Args:
        features: (N, D) float32, what goes into the layer.
        labels: (N, K) float32, rows summing to 1.
        ridge: Regularisation relative to the mean square of a feature, > 0.
    """
    inputs = np.concatenate([features, np.ones((len(features), 1), np.float32)], axis=1).astype(np.float64)
    targets = labels - 1.0 / labels.shape[1]  # an output of 1/K says "no opinion"
    count, size = inputs.shape
    gram = inputs.T @ inputs if size <= count else inputs @ inputs.T
    gram[np.diag_indices_from(gram)] += ridge * np.trace(gram) / size
    solved = np.linalg.solve(gram, inputs.T @ targets if size <= count else targets)
    weights = solved if size <= count else inputs.T @ solved
    return weights[:-1].astype(np.float32), (weights[-1] + 1.0 / labels.shape[1]).astype(np.float32)
