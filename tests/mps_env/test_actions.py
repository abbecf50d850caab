import numpy as np
import pytest

ACTION_SPACES = {
    "edit": "Discrete(19)",
    "select": "MultiDiscrete([20 19])",
    "flat": "Discrete(380)",
    "replace": "MultiDiscrete([20 64])",
    "perturb": "Box(-1.0, 1.0, (16,), float32)",
}


@pytest.mark.parametrize(("action", "space"), ACTION_SPACES.items())
def test_each_family_has_its_space(make_env, action, space):
    assert str(make_env(action=action).action_space) == space


def changed_slots(before, after):
    return np.flatnonzero((before.images != after.images).any(axis=(1, 2, 3))).tolist()


def stepped(env, action):
    before = env.unwrapped.synthetic_set
    info = env.step(action)[-1]
    return changed_slots(before, env.unwrapped.synthetic_set), info


def test_edit_acts_on_the_slot_under_the_cursor_and_moves_it(make_env):
    env = make_env(edits=["noise", "keep"])
    env.reset(seed=0)
    visited = []
    for _ in range(20):
        slot = env.unwrapped.episode.slot
        changed, info = stepped(env, 0)
        assert changed == [slot] == [info["slot"]]
        visited.append(slot)
    assert sorted(visited) == list(range(20))
    assert visited != sorted(visited)


def test_select_acts_on_the_slot_it_names(make_env):
    env = make_env(action="select", edits=["noise", "keep"])
    env.reset(seed=0)
    assert stepped(env, np.array([7, 0]))[0] == [7]
    assert env.unwrapped.episode.slot == 7


def test_flat_is_slot_times_edits_plus_edit(make_env):
    env = make_env(action="flat", edits=["keep", "noise"])
    env.reset(seed=0)
    assert stepped(env, 7 * 2 + 1)[0] == [7]
    assert stepped(env, 7 * 2)[0] == []


def test_replace_puts_the_numbered_candidate_of_the_class_there(make_env):
    env = make_env(action="replace")
    env.reset(seed=0)
    env.step(np.array([5, 9]))
    pool, state = env.unwrapped.task.pool, env.unwrapped.synthetic_set
    candidate = pool.of_class(int(state.classes[5]))[9]
    assert np.array_equal(state.images[5], pool.images[candidate])


def test_perturb_adds_the_principal_directions(make_env):
    env = make_env(action="perturb")
    env.reset(seed=0)
    slot, before = env.unwrapped.episode.slot, env.unwrapped.synthetic_set
    action = np.zeros(16, np.float32)
    action[0] = 1
    env.step(action)
    direction = env.unwrapped.task.statistics.basis(int(before.classes[slot]), 16)[0]
    expected = np.clip(before.images[slot] + 0.5 * direction, 0, 1)
    assert np.allclose(env.unwrapped.synthetic_set.images[slot], expected, atol=1e-6)


def test_perturb_by_zero_changes_nothing(make_env):
    env = make_env(action="perturb")
    env.reset(seed=0)
    assert stepped(env, np.zeros(16, np.float32))[0] == []


@pytest.mark.parametrize(("action", "flags"), [("edit", 19), ("select", 39), ("flat", 380), ("replace", 84)])
def test_masks_have_one_flag_an_action(make_env, action, flags):
    env = make_env(action=action)
    _, info = env.reset(seed=0)
    assert info["action_mask"].shape == (flags,)
    assert info["action_mask"].dtype == np.int8
    assert np.array_equal(info["action_mask"], env.unwrapped.action_masks())


def test_a_continuous_space_has_no_mask(make_env):
    env = make_env(action="perturb")
    _, info = env.reset(seed=0)
    assert "action_mask" not in info
    with pytest.raises(TypeError, match="has no mask"):
        env.unwrapped.action_masks()


def test_undo_is_masked_until_there_is_something_to_take_back(make_env):
    env = make_env(edits=["undo", "noise"])
    _, info = env.reset(seed=0)
    assert info["action_mask"].tolist() == [0, 1]
    assert env.step(1)[-1]["action_mask"].tolist() == [1, 1]
    assert env.step(0)[-1]["action_mask"].tolist() == [0, 1]


def test_a_forbidden_action_acts_as_keep(make_env):
    env = make_env(edits=["undo", "noise"])
    env.reset(seed=0)
    assert stepped(env, 0)[0] == []


@pytest.mark.parametrize(
    ("family", "action"),
    [
        ("edit", 19),
        ("edit", -1),
        ("edit", 0.5),
        ("select", np.array([20, 0])),
        ("replace", np.array([0, 64])),
        ("perturb", np.full(16, 2.0, np.float32)),
        ("perturb", np.full(16, np.nan, np.float32)),
        ("perturb", np.zeros(15, np.float32)),
    ],
)
def test_an_action_outside_the_space_is_refused(make_env, family, action):
    env = make_env(action=family).unwrapped
    env.reset(seed=0)
    with pytest.raises(ValueError, match=r"is not in .* Sample one with env.action_space.sample\(\)"):
        env.step(action)
