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
