import os
from contextlib import nullcontext
from functools import partial

import pytest

from agents.speed.worker import Worker


def test_work_is_done_in_a_process_of_its_own():
    with Worker(nullcontext, os.getpid) as worker:
        worker()
        first = worker.answer
        worker()
    assert worker.answer == first != os.getpid()


def test_a_process_that_fails_is_noticed():
    with Worker(nullcontext, partial(int, "no number")) as worker, pytest.raises(EOFError):
        worker()


def test_a_process_that_cannot_begin_is_noticed():
    with pytest.raises(EOFError), Worker(open, "no/such/file"):
        pass
