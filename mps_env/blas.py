"""Small matrix products on one thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run BLAS calls on the calling thread alone.

    A second thread saves a fraction of a millisecond on a score where cores are idle, and loses ten where they are
    busy (other environments, training agents): BLAS threads spin until the slowest has been given a core.
    """
    if getattr(_inside, "is_set", False):  # asking the libraries costs more than a small product
        yield
        return
    several = [(library, library.num_threads) for library in _blas_libraries() if library.num_threads != 1]
    for library, _ in several:
        library.set_num_threads(1)
    _inside.is_set = True
    try:
        yield
    finally:
        _inside.is_set = False
        for library, threads in several:
            library.set_num_threads(threads)


_inside = threading.local()


@cache
def _blas_libraries() -> list[Any]:
    import scipy.linalg  # noqa: F401 - loads SciPy's own BLAS, which the search below must find

    return [library for library in ThreadpoolController().lib_controllers if library.user_api == "blas"]
