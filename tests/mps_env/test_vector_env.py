import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from tests.conftest import SMALL_RIDGE

MODES = (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP)


def native(num_envs=3, **kwargs):
    return gym.make_vec("MPSDistill-v0", num_envs=num_envs, **{**SMALL_RIDGE, **kwargs})


def synchronous(num_envs=3, mode=AutoresetMode.NEXT_STEP, **kwargs):
    made = [lambda: gym.make("MPSDistill-v0", **{**SMALL_RIDGE, **kwargs}) for _ in range(num_envs)]
    return SyncVectorEnv(made, autoreset_mode=mode)


def same(one, other):
    """Whether two nested results are equal bit for bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) and one.dtype == object:
        return all(same(a, b) for a, b in zip(one, other, strict=True))
    return np.array_equal(np.asarray(one), np.asarray(other))


def test_make_vec_gives_the_native_one():
    assert type(native().unwrapped).__name__ == "MPSDistillVectorEnv"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("proxy", [{}, {"proxy": "linear", "proxy_kwargs": {"epochs": 2}}])
def test_it_equals_the_synchronous_one(mode, proxy):
    mine = native(autoreset_mode=mode.value, max_episode_steps=4, **proxy)
    theirs = synchronous(mode=mode, max_episode_steps=4, **proxy)
    assert all(same(a, b) for a, b in zip(mine.reset(seed=5), theirs.reset(seed=5), strict=True))
    mine.action_space.seed(0)
    for _ in range(11):
        actions = mine.action_space.sample()
        for ours, reference in zip(mine.step(actions), theirs.step(actions), strict=True):
            assert same(ours, reference)


def test_it_equals_the_synchronous_one_in_moves_along_principal_directions(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.random((80, 28, 28, 1), np.float32)
    labels = np.arange(80) % 2
    np.savez(tmp_path / "d.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    task = {"dataset": str(tmp_path / "d.npz"), "action": "perturb", "val_size": 20}
    mine, theirs = native(num_envs=2, **task), synchronous(num_envs=2, **task)
    mine.reset(seed=5), theirs.reset(seed=5)
    mine.action_space.seed(0)
    for _ in range(3):
        actions = mine.action_space.sample()
        assert same(mine.step(actions)[0], theirs.step(actions)[0])


def test_next_step_resets_one_step_after_the_end():
    envs = native(num_envs=2, max_episode_steps=2)
    envs.reset(seed=0)
    assert [envs.step(np.zeros(2, np.int64))[3].tolist() for _ in range(4)] == [
        [False, False],
        [True, True],
        [False, False],
        [False, False],
    ]


def test_same_step_keeps_the_final_observation():
    envs = native(num_envs=2, max_episode_steps=1, autoreset_mode="SAME_STEP", observation="slot")
    envs.reset(seed=0)
    observations, _, _, truncated, infos = envs.step(np.zeros(2, np.int64))
    assert truncated.all()
    assert infos["_final_obs"].all()
    assert infos["final_obs"][0].shape == observations[0].shape
    assert infos["final_info"]["val_accuracy"].shape == (2,)


def test_disabled_waits_for_a_masked_reset():
    envs = native(num_envs=2, max_episode_steps=1, autoreset_mode="DISABLED")
    envs.reset(seed=0)
    envs.step(np.zeros(2, np.int64))
    with pytest.raises(RuntimeError, match="autoreset is DISABLED"):
        envs.step(np.zeros(2, np.int64))
    envs.reset(options={"reset_mask": np.array([True, True])})
    envs.step(np.zeros(2, np.int64))


def test_a_masked_reset_leaves_the_others_where_they_are():
    envs = native(num_envs=2, observation="slot")
    with pytest.raises(RuntimeError, match="the first reset must be of all environments"):
        envs.reset(options={"reset_mask": np.array([True, False])})
    envs.reset(seed=0)
    noise = envs.unwrapped.envs[0].edit_names.index("noise")
    before = envs.step(np.full(2, noise))[0]
    after, infos = envs.reset(seed=9, options={"reset_mask": np.array([False, True])})
    assert np.array_equal(after[0], before[0])
    assert not np.array_equal(after[1], before[1])
    assert infos["_val_accuracy"].tolist() == [False, True]


def test_actions_are_checked_before_any_environment_has_moved():
    envs = native(num_envs=2)
    envs.reset(seed=0)
    with pytest.raises(ValueError, match="actions must be 2, one an environment, got 3"):
        envs.step(np.zeros(3, np.int64))
    before = [env.np_random.bit_generator.state for env in envs.unwrapped.envs]
    noise = envs.unwrapped.envs[0].edit_names.index("noise")
    with pytest.raises(ValueError, match=r"action 99 .* is not in"):
        envs.step(np.array([noise, 99]))
    assert [env.np_random.bit_generator.state for env in envs.unwrapped.envs] == before


def test_an_unknown_autoreset_mode_is_refused():
    with pytest.raises(ValueError, match="unknown autoreset_mode 'later'. Known: NEXT_STEP"):
        native(autoreset_mode="later")


def test_the_number_of_seeds_must_fit():
    with pytest.raises(ValueError, match="seed must be a number or 3 of them, got 2"):
        native().reset(seed=[1, 2])


def test_one_batched_call_scores_a_step():
    envs = native().unwrapped
    calls = []
    proxy = envs.envs[0].task.proxy
    original = proxy.score_batch
    proxy.score_batch = lambda episodes, sets: calls.append(len(sets)) or original(episodes, sets)
    envs.reset(seed=0)
    envs.step(np.full(3, envs.envs[0].edit_names.index("noise")))
    assert calls == [3, 3]


def test_it_runs_in_spawned_workers():
    made = [lambda: gym.make("mps_env:MPSDistill-v0", **SMALL_RIDGE) for _ in range(2)]
    workers = AsyncVectorEnv(made, context="spawn")
    try:
        mine = native(num_envs=2)
        assert same(workers.reset(seed=3)[0], mine.reset(seed=3)[0])
        actions = np.array([3, 9])
        assert np.array_equal(workers.step(actions)[1], mine.step(actions)[1])
    finally:
        workers.close()


def test_it_runs_under_stable_baselines3s_subproc_vec_env():
    from stable_baselines3.common.vec_env import SubprocVecEnv

    made = [lambda: gym.make("mps_env:MPSDistill-v0", **SMALL_RIDGE, observation="features") for _ in range(2)]
    workers = SubprocVecEnv(made, start_method="spawn")
    try:
        assert workers.reset().shape == (2, 13)
        assert workers.step(np.array([3, 9]))[1].shape == (2,)
    finally:
        workers.close()
