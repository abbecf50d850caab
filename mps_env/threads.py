"""How TensorFlow uses the cores: independent operations side by side, each on few threads."""

from __future__ import annotations

import os

SIDE_BY_SIDE = 2
"""Independent branches that the compiled programs offer: half batches in training, batches in evaluation."""

CORES_VARIABLE = "MPS_CORES"


def cores() -> int:
    """Return how many cores this process may count on: `MPS_CORES`, else all that the system lets it use."""
    said = os.environ.get(CORES_VARIABLE, "")
    if said.isdigit() and int(said):
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_cores() -> None:
    """Configure TensorFlow's threads for networks of this size; called before the first TensorFlow operation.

    A convolution over 25 small images is too little work to be cut up: on two cores, two half batches side by side
    on one thread each take three quarters of the time of one batch on two threads (two thirds on 8x8 images).
    TensorFlow has one setting per process, so nothing is changed where someone else has set it, or where
    `MPS_TF_THREADS=default` asks for TensorFlow's own choice.
    """
    import tensorflow as tf

    if os.environ.get("MPS_TF_THREADS") == "default":
        return
    threading = tf.config.threading
    if threading.get_intra_op_parallelism_threads() or threading.get_inter_op_parallelism_threads():
        return
    try:
        threading.set_inter_op_parallelism_threads(SIDE_BY_SIDE)
        threading.set_intra_op_parallelism_threads(max(1, cores() // SIDE_BY_SIDE))
    except RuntimeError:
        return  # TensorFlow is in use already, with threads of its own choice
