import copy
import json
import pickle
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from mps_env.actions import ACTIONS
from mps_env.observations import OBSERVATIONS
from mps_env.proxies import make_proxy
from mps_env.set_file import save_set
from mps_env.synthetic_set import SyntheticSet

PAIRS = [(action, observation) for action in ACTIONS.names() for observation in OBSERVATIONS.names()]


def rollout(env, seed=0, steps=12):
    """All that an agent sees of some steps with fixed actions, as bytes."""
    seen = [env.reset(seed=seed)]
    env.action_space.seed(seed)
    seen += [env.step(env.action_space.sample()) for _ in range(steps)]
    return pickle.dumps(seen)


@pytest.mark.parametrize(("action", "observation"), PAIRS)
def test_gymnasiums_checker_has_no_complaint(make_env, action, observation):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # The checker warns of every wrapper, so it is given the environment itself, with the spec that rebuilds it.
        check_env(make_env(action=action, observation=observation).unwrapped)


@pytest.mark.parametrize(("action", "observation"), PAIRS)
def test_stable_baselines3s_checker_has_no_complaint(make_env, action, observation):
    from stable_baselines3.common.env_checker import check_env as check_env_for_sb3

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # SB3 remarks on shapes that are neither vectors nor pictures; a set of images is just that.
        warnings.filterwarnings("ignore", message=".*unconventional shape.*")
        check_env_for_sb3(make_env(action=action, observation=observation).unwrapped)


def test_both_ids_make_it():
    for name in ("MPSDistill-v0", "mps_env:MPSDistill-v0"):
        assert gym.make(name, proxy="ridge").spec.max_episode_steps == 200


def test_the_spec_is_json_and_makes_the_same_environment(make_env):
    env = make_env(action="select")
    spec = gym.envs.registration.EnvSpec.from_json(env.spec.to_json())
    json.dumps(spec.kwargs)
    assert rollout(gym.make(spec)) == rollout(env)


def test_an_action_really_changes_the_set(make_env):
    env = make_env(edits=["random_real", "keep"])
    env.reset(seed=0)
    before = env.unwrapped.synthetic_set
    info = env.step(0)[-1]
    changed = (env.unwrapped.synthetic_set.images != before.images).any(axis=(1, 2, 3))
    assert np.flatnonzero(changed).tolist() == [info["slot"]]


def test_the_reward_is_the_proxys_validation_accuracy(make_env):
    env = make_env()
    env.reset(seed=0)
    _, reward, _, _, info = env.step(env.unwrapped.edit_names.index("noise"))
    task = env.unwrapped.task
    expected = task.proxy.score(task.proxy.begin(0), env.unwrapped.synthetic_set).accuracy
    assert reward == info["val_accuracy"] == expected


def test_gains_telescope_to_final_minus_initial(make_env):
    env = make_env(reward="gain")
    _, first = env.reset(seed=0)
    rewards, last = [], first
    for action in range(3, 15):
        _, reward, _, _, last = env.step(action)
        rewards.append(reward)
    assert sum(rewards) == pytest.approx(last["val_accuracy"] - first["val_accuracy"])


def test_improve_takes_a_worse_set_back(make_env):
    env = make_env(accept="improve", edits=["random_real", "noise", "keep"])
    _, info = env.reset(seed=0)
    refused = 0
    for step in range(60):
        before, accuracy = env.unwrapped.synthetic_set, info["val_accuracy"]
        _, reward, _, _, info = env.step(step % 2)
        assert info["val_accuracy"] >= accuracy
        assert reward == info["val_accuracy"]
        if not info["accepted"]:
            refused += 1
            assert env.unwrapped.synthetic_set is before
    assert 0 < refused < 60


def test_descend_takes_back_what_raises_the_loss(make_env):
    env = make_env(accept="descend", edits=["random_real", "noise", "keep"])
    _, info = env.reset(seed=0)
    losses = [info["val_loss"], *(env.step(step % 2)[-1]["val_loss"] for step in range(60))]
    assert losses == sorted(losses, reverse=True)
    assert len(set(losses)) > 3
    assert env.unwrapped.episode.best_score.loss == losses[-1]


def test_always_keeps_every_edit(make_env):
    env = make_env(edits=["noise", "keep"])
    env.reset(seed=0)
    assert all(env.step(0)[-1]["accepted"] for _ in range(10))


def test_best_set_is_the_highest_scored_state_of_the_episode(make_env):
    env = make_env()
    _, info = env.reset(seed=0)
    accuracies, sets = [info["val_accuracy"]], [env.unwrapped.synthetic_set]
    for action in [3, 9, 4, 17, 9, 9]:
        accuracies.append(env.step(action)[-1]["val_accuracy"])
        sets.append(env.unwrapped.synthetic_set)
    best = [kept.fingerprint for kept, accuracy in zip(sets, accuracies, strict=True) if accuracy == max(accuracies)]
    assert env.unwrapped.best_set.fingerprint in best


def test_keep_and_undo_need_no_proxy_training(make_env):
    env = make_env(edits=["keep", "undo", "noise"])
    _, first = env.reset(seed=0)
    before = env.unwrapped.synthetic_set
    env.step(2)
    trainings = env.unwrapped.proxy_trainings
    _, _, _, _, info = env.step(1)
    env.step(0)
    assert env.unwrapped.proxy_trainings == trainings == 2
    assert info["val_accuracy"] == first["val_accuracy"]
    assert env.unwrapped.synthetic_set.fingerprint == before.fingerprint


def test_stop_terminates(make_env):
    env = make_env(edits=["stop", "keep"])
    env.reset(seed=0)
    assert env.step(1)[2:4] == (False, False)
    assert env.step(0)[2:4] == (True, False)


def test_the_target_accuracy_terminates(make_env):
    env = make_env(target_accuracy=0.01)
    env.reset(seed=0)
    assert env.step(0)[2] is True


def test_the_time_limit_truncates(make_env):
    env = make_env(max_episode_steps=3)
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]


def test_the_same_seed_gives_the_same_trajectory_bit_for_bit(make_env):
    assert rollout(make_env()) == rollout(make_env())


def test_another_seed_gives_another_trajectory(make_env):
    assert rollout(make_env(), seed=0) != rollout(make_env(), seed=1)


def test_a_reset_without_a_seed_draws_a_new_initial_set(make_env):
    env = make_env()
    env.reset(seed=0)
    first = env.unwrapped.synthetic_set.fingerprint
    env.reset()
    assert env.unwrapped.synthetic_set.fingerprint != first


def test_a_reset_can_start_from_a_given_set(make_env):
    env = make_env()
    env.reset(seed=0)
    wanted = env.unwrapped.synthetic_set
    env.reset(seed=1, options={"set": wanted})
    assert env.unwrapped.synthetic_set.fingerprint == wanted.fingerprint


def test_a_saved_set_can_be_the_initial_one(make_env, tmp_path):
    env = make_env()
    env.reset(seed=0)
    save_set(tmp_path / "start.npz", env.unwrapped.synthetic_set)
    other = make_env(init=str(tmp_path / "start.npz"))
    other.reset(seed=7)
    assert other.unwrapped.synthetic_set.fingerprint == env.unwrapped.synthetic_set.fingerprint


def test_a_set_of_another_data_set_is_refused_as_the_initial_one(make_env, tmp_path):
    env = make_env()
    env.reset(seed=0)
    state = env.unwrapped.synthetic_set
    save_set(tmp_path / "start.npz", SyntheticSet(state.images, state.labels, meta={"dataset": "mnist"}))
    with pytest.raises(ValueError, match="was made for 'mnist', this task is on 'digits'"):
        make_env(init=str(tmp_path / "start.npz"))


def test_a_set_of_another_size_is_refused(make_env):
    small, large = make_env(ipc=1), make_env(ipc=2)
    small.reset(seed=0)
    with pytest.raises(ValueError, match="number of images 10, this task needs 20"):
        large.reset(options={"set": small.unwrapped.synthetic_set})


def test_an_unknown_reset_option_is_refused(make_env):
    with pytest.raises(ValueError, match="unknown reset option 'start'"):
        make_env().reset(options={"start": 1})


def test_n_images_need_not_be_a_multiple_of_the_classes(make_env):
    env = make_env(n_images=23)
    env.reset(seed=0)
    assert np.bincount(env.unwrapped.synthetic_set.classes).tolist() == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]


def test_a_copy_goes_on_like_the_original(make_env):
    env = make_env()
    env.reset(seed=0)
    env.step(3)
    for twin in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        mine = copy.deepcopy(env)
        for action in (9, 8, 17, 1):
            (observation, *rest), (other, *other_rest) = mine.step(action), twin.step(action)
            assert np.array_equal(observation["images"], other["images"])
            assert str(rest) == str(other_rest)


def test_a_pickled_environment_leaves_out_what_it_can_compute_again(make_env):
    env = make_env(proxy="linear", proxy_kwargs={"epochs": 1})
    env.reset(seed=0)
    env.step(env.unwrapped.edit_names.index("noise"))
    before = len(pickle.dumps(env))
    env.step(env.unwrapped.edit_names.index("fittest"))
    assert len(pickle.dumps(env)) < before + 10_000


def test_a_task_keeps_the_proxy_that_it_was_given_when_pickled(make_env):
    task = make_env().unwrapped.task
    other = pickle.loads(pickle.dumps(task.with_proxy(make_proxy("ridge", task.dataset, {"nets": 2, "width": 4}))))
    assert (other.proxy.nets, other.proxy.width) == (2, 4)


def test_keep_costs_nothing_however_many_edits_were_taken_back(make_env):
    env = make_env(accept="improve", proxy="linear", proxy_kwargs={"epochs": 1}, init="prototypes")
    env.reset(seed=0)
    names = env.unwrapped.edit_names
    rejected = 0
    while rejected < 6:
        rejected = 0 if env.step(names.index("noise"))[-1]["accepted"] else rejected + 1
    before = env.unwrapped.proxy_trainings
    env.step(names.index("keep"))
    assert env.unwrapped.proxy_trainings == before


def test_a_class_of_one_image_has_no_directions_to_move_in(make_env, tmp_path):
    images = np.random.default_rng(0).random((4, 8, 8, 1), np.float32)
    labels = np.array([0, 0, 1, 1])
    np.savez(tmp_path / "d.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    env = make_env(dataset=str(tmp_path / "d.npz"), ipc=1, val_size=2, action="perturb")
    env.reset(seed=0)
    before = env.unwrapped.synthetic_set.images
    for _ in range(3):
        *_, info = env.step(np.ones(16, np.float32))
        assert np.isfinite(info["val_loss"])
    assert np.array_equal(env.unwrapped.synthetic_set.images, before)


@pytest.mark.parametrize("init", ["noise"])
def test_made_initial_sets_are_not_limited_by_the_data(make_env, init):
    env = make_env(ipc=200, init=init)
    env.reset(seed=0)
    assert len(env.unwrapped.synthetic_set) == 2_000
    with pytest.raises(ValueError, match="fewer than the 200 asked for"):
        make_env(ipc=200)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"edits": {"keep", "noise"}}, "edits must be a list of names, got {"),
        ({"edits": 5}, "edits must be a list of names, got 5"),
        ({"target_accuracy": True}, "target_accuracy must be a fraction"),
        ({"proxy_kwargs": {"seed": -1}}, "seed must be a whole number >= 0, got -1"),
        ({"proxy": "cnn", "proxy_kwargs": {"learning_rate": "fast"}}, "learning_rate must be a number > 0, got 'fast'"),
        (
            {"proxy": "cnn", "proxy_kwargs": {"augment": {"rotation": "x"}}},
            r"rotation must be in \[0, 180.0\], got 'x'",
        ),
        ({"proxy": "cnn", "proxy_kwargs": {"network_kwargs": "abc"}}, "network_kwargs must be a mapping, got 'abc'"),
        ({"dataset": ":x"}, "':x' is no import path"),
    ],
)
def test_arguments_of_the_wrong_kind_are_told(make_env, kwargs, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make_env(**kwargs)


def test_a_target_may_be_a_number_of_numpys(make_env):
    assert make_env(target_accuracy=np.float32(0.5)).unwrapped.task.config.target_accuracy == 0.5


def test_a_step_before_reset_says_so(make_env):
    with pytest.raises(RuntimeError, match=r"Call reset\(\) first"):
        make_env().unwrapped.step(0)


def test_info_has_fixed_keys_and_plain_numbers(make_env):
    env = make_env()
    _, first = env.reset(seed=0)
    info = env.step(3)[-1]
    assert list(first) == list(info)
    kinds = {key: type(value) for key, value in info.items()}
    assert kinds == {
        "val_accuracy": float,
        "val_loss": float,
        "best_val_accuracy": float,
        "accepted": bool,
        "slot": int,
        "edit": int,
        "action_mask": np.ndarray,
    }


def test_the_step_schedule_scores_the_same_set_on_new_seeds(make_env):
    env = make_env(proxy="linear", proxy_kwargs={"epochs": 1}, seed_schedule="step", edits=["keep", "noise"])
    env.reset(seed=0)
    assert len({env.step(0)[-1]["val_loss"] for _ in range(4)}) > 1


def test_the_episode_schedule_scores_the_same_set_alike(make_env):
    env = make_env(proxy="linear", proxy_kwargs={"epochs": 1}, edits=["keep", "noise"])
    env.reset(seed=0)
    assert len({env.step(0)[-1]["val_loss"] for _ in range(4)}) == 1


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"datset": "digits"}, "takes no argument 'datset'. Did you mean 'dataset'"),
        ({"dataset": "digit"}, "unknown data set 'digit'. Did you mean 'digits'"),
        ({"ipc": 0}, "ipc must be >= 1, got 0"),
        ({"ipc": 1000}, "fewer than the 1000 asked for"),
        ({"n_images": 5}, "n_images must be at least 10"),
        ({"action": "edits"}, "unknown action family 'edits'. Did you mean 'edit'"),
        ({"reward": "gains"}, "unknown reward 'gains'. Did you mean 'gain'"),
        ({"accept": "improved"}, "unknown accept 'improved'. Did you mean 'improve'"),
        ({"proxy": "cn"}, "unknown proxy 'cn'"),
        ({"init": "hrding"}, "unknown pool 'hrding'. Did you mean 'herding'"),
        ({"pool": "reel"}, "unknown pool 'reel'. Did you mean 'real'"),
        ({"target_accuracy": 95}, r"target_accuracy must be a fraction in \(0, 1\], got 95"),
        ({"val_size": 100000}, "val_size"),
        ({"seed_schedule": "steps"}, "Did you mean 'step'"),
        ({"render_mode": "rgb"}, "rgb_array"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(kwargs, message):
    from mps_env.env import MPSDistillEnv

    with pytest.raises(ValueError, match=message) as caught:
        MPSDistillEnv(**{"proxy": "ridge", **kwargs})
    assert "\n" not in str(caught.value)


def test_a_missing_data_folder_is_named(make_env):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        make_env(dataset="mnist", data_dir="nowhere")
