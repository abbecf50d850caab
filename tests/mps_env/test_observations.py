import numpy as np
import pytest

from mps_env.observations.features import FEATURE_NAMES


def observed(env, name, seed=0):
    observation, _ = env.reset(seed=seed)
    assert env.observation_space.contains(observation), name
    return observation


def test_set_shows_everything(make_env):
    env = make_env(observation="set")
    observation = observed(env, "set")
    state = env.unwrapped.synthetic_set
    assert np.array_equal(observation["images"], state.images)
    assert np.array_equal(observation["labels"], state.labels)
    assert observation["slot"] == env.unwrapped.episode.slot
    assert observation["accuracy"] == np.float32(env.unwrapped.episode.score.accuracy)
    assert observation["progress"] == 0


def test_an_observation_may_be_changed_without_changing_the_state(make_env):
    env = make_env(observation="set")
    observed(env, "set")["images"][:] = 0
    assert env.unwrapped.synthetic_set.images.any()


def test_slot_is_the_image_and_its_label(make_env):
    env = make_env(observation="slot")
    observation = observed(env, "slot")
    state, slot = env.unwrapped.synthetic_set, env.unwrapped.episode.slot
    assert np.array_equal(observation[:64], state.images[slot].ravel())
    assert np.array_equal(observation[64:], state.labels[slot])


def test_mosaic_is_a_picture_that_a_cnn_policy_can_take(make_env):
    env = make_env(observation="mosaic", ipc=1)
    observation = observed(env, "mosaic")
    assert observation.dtype == np.uint8
    assert min(observation.shape[:2]) >= 36


def test_mosaic_frames_the_slot(make_env):
    env = make_env(observation="mosaic", ipc=2)
    observation = observed(env, "mosaic")
    row, column = divmod(env.unwrapped.episode.slot, 5)  # 20 images in rows of 5, each 9 pixels apart
    assert (observation[row * 9, column * 9 : column * 9 + 10] == 255).all()
    assert (observation[row * 9 : row * 9 + 10, column * 9] == 255).all()


def test_features_name_every_entry(make_env):
    assert observed(make_env(observation="features"), "features").shape == (len(FEATURE_NAMES),)


def test_features_have_one_space_on_every_data_set(make_env, tmp_path):
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    images = (rng.random((60, 9, 9, 3)) * 255).astype(np.uint8)
    np.savez(tmp_path / "other.npz", x_train=images, y_train=labels, x_test=images[:9], y_test=labels[:9])
    other = make_env(observation="features", dataset=str(tmp_path / "other.npz"))
    assert other.observation_space == make_env(observation="features").observation_space
    observed(other, "features")


def feature(observation, name):
    return float(observation[FEATURE_NAMES.index(name)])


def test_features_are_what_they_are_called(make_env):
    env = make_env(observation="features", edits=["random_real", "keep"])
    observation = observed(env, "features")
    episode = env.unwrapped.episode
    own_class = int(episode.synthetic_set.classes[episode.slot])
    assert feature(observation, "accuracy") == pytest.approx(episode.score.accuracy, abs=1e-6)
    assert feature(observation, "class_accuracy") == pytest.approx(episode.score.class_accuracy[own_class], abs=1e-6)
    assert feature(observation, "label_confidence") == 1
    observation = env.step(0)[0]
    gain = episode.last_gains[0]
    assert feature(observation, "last_gain") == pytest.approx(np.clip(gain / 0.1, -1, 1), abs=1e-5)
    assert feature(observation, "progress") == pytest.approx(1 / 20)


def test_neighbour_distance_is_zero_for_a_duplicate(make_env):
    env = make_env(observation="features")
    env.reset(seed=0)
    state = env.unwrapped.synthetic_set
    duplicated = state
    for slot in range(1, len(state)):
        duplicated = duplicated.with_slot(slot, image=state.images[0])
    observation, _ = env.reset(options={"set": duplicated})
    assert feature(observation, "neighbour_distance") == 0


def test_a_name_that_is_not_known_gets_the_nearest(make_env):
    with pytest.raises(ValueError, match="unknown observation 'feature'. Did you mean 'features'"):
        make_env(observation="feature")
