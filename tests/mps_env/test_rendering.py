import gymnasium as gym
import numpy as np
import pytest

from tests.conftest import SMALL_RIDGE


def test_rgb_array_is_a_picture_that_marks_the_edited_slot(make_env):
    env = make_env(render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    env.step(env.unwrapped.edit_names.index("noise"))
    after = env.render()
    assert before.dtype == np.uint8
    assert before.shape == after.shape
    assert before.shape[2] == 3
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("slot", [0, 7])
def test_the_slot_is_marked_that_was_edited_and_not_the_one_under_the_cursor(make_env, slot):
    env = make_env(render_mode="rgb_array", ipc=2, action="select")
    env.reset(seed=0)
    env.step(np.array([slot, env.unwrapped.edit_names.index("noise")]))
    env.unwrapped.episode.slot = 13
    rows, columns = np.nonzero((env.render() == (255, 140, 0)).all(axis=-1))
    tiles = 5  # of 20 in a row
    side = env.render().shape[1] / tiles
    assert (round(rows.min() / side), round(columns.min() / side)) == divmod(slot, tiles)


def test_ansi_is_one_line(make_env):
    env = make_env(render_mode="ansi")
    env.reset(seed=0)
    env.step(0)
    line = env.render()
    assert line.startswith("digits step 1: slot ")
    assert "validation accuracy" in line
    assert "\n" not in line


def test_human_draws_in_a_window():
    pytest.importorskip("pygame", reason="needs pygame-ce")
    env = gym.make("MPSDistill-v0", render_mode="human", **SMALL_RIDGE)
    env.reset(seed=0)
    env.step(0)
    assert env.unwrapped._view._window is not None
    env.close()


def test_rendering_off_draws_nothing(make_env):
    env = make_env()
    env.reset(seed=0)
    env.step(0)
    assert env.unwrapped._view is None


def test_gymnasiums_recorders_can_stack_the_frames(make_env):
    env = gym.wrappers.RenderCollection(make_env(render_mode="rgb_array"))
    env.reset(seed=0)
    for _ in range(3):
        env.step(3)
    assert np.stack(env.render()).shape[0] == 4
