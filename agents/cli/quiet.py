"""TensorFlow's start-up chatter, kept off the user's terminal."""

from __future__ import annotations

import os
import sys


def import_tensorflow_quietly() -> None:
    """Import TensorFlow with its start-up messages discarded; with `MPS_DEBUG=1` they are shown.

    Part of them is written by C++ before any log level is heeded, so the file descriptor itself must be turned away.
    """
    if os.environ.get("MPS_DEBUG"):
        return
    sys.stderr.flush()
    kept = os.dup(2)
    discarded = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(discarded, 2)
        from mps_env.threads import share_cores

        share_cores()
        import tensorflow as tf

        tf.zeros(())  # the first operation looks for a GPU, and says so
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(discarded)
