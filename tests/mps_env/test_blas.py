import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mps_env.blas import _blas_libraries, one_blas_thread


def threads():
    return [library.num_threads for library in _blas_libraries()]


def test_blas_has_one_thread_inside_and_as_many_as_before_after():
    before = threads()
    with one_blas_thread(), one_blas_thread():
        assert set(threads()) <= {1}
    assert threads() == before


def test_threads_come_back_after_an_error():
    before = threads()
    with pytest.raises(KeyError), one_blas_thread():
        raise KeyError
    assert threads() == before


def test_it_holds_in_a_second_thread_until_the_last_one_leaves():
    with ThreadPoolExecutor(1) as pool:
        before = threads()
        with one_blas_thread():
            entered, leave = threading.Event(), threading.Event()

            def stay():
                with one_blas_thread():
                    entered.set()
                    leave.wait()
                    return threads()

            staying = pool.submit(stay)
            entered.wait()
        inside = threads()
        leave.set()
        assert set(staying.result()) <= {1}
        assert set(inside) <= {1}
        assert threads() == before


def test_a_second_thread_can_set_it_alone():
    with one_blas_thread():  # a first thread has set the number before
        pass

    def inside():
        with one_blas_thread():
            return threads()

    with ThreadPoolExecutor(1) as pool:
        assert set(pool.submit(inside).result()) <= {1}
