import numpy as np
import pytest

from agents.distillers import make_distiller
from agents.distillers.matching.gradients import GradientProgram, layer_distance
from agents.distillers.matching.siamese import identity
from mps_env.config import EnvConfig
from mps_env.task import Task


def test_the_distance_is_one_minus_cosine_summed_over_outputs():
    # Outputs in columns: (3, 4) against (4, 3) has cosine 24/25, (1, 0) against (0, 1) has cosine 0.
    ours, goal = np.array([[3, 1], [4, 0]], np.float32), np.array([[4, 0], [3, 1]], np.float32)
    assert float(layer_distance(ours, goal)) == pytest.approx(1 / 25 + 1, rel=1e-4)


def a_program() -> GradientProgram:
    program = GradientProgram("convnet", {"width": 3, "depth": 1}, (4, 4, 1), 2, momentum=0.5)
    program.start(np.random.SeedSequence(0))
    return program


def test_equal_batches_have_no_distance():
    images = np.random.default_rng(0).normal(size=(2, 4, 4, 1)).astype(np.float32)
    distance, gradients = a_program().match([images, images], [images, images], [identity()] * 2)
    assert distance == pytest.approx(0, abs=1e-3)  # the paper adds a small number to the norms
    assert [gradient.shape for gradient in gradients] == [(2, 4, 4, 1)] * 2


def test_the_gradient_equals_finite_differences():
    rng = np.random.default_rng(1)
    real, ours = (rng.normal(size=(3, 4, 4, 1)).astype(np.float32) for _ in range(2))
    program = a_program()

    def distance(images):
        return program.match([real], [images], [identity()])[0]

    gradient = program.match([real], [ours], [identity()])[1][0]
    direction = rng.normal(size=ours.shape).astype(np.float32)
    step = 1e-2
    rise = (distance(ours + step * direction) - distance(ours - step * direction)) / (2 * step)
    assert rise == pytest.approx(float((gradient * direction).sum()), rel=0.05)


def test_fresh_weights_lie_within_the_root_of_the_inverse_fan_in():
    program = GradientProgram("convnet", {"width": 64, "depth": 1}, (4, 4, 3), 10, momentum=0.5)
    program.start(np.random.SeedSequence(3))
    kernel, bias, gamma, beta, head, _ = (variable.numpy() for variable in program.model.trainable_variables)
    assert 0.95 / 27**0.5 < np.abs(kernel).max() <= 1 / 27**0.5
    assert np.abs(bias).max() <= 1 / 27**0.5
    assert (gamma == 1).all()
    assert (beta == 0).all()
    assert 0.95 / 256**0.5 < np.abs(head).max() <= 1 / 256**0.5


@pytest.mark.parametrize(("ipc", "loops"), [(1, (1, 1)), (5, (1, 1)), (10, (10, 50)), (50, (50, 10))])
def test_the_schedule_is_the_published_one(ipc, loops):
    task = Task(EnvConfig(ipc=ipc))
    made = make_distiller("gradient_matching", task, task.initial_set(np.random.default_rng(0)), seed=0)
    assert (made._outer, made._inner) == loops
    assert (made._rate, made._net_rate, made._real_batch, made._train_batch) == (0.1, 0.01, 256, 256)
    assert made._network_kwargs == {"depth": 3}  # the width is the network's own, 128
