"""Rounds of work in a process of their own, so that what is compared does not share memory, threads or caches."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

Preparation = Callable[..., AbstractContextManager[Callable[[], Any]]]


class Worker:
    """A spawned process; each call has it do a round of its work, and keeps what that returned as `answer`.

    Args:
        prepare: A function at the top of its module that gives a context in which the work can be called. Entering the
            worker waits until it is ready.
        args: Its arguments.
    """

    def __init__(self, prepare: Preparation, *args: Any) -> None:
        self.answer: Any = None
        self._connection, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        # No daemon, because that could not start processes.
        self._process = context.Process(target=_serve, args=(theirs, prepare, args))
        self._process.start()
        theirs.close()  # so that a process that fails is noticed

    def __enter__(self) -> Worker:
        self._connection.recv()  # it is ready
        return self

    def __call__(self) -> None:
        self._connection.send(True)
        self.answer = self._connection.recv()

    def __exit__(self, *error: object) -> None:
        with suppress(BrokenPipeError):  # it has failed
            self._connection.send(False)
        self._process.join()


def _serve(connection: Any, prepare: Preparation, args: tuple[Any, ...]) -> None:
    with prepare(*args) as work:
        connection.send(None)
        while connection.recv():
            connection.send(work())
