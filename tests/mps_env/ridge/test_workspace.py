import copy
import pickle

import numpy as np
import pytest

from mps_env.ridge.store import store_for
from mps_env.ridge.workspace import KernelWorkspace


@pytest.fixture(scope="module")
def store(blobs):
    return store_for(blobs, nets=1, width=4)


def assert_same_as_fresh(workspace, store, synthetic_set):
    fresh = KernelWorkspace(workspace.ridge)
    for solution in (workspace.solution, fresh.solution):
        assert solution(store, synthetic_set) is solution(store, synthetic_set)
    np.testing.assert_array_equal(
        workspace.solution(store, synthetic_set).alpha, fresh.solution(store, synthetic_set).alpha
    )
    np.testing.assert_array_equal(
        workspace.panel_kernel("validation", store, synthetic_set),
        fresh.panel_kernel("validation", store, synthetic_set),
    )


def test_one_replaced_slot_leaves_what_a_fresh_workspace_has(blobs, blob_set, store):
    workspace = KernelWorkspace(1e-3)
    workspace.solution(store, blob_set)
    workspace.panel_kernel("validation", store, blob_set)
    assert_same_as_fresh(workspace, store, blob_set.with_slot(2, blobs.train.take(slice(8, 9))[0]))


def test_many_edits_and_a_way_back_leave_what_a_fresh_workspace_has(blobs, blob_set, store):
    workspace, rng = KernelWorkspace(1e-3), np.random.default_rng(0)
    state = blob_set
    for _ in range(10):
        for slot in rng.integers(0, 6, 2):
            state = state.with_slot(int(slot), rng.random((8, 8, 1), dtype=np.float32))
        workspace.solution(store, state)
    assert_same_as_fresh(workspace, store, state)
    assert_same_as_fresh(workspace, store, blob_set)


def test_a_changed_label_changes_the_solution_alone(blob_set, store):
    workspace = KernelWorkspace(1e-3)
    before = workspace.solution(store, blob_set)
    softened = blob_set.with_slot(0, label=np.array([0.8, 0.1, 0.1], np.float32))
    assert workspace.solution(store, softened) is not before
    assert_same_as_fresh(workspace, store, softened)


def test_equal_content_in_another_object_keeps_the_solution(blob_set, store):
    workspace = KernelWorkspace(1e-3)
    before = workspace.solution(store, blob_set)
    assert workspace.solution(store, blob_set.with_slot(1, blob_set.images[1])) is before


def test_a_set_of_another_size_starts_anew(blobs, blob_set, store):
    workspace = KernelWorkspace(1e-3)
    workspace.solution(store, blob_set)
    smaller = type(blob_set)(blob_set.images[:4], blob_set.labels[:4])
    assert_same_as_fresh(workspace, store, smaller)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda workspace: pickle.loads(pickle.dumps(workspace))])
def test_a_copy_scores_the_same(copied, blob_set, store):
    workspace = KernelWorkspace(1e-3)
    workspace.solution(store, blob_set)
    assert_same_as_fresh(copied(workspace), store, blob_set)
