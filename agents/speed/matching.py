"""One step of gradient matching against a large matrix product, at the published sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.speed.timing import best_seconds, matrix_product_rate

_IMAGE_SHAPE, _CLASSES, _REAL = (28, 28, 1), 10, 256
# The authors' PyTorch program, timed on two cores at these sizes: 11.7 s for 780 GFLOP (it pads grey images to 32x32),
# 54 % of the rate of a matrix product there. In units of that product, which is what a machine's speed cancels from:
_AUTHORS_GFLOP_AS_PRODUCT = 780 / 0.54


def measure_matching(*, width: int = 128, ipc: int = 1, rounds: int = 3) -> dict[str, Any]:
    """Time one matching step over ten classes: ConvNet-3, images of 28x28, 256 real ones per class.

    The operations are those of the network as defined: forward and weight gradients of real images; of synthetic ones
    the second derivatives as well, which are too few to count.

    Args:
        width: Filters a convolution.
        ipc: Synthetic images per class.
        rounds: Of which the fastest counts.
    """
    from agents.distillers.matching.gradients import GradientProgram
    from agents.distillers.matching.pixels import MOMENTUM
    from agents.distillers.matching.siamese import identity
    from mps_env.training.flops import count_flops

    rng = np.random.default_rng(0)
    program = GradientProgram("convnet", {"width": width}, _IMAGE_SHAPE, _CLASSES, momentum=MOMENTUM)
    program.start(np.random.SeedSequence(0))
    real, synthetic = (
        [rng.standard_normal((count, *_IMAGE_SHAPE), dtype=np.float32) for _ in range(_CLASSES)]
        for count in (_REAL, ipc)
    )
    changes = [identity()] * _CLASSES

    def step() -> None:
        program.match(real, synthetic, changes)

    step()
    seconds = best_seconds(step, rounds)
    rate = matrix_product_rate(3 * rounds)
    operations = _CLASSES * _REAL * count_flops(program.model).training
    return {
        "seconds_per_step": seconds,
        "gflop_per_step": operations / 1e9,
        "share_of_matrix_product": operations / seconds / rate,
        "times_the_authors_seconds": seconds * rate / 1e9 / _AUTHORS_GFLOP_AS_PRODUCT,
    }
