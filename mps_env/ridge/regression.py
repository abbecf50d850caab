"""Kernel ridge regression in closed form: solve, leave one out, replace one. Pure functions in float64.

With the kernel matrix K (N, N) of the slots, the centred labels Y (N, K) and the kernels R (n, N) of other images
with the slots:

    A = K + ridge * trace(K) / N * I        alpha = A^-1 Y        outputs = R alpha

Labels are centred by 1/K, so an output of zero says "no opinion". Writing c for column i of A^-1, removing slot i
with the regularisation kept (Rasmussen & Williams 2006, section 5.4.2) gives

    alpha_without_i = alpha - c alpha_i / c_i        output at slot i without it = y_i - alpha_i / c_i
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import lapack


@dataclass(frozen=True, eq=False)
class Solution:
    """A solved kernel ridge regression.

    Args:
        factor: (N, N) float64, the Cholesky factor of A in its lower triangle (Fortran order).
        alpha: (N, K) float64 dual weights.
        targets: (N, K) float64 centred labels.
    """

    factor: np.ndarray
    alpha: np.ndarray
    targets: np.ndarray
    _columns: dict[int, np.ndarray] = field(default_factory=dict, repr=False)  # of A^-1, by slot

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Return A^-1 `right` for (N,) or (N, m)."""
        return lapack.dpotrs(self.factor, right, lower=1)[0]

    def inverse_column(self, slot: int) -> np.ndarray:
        """Return column `slot` of A^-1, (N,); remembered, and not to be changed."""
        if slot not in self._columns:
            unit = np.zeros(len(self.alpha))
            unit[slot] = 1.0
            self._columns[slot] = self.solve(unit)
        return self._columns[slot]


def centred(labels: np.ndarray) -> np.ndarray:
    """Return labels minus 1/K, float64."""
    return labels.astype(np.float64) - 1.0 / labels.shape[1]


def solve(kernel: np.ndarray, targets: np.ndarray, ridge: float) -> Solution:
    """Solve (K + ridge * trace(K) / N * I) alpha = targets by Cholesky.

    Args:
        kernel: (N, N) float64, symmetric and positive semi-definite; left unchanged.
        targets: (N, K) float64 centred labels.
        ridge: Regularisation relative to the mean of the diagonal, > 0.

    Raises:
        np.linalg.LinAlgError: If the regularised kernel is not positive definite.
    """
    system = np.array(kernel.T, order="F")  # symmetric, so its transpose is a copy without a stride
    diagonal = np.einsum("ii->i", system)
    diagonal += ridge * (diagonal.mean() or 1.0)  # blank images have no features
    factor, alpha, status = lapack.dposv(system, targets, lower=1, overwrite_a=1)
    if status != 0:
        raise np.linalg.LinAlgError(
            f"the kernel matrix is not positive definite with ridge={ridge:g} (leading minor {status})."
            " Use a larger ridge."
        )
    return Solution(factor, alpha, targets)


def leave_one_out(solution: Solution, slot: int) -> np.ndarray:
    """Return the output at a slot of the regression without it, (K,): y_i - alpha_i / (A^-1)_ii."""
    column = solution.inverse_column(slot)
    return solution.targets[slot] - solution.alpha[slot] / column[slot]


def margin(outputs: np.ndarray, own_class: int) -> float:
    """Return the output for a class minus the best of the others."""
    return float(outputs[own_class] - np.delete(outputs, own_class).max())


def removal_loss_change(
    solution: Solution, slot: int, kernel: np.ndarray, errors: np.ndarray, scale: float = 1.0
) -> float:
    """Return how much the squared error on other images changes when a slot is left out.

    The outputs change by -u v^T with u = R c and v = alpha_i / c_i, so the sum of squared errors by
    -2 u^T E v + |u|^2 |v|^2.

    Args:
        solution: The regression with the slot.
        slot: The one to leave out.
        kernel: (N, n) kernels R^T of the slots with the images, still to be multiplied by `scale`.
        errors: (n, K) outputs minus targets E of the regression with the slot.
        scale: What kernels are multiplied by.

    Returns:
        The change of the mean squared error (sum over classes, mean over images).
    """
    column = solution.inverse_column(slot)
    u = (column * scale).astype(kernel.dtype) @ kernel
    v = (solution.alpha[slot] / column[slot]).astype(kernel.dtype)
    return float(((u @ u) * (v @ v) - 2.0 * (u @ (errors @ v))) / len(errors))


def replacement_losses(
    solution: Solution,
    slot: int,
    kernel: np.ndarray,
    image_targets: np.ndarray,
    candidate_kernel: np.ndarray,
    candidate_self: np.ndarray,
    candidate_image_kernel: np.ndarray,
    regularisation: float,
    scale: float = 1.0,
) -> np.ndarray:
    """Return the loss on other images after replacing a slot by each of P candidates, (P,) float64.

    With B the inverse of A without slot i (its row and column i set to zero), beta = B Y and, for a candidate with
    kernels k, self-kernel s and kernels r with the images, the bordered system gives

        B = A^-1 - c c^T / c_i        a = (y_i - k^T beta) / (s + regularisation - k^T B k)
        outputs = R beta + (r - R B k) a^T

    and the loss is the mean over images of |outputs - targets|^2. The system is solved in float64; what is as long
    as the images is computed in the kernels' own type, which is where the time goes.

    Args:
        solution: The regression before the replacement; the slot keeps its label.
        slot: The slot i to replace.
        kernel: (N, n) kernels R^T of the slots with the images, still to be multiplied by `scale`, as all kernels here.
        image_targets: (n, K) centred labels of the images.
        candidate_kernel: (P, N) kernels of the candidates with the slots; column i is ignored.
        candidate_self: (P,) kernel of each candidate with itself.
        candidate_image_kernel: (P, n) kernels of the candidates with the images.
        regularisation: What A has on its diagonal beyond the kernel; kept as it is.
        scale: What kernels are multiplied by.
    """
    column = solution.inverse_column(slot)
    beta = solution.alpha - np.outer(column, solution.alpha[slot] / column[slot])
    between = candidate_kernel.astype(np.float64) * scale
    reduced = solution.solve(between.T)  # (N, P)
    reduced -= np.outer(column, (between @ column) / column[slot])
    # Positive in exact arithmetic; the regularisation is its least value, and keeps rounding from dividing by zero.
    schur = candidate_self * scale + regularisation - np.einsum("pn,np->p", between, reduced)
    schur = np.maximum(schur, max(regularisation, np.finfo(np.float64).tiny))
    # beta_i and row i of `reduced` vanish in exact arithmetic; rounding leaves dust there.
    beta[slot] = 0.0
    reduced[slot] = 0.0
    weights = (solution.targets[slot] - between @ beta) / schur[:, None]  # (P, K)
    directions = candidate_image_kernel - reduced.T.astype(kernel.dtype) @ kernel  # (P, n), still to be scaled
    errors = (beta.T * scale).astype(kernel.dtype) @ kernel - image_targets.T  # (K, n)
    cross = np.einsum("pk,pk->p", directions @ errors.T, weights) * scale
    squares = np.einsum("pn,pn->p", directions, directions) * scale**2 * np.einsum("pk,pk->p", weights, weights)
    return (np.einsum("kn,kn->", errors, errors) + 2.0 * cross + squares) / errors.shape[1]


def feature_gradient(
    solution: Solution, slot: int, kernel: np.ndarray, image_targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient of the loss on other images with respect to the features of a slot, as two weightings.

    With G = 2 (R alpha - T) / n and M = A^-1 R^T G, the loss |R alpha - T|^2 / n has the derivatives G alpha^T with
    respect to R and -M alpha^T with respect to K, so that, the kernel being a dot product of features,

        d loss / d phi_i = sum_b (G alpha_i)_b phi_b - sum_j (M alpha^T + alpha M^T)_ij phi_j

    Args:
        solution: The regression.
        slot: The slot i.
        kernel: (n, N) kernels R of the images with the slots.
        image_targets: (n, K) centred labels T of the images.

    Returns:
        The weight of each image's features (n,) and of each slot's features (N,). The regularisation's own
        dependence on the trace is left out: features have a fixed norm.
    """
    pull = (2.0 / len(kernel)) * (kernel @ solution.alpha - image_targets)
    dual = solution.solve(kernel.T @ pull)
    slot_weights = -(solution.alpha @ dual[slot] + dual @ solution.alpha[slot])
    return pull @ solution.alpha[slot], slot_weights
