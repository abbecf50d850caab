"""Small matrix products on one thread."""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


class one_blas_thread(ContextDecorator):
    """Run BLAS calls on the calling thread alone, and those of other threads meanwhile on theirs.

    A second thread saves a fraction of a millisecond on a score where cores are idle, and loses ten where they are
    busy (other environments, training agents): BLAS threads spin until the slowest has been given a core. And a sum's
    last bits depend on how many threads share it.
    """

    def __enter__(self) -> None:
        depth = getattr(_here, "depth", 0)
        if depth == 0:  # asking the libraries costs more than a small product
            _limit.enter()
        _here.depth = depth + 1

    def __exit__(self, *error: object) -> None:
        _here.depth -= 1
        if _here.depth == 0:
            _limit.leave()


class _Limit:
    """The libraries' number of threads, which is the whole process's: the first that enters sets it to one, the last
    that leaves puts it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: dict[Any, int] = {}

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            for library in _blas_libraries():
                if library.num_threads != 1:
                    self._before.setdefault(library, library.num_threads)
                    _set_threads(library, 1)

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                for library, threads in self._before.items():
                    _set_threads(library, threads)
                self._before.clear()


def _set_threads(library: Any, threads: int) -> None:
    # threadpoolctl lets one thread alone set OpenBLAS's number; here the lock says whose turn it is.
    if clear := getattr(library, "clear_controlling_thread", None):
        clear(force=True)
    library.set_num_threads(threads)


_here = threading.local()
_limit = _Limit()


@cache
def _blas_libraries() -> list[Any]:
    import scipy.linalg  # noqa: F401 - loads SciPy's own BLAS, which the search below must find

    return [library for library in ThreadpoolController().lib_controllers if library.user_api == "blas"]
