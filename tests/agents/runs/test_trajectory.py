"""What a run writes down of its agent's steps."""

import numpy as np
import pytest

import agents.runs.trajectory as module
from agents.runs.acting import learn, record
from agents.runs.config import RunConfig
from agents.runs.trajectory import TrajectoryRecorder, load_trajectory
from mps_env.config import EnvConfig
from mps_env.task import Task


def taken(agent="random", steps=7, action="edit", **changes):
    """Let an agent act; return what was recorded, the environment and the initial set."""
    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features", action=action)
    config = RunConfig(env=env, agent=agent, steps=steps, **changes)
    task = Task(config.env_of_run)
    initial = task.initial_set(np.random.default_rng(0))
    recorder = TrajectoryRecorder()
    env = record(config, task, initial, clock=lambda: 0.0, listeners=[recorder])
    learn(config, env)
    return recorder.trajectory(env.base, initial), env, initial


def test_every_step_has_a_row_and_a_picture():
    trajectory, env, initial = taken(episode_steps=3)
    assert trajectory.rewards.dtype == np.float64
    assert trajectory.starts.tolist() == [True, False, False, True, False, False, True]
    assert len(trajectory.actions) == len(trajectory.edits) == len(trajectory.images) == 7
    assert trajectory.edit_names.tolist() == list(env.base.edit_names)
    assert trajectory.initial_classes.tolist() == initial.classes.tolist()
    last = env.base.synthetic_set.images[trajectory.slots[-1]]
    assert np.abs(trajectory.images[-1] / 255 - last).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("family", ["replace", "perturb"])
def test_where_actions_name_no_edits_the_familys_word_stands_for_all(family):
    trajectory, env, _ = taken(action=family, steps=3)
    assert trajectory.edit_names.tolist() == [family]
    assert trajectory.edits.tolist() == [0, 0, 0]
    assert trajectory.actions.shape == (3, *env.action_space.shape)


def test_pictures_end_where_there_are_enough(monkeypatch):
    monkeypatch.setattr(module, "MOST_IMAGES", 4)
    trajectory, _, _ = taken()
    assert (len(trajectory.images), len(trajectory.rewards)) == (4, 7)


def test_two_resets_in_a_row_are_both_counted():
    trajectory, env, initial = taken(steps=2)
    recorder = TrajectoryRecorder()
    env._listeners, env._step_limit = [recorder], None
    for _ in range(2):
        env.reset()
    env.step(trajectory.actions[0])
    assert recorder.trajectory(env.base, initial).resets.tolist() == [2]


def test_a_file_is_read_back_as_it_was(tmp_path):
    trajectory, _, _ = taken(steps=3)
    trajectory.save(tmp_path / "trajectory.npz")
    read = load_trajectory(tmp_path / "trajectory.npz")
    assert all(np.array_equal(value, getattr(read, name)) for name, value in vars(trajectory).items())
    with np.load(tmp_path / "trajectory.npz") as archive:
        assert archive["starts"].tolist() == [True, False, False]


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "trajectory.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ValueError, match="no usable trajectory"):
        load_trajectory(tmp_path / "trajectory.npz")
