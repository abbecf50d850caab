from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from agents import load_agent, make_agent
from agents.policies.edit_actions import EditActions, edit_actions_of
from agents.single_env import seed_of

EDITS = ["keep", "stop", "undo", "noise", "shift"]
MakeEnv = Callable[..., gym.Env]


def history(name: str, env: Any, steps: int) -> list[dict[str, Any]]:
    """The `info` of every step."""
    infos: list[dict[str, Any]] = []
    make_agent(name, env, seed=1).learn(steps, lambda locals_, _: infos.append(locals_["infos"][0]))
    return infos


def test_random_takes_allowed_actions_only(tiny_env: Any) -> None:
    agent = make_agent("random", tiny_env())
    assert {int(agent.predict(np.zeros(4), action_masks=np.array([1, 0, 1]))[0]) for _ in range(40)} == {0, 2}


def test_random_takes_every_allowed_pair(tiny_env: Any) -> None:
    agent = make_agent("random", tiny_env("MultiDiscrete"))
    flags = np.array([1, 0, 0, 1, 0, 1, 1])
    actions = {tuple(agent.predict(np.zeros(4), action_masks=flags)[0].tolist()) for _ in range(60)}
    assert actions == {(0, 1), (0, 2), (3, 1), (3, 2)}


@pytest.mark.parametrize("action", ["edit", "select", "flat"])
def test_fixed_applies_its_edit_in_every_family(action: str, make_env: MakeEnv) -> None:
    infos = history("fixed:shift", make_env(action=action, edits=EDITS, observation="features"), 5)
    assert {info["edit"] for info in infos} == {EDITS.index("shift")}


@pytest.mark.parametrize("action", ["select", "flat"])
def test_fixed_goes_round_the_slots(action: str, make_env: MakeEnv) -> None:
    infos = history("fixed:noise", make_env(action=action, edits=EDITS, observation="features"), 22)
    assert [info["slot"] for info in infos] == [*range(20), 0, 1]


def test_fixed_lists_the_edits_if_its_own_is_unknown(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown edit 'nois'. Did you mean 'noise'\? .* has: keep, undo, noise"):
        make_agent("fixed:nois", tiny_env())


def test_fixed_without_an_edit_is_refused(tiny_env: Any) -> None:
    with pytest.raises(ValueError, match=r"fixed:<edit>, one of keep, undo, noise"):
        make_agent("fixed", tiny_env())


def test_fixed_needs_actions_that_name_edits(make_env: MakeEnv) -> None:
    with pytest.raises(ValueError, match="whose actions name edits"):
        make_agent("fixed:noise", make_env(action="replace"))


@pytest.mark.parametrize("action", ["edit", "select", "flat"])
def test_greedy_takes_back_what_lowers_the_score(action: str, make_env: MakeEnv) -> None:
    infos = history("greedy", make_env(action=action, edits=EDITS, observation="features"), 40)
    scores = [(info["val_accuracy"], -info["val_loss"]) for info in infos]
    undone = [info["edit"] == EDITS.index("undo") for info in infos]
    fell = [after < before for before, after in itertools.pairwise(scores)]
    assert any(fell)
    assert undone[2:] == fell[:-1]
    assert all(later >= score for score, later, fall in zip(scores, scores[2:], fell, strict=False) if fall)


def test_greedy_proposes_where_the_environment_climbs(make_env: MakeEnv) -> None:
    infos = history("greedy", make_env(action="edit", accept="improve", edits=EDITS, observation="features"), 30)
    assert {info["edit"] for info in infos} == {EDITS.index("noise"), EDITS.index("shift")}


def test_greedy_acts_in_continuous_spaces_where_the_environment_climbs(make_env: MakeEnv) -> None:
    infos = history("greedy", make_env(action="perturb", accept="improve", observation="features"), 10)
    accuracies = [info["val_accuracy"] for info in infos]
    assert accuracies == sorted(accuracies)


def test_greedy_refuses_what_it_could_not_take_back(make_env: MakeEnv) -> None:
    with pytest.raises(ValueError, match=r"no edit 'undo'. Make the environment with accept='improve'"):
        make_agent("greedy", make_env(action="perturb"))


def test_greedy_takes_back_when_asked_by_predict_as_well(make_env: MakeEnv) -> None:
    env = make_env(edits=EDITS, observation="features")
    agent = make_agent("greedy", env)
    observation, info = env.reset(seed=0)
    for _ in range(20):
        before = (info["val_accuracy"], -info["val_loss"])
        observation, _, _, _, info = env.step(agent.predict(observation)[0])
        if (info["val_accuracy"], -info["val_loss"]) < before:
            assert agent.predict(observation)[0] == EDITS.index("undo")
            return
    pytest.fail("no edit lowered the score")


def test_forbidding_edits_forbids_them_for_every_slot() -> None:
    names = ("keep", "noise")
    np.testing.assert_array_equal(EditActions(names, 2, "flat").without(np.ones(4), [0]), [0, 1, 0, 1])
    np.testing.assert_array_equal(EditActions(names, 3, "select").without(np.ones(5), [0]), [1, 1, 1, 0, 1])


def test_an_environment_without_edits_has_no_edit_actions() -> None:
    assert edit_actions_of(gym.make("CartPole-v1")) is None


@pytest.mark.parametrize("teacher", ["dqn", "ppo", "greedy"])
def test_saved_acts_as_the_agent_did(teacher: str, tiny_env: Any, tmp_path: Any) -> None:
    learned = make_agent(teacher, tiny_env(), seed=0).learn(40)
    path = learned.save(tmp_path / "agent")
    policy = make_agent(f"saved:{tmp_path}", tiny_env())
    observation = np.array([0.1, 0.9, 0.3, 0.5], np.float32)
    mask = np.array([1, 0, 1])
    expected = load_agent(path).predict(observation, action_masks=mask)[0]
    assert int(policy.predict(observation, action_masks=mask)[0]) == int(expected)


def test_saved_carries_along_what_a_recurrent_agent_does(tiny_env: Any, tmp_path: Any) -> None:
    path = make_agent("recurrent_ppo", tiny_env(), seed=0, n_steps=16).learn(16).save(tmp_path / "agent")
    policy, reference = make_agent(f"saved:{tmp_path}", tiny_env()), load_agent(path)
    state, observation = None, np.array([0.1, 0.9, 0.3, 0.5], np.float32)
    for _ in range(3):
        reference.reseed(seed_of(0, policy.num_timesteps))
        action, state = reference.predict(observation, state, np.array([state is None]))
        assert int(policy.choose(observation, None, {})) == int(action)
        np.testing.assert_allclose(policy.state()["carried"], state)
    assert not np.allclose(state[0], reference.predict(observation)[1][0])
    policy.begin_episode()
    assert policy.state()["carried"] is None


def test_saved_goes_on_in_mid_episode(tiny_env: Any, tmp_path: Any) -> None:
    make_agent("dqn", tiny_env(), seed=0).learn(20).save(tmp_path / "agent")
    policy = make_agent(f"saved:{tmp_path}", tiny_env(), seed=3).learn(5)
    path = policy.save(tmp_path / "policy")
    again = load_agent(path, policy.env, force_reset=False)
    np.testing.assert_array_equal(again.seen, policy.seen)
    assert again.learn(3, reset_num_timesteps=False).num_timesteps == 8


@pytest.mark.parametrize("teacher", ["dqn", "ppo", "random"])
def test_saved_draws_by_its_seed_and_goes_on_with_the_same_numbers(teacher: str, tiny_env: Any, tmp_path: Any) -> None:
    make_agent(teacher, tiny_env(), seed=0).learn(20).save(tmp_path / "agent")

    def actions(policy: Any, steps: int) -> list[int]:
        taken: list[int] = []
        policy.learn(
            steps,
            lambda values, _: taken.append(int(values["actions"][0])) or True,  # type: ignore[func-returns-value]
            reset_num_timesteps=False,
        )
        return taken

    undisturbed = actions(make_agent(f"saved:{tmp_path}", tiny_env(), seed=3), 40)
    policy = make_agent(f"saved:{tmp_path}", tiny_env(), seed=3)
    first = actions(policy, 17)
    again = load_agent(policy.save(tmp_path / "policy"), policy.env, force_reset=False)
    assert first + actions(again, 23) == undisturbed
    assert actions(make_agent(f"saved:{tmp_path}", tiny_env(), seed=4), 40) != undisturbed


@pytest.mark.parametrize("teacher", ["dqn", "ppo"])
def test_saved_is_whole_without_the_agent_it_came_from(teacher: str, tiny_env: Any, tmp_path: Any) -> None:
    learned = make_agent(teacher, tiny_env(), seed=0).learn(20).save(tmp_path / "agent")
    first = make_agent(f"saved:{learned}", tiny_env(), seed=3).learn(5).save(tmp_path / "first")
    second = make_agent(f"saved:{first}", tiny_env(), seed=3).learn(5).save(tmp_path / "second")
    observations = np.random.default_rng(0).uniform(size=(20, 4)).astype(np.float32)
    expected = [int(load_agent(learned).predict(one, deterministic=True)[0]) for one in observations]
    for path in [learned, first, *tmp_path.glob("first.learned.*")]:
        path.unlink()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in tmp_path.glob("second*"):
        path.rename(moved / path.name)
    again = load_agent(moved / second.name)
    assert [int(again.predict(one, deterministic=True)[0]) for one in observations] == expected


def test_saved_refuses_other_spaces_and_empty_folders(tiny_env: Any, tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError, match="lacks its agent's file"):
        make_agent(f"saved:{tmp_path}", tiny_env())
    make_agent("random", tiny_env(), seed=0).save(tmp_path / "agent")
    with pytest.raises(ValueError, match="was saved for the action space"):
        make_agent(f"saved:{tmp_path}", tiny_env("Box"))


def test_policy_from_digits_acts_on_another_data_set(make_env: MakeEnv, tmp_path: Any) -> None:
    home = make_env(observation="features", edits=EDITS)
    make_agent("dqn", home, seed=0).learn(8).save(tmp_path / "agent")
    away = make_env(observation="features", edits=EDITS, ipc=1)
    assert history(f"saved:{tmp_path}", away, 4)
