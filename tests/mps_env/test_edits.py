"""One contract for every edit, and what each is there for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mps_env.config import EnvConfig
from mps_env.edits import EDITS, check_edit_names, get_edit, register_edit
from mps_env.edits.base import EditContext
from mps_env.episode import Episode
from mps_env.task import Task

CHANGING = tuple(name for name in EDITS.names() if name not in ("keep", "undo", "stop"))


@pytest.fixture(scope="module")
def episode() -> Episode:
    task = Task(EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=2))
    rng = np.random.default_rng(0)
    started = Episode(task, task.initial_set(rng), rng)
    started.start(task.proxy.score(started.trial, started.synthetic_set))
    return started


@pytest.fixture(scope="module")
def context(episode) -> EditContext:
    return episode.context()


def apply(name, episode, context, slot=3, seed=0):
    return get_edit(name).apply(episode.synthetic_set, slot, context, np.random.default_rng(seed))


@pytest.mark.parametrize("name", EDITS.names())
@given(seed=st.integers(0, 2**16), slot=st.integers(0, 19))
@settings(max_examples=15, deadline=None)
def test_an_edit_leaves_a_set_a_set(name, episode, context, seed, slot):
    after = apply(name, episode, context, slot, seed)
    assert after.images.shape == episode.synthetic_set.images.shape
    assert after.images.dtype == after.labels.dtype == np.float32
    assert 0 <= after.images.min() <= after.images.max() <= 1
    assert np.allclose(after.labels.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(after.classes, episode.synthetic_set.classes)


@pytest.mark.parametrize("name", EDITS.names())
def test_an_edit_touches_no_other_slot(name, episode, context):
    after = apply(name, episode, context)
    others = np.arange(len(after)) != 3
    assert np.array_equal(after.images[others], episode.synthetic_set.images[others])
    assert np.array_equal(after.labels[others], episode.synthetic_set.labels[others])


@pytest.mark.parametrize("name", EDITS.names())
def test_an_edit_is_pure(name, episode, context):
    before = episode.synthetic_set.images.copy()
    first, second = apply(name, episode, context, seed=5), apply(name, episode, context, seed=5)
    assert first.fingerprint == second.fingerprint
    assert np.array_equal(before, episode.synthetic_set.images)


@pytest.mark.parametrize("name", CHANGING)
def test_an_edit_does_something(name, episode, context):
    assert any(
        apply(name, episode, context, slot, seed).fingerprint != episode.synthetic_set.fingerprint
        for slot, seed in [(3, 0), (11, 1)]
    )


def test_there_are_at_least_ten_edits():
    assert len(CHANGING) >= 10


@pytest.mark.parametrize("name", ["random_real", "hardest", "nearest", "farthest", "fittest"])
def test_a_replacement_is_a_pool_image_of_the_same_class(name, episode, context):
    after = apply(name, episode, context)
    candidates = context.pool.images[context.pool.of_class(int(after.classes[3]))]
    assert (candidates == after.images[3]).all(axis=(1, 2, 3)).any()


def test_nearest_is_nearer_than_farthest(episode, context):
    image = episode.synthetic_set.images[3]
    near, far = (np.abs(apply(name, episode, context).images[3] - image).sum() for name in ("nearest", "farthest"))
    assert 0 < near < far


def test_hardest_is_what_the_proxy_gives_the_least_probability(episode, context):
    hard, own_class = apply("hardest", episode, context), int(episode.synthetic_set.classes[3])
    some = apply("random_real", episode, context)
    probabilities = episode.predict(np.stack([hard.images[3], some.images[3]]))[:, own_class]
    assert probabilities[0] <= probabilities[1]


def test_fittest_lowers_the_loss_on_training_images(episode, context):
    advisor, state = context.get_advisor(), episode.synthetic_set
    chosen = apply("fittest", episode, context)
    losses = advisor.candidate_losses(state, 3, np.stack([state.images[3], chosen.images[3]]))
    assert losses[1] < losses[0]


def test_to_mean_goes_a_quarter_of_the_way(episode, context):
    own_class = int(episode.synthetic_set.classes[3])
    expected = 0.75 * episode.synthetic_set.images[3] + 0.25 * context.statistics.means[own_class]
    assert np.allclose(apply("to_mean", episode, context).images[3], expected, atol=1e-6)


def test_repeated_gradient_steps_lower_the_loss_on_training_images(episode, context):
    advisor, state, rng = context.get_advisor(), episode.synthetic_set, np.random.default_rng(0)
    edit = get_edit("gradient")
    for _ in range(5):
        state = edit.apply(state, 3, context, rng)
    losses = advisor.candidate_losses(
        episode.synthetic_set, 3, np.stack([episode.synthetic_set.images[3], state.images[3]])
    )
    assert losses[1] < losses[0]


def test_relabel_softens_the_label_and_keeps_the_class(episode, context):
    after = apply("relabel", episode, context)
    assert 0 < after.labels[3].max() < 1
    assert after.classes[3] == episode.synthetic_set.classes[3]


def test_undo_is_possible_only_where_there_is_something_to_take_back(episode, context):
    undo = get_edit("undo")
    assert not undo.is_possible(episode.synthetic_set, context)


def test_stop_ends_the_episode_and_nothing_else_does():
    assert [name for name in EDITS.names() if get_edit(name).ends_episode] == ["stop"]


def test_an_edit_of_ones_own_is_a_plain_function():
    def black(synthetic_set, slot, context, rng):
        return synthetic_set.with_slot(slot, np.zeros(synthetic_set.image_shape, np.float32))

    register_edit("black_for_test", black)
    try:
        assert get_edit("black_for_test").apply is black
    finally:
        del EDITS._entries["black_for_test"]


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        ("noise", TypeError, r"got 'noise'"),
        ([], ValueError, "distinct names and at least one"),
        (["noise", "noise"], ValueError, "distinct names"),
        (["noize"], ValueError, "Did you mean 'noise'"),
        (["undo"], ValueError, "at least one edit besides undo"),
    ],
)
def test_bad_edit_lists_are_refused(names, error, message):
    with pytest.raises(error, match=message):
        check_edit_names(names)
