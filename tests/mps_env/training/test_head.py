import numpy as np
import pytest

from mps_env.training.head import solve_head


def test_one_feature_by_hand():
    # Inputs with the bias (2, 1) and (-2, 1), targets ±1/2: the gram matrix is diag(8, 2), its trace over 2 is 5,
    # so that with ridge 0.4 the weights are (2 / (8 + 2), 0) and the bias 1/2.
    kernel, bias = solve_head(np.array([[2.0], [-2.0]], np.float32), np.eye(2, dtype=np.float32), ridge=0.4)
    np.testing.assert_allclose(kernel, [[0.2, -0.2]], rtol=1e-6)
    np.testing.assert_allclose(bias, [0.5, 0.5], rtol=1e-6)


@pytest.mark.parametrize("count", [3, 30])
def test_both_forms_solve_the_normal_equations(count):
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(count, 8)).astype(np.float32), rng.dirichlet(np.ones(4), count)
    kernel, bias = solve_head(features, labels.astype(np.float32), ridge=0.1)
    inputs = np.column_stack([features, np.ones(count)])
    weights = np.vstack([kernel, bias - 0.25])
    ridge = 0.1 * np.trace(inputs.T @ inputs) / 9
    np.testing.assert_allclose(inputs.T @ (inputs @ weights - (labels - 0.25)) + ridge * weights, 0, atol=1e-4)
