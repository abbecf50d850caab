"""FLOP counts by hand."""

from __future__ import annotations

from mps_env.networks import build_network
from mps_env.training.flops import count_flops


def test_linear_network_has_no_input_gradient() -> None:
    flops = count_flops(build_network("linear", (2, 2, 1), 3))
    assert (flops.forward, flops.training) == (2 * 12, 2 * 2 * 12)


def test_plain_mps_cnn_by_hand() -> None:
    from mps_env.training.keras_reference import build_plain_mps_cnn

    conv1, rest = 26 * 26 * 9 * 32, 11 * 11 * 9 * 32 * 64 + 9 * 9 * 64 * 64 + 576 * 64 + 64 * 10
    flops = count_flops(build_plain_mps_cnn((28, 28, 1), 10))
    assert (flops.forward, flops.training) == (2 * (conv1 + rest), 2 * (2 * conv1 + 3 * rest))


def test_a_fit_adds_training_and_evaluation() -> None:
    flops = count_flops(build_network("linear", (2, 2, 1), 3))
    assert flops.of_fit(10, 5, 100) == 10 * 5 * 48 + 100 * 24
