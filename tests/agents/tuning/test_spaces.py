import pytest

from agents import AGENTS, make_agent
from agents.tuning import SEARCH_SPACES, Range


def made(name, tiny_env, **settings):
    kind = next(kind for kind in ("Discrete", "Box") if kind in AGENTS.get(name).actions)
    return make_agent(name, tiny_env(kind), **settings)


def setting_of(agent, name):
    """What an agent has as a setting."""
    if agent.name == "dqn":
        return getattr(agent.config, name)
    if name == "delta_std":  # SB3 keeps it as a schedule
        return agent.model.delta_std_schedule(1.0)
    value = getattr(agent.model, name)
    return float(value._sigma[0]) if name == "action_noise" else value


@pytest.mark.parametrize("name", SEARCH_SPACES.names())
def test_every_limit_is_a_setting_that_the_agent_takes(name, tiny_env):
    space = SEARCH_SPACES.get(name)
    for limit in ("low", "high"):
        settings = {setting: getattr(one, limit) for setting, one in space.items()}
        agent = made(name, tiny_env, **settings)
        assert {setting: setting_of(agent, setting) for setting in space} == settings


@pytest.mark.parametrize("name", SEARCH_SPACES.names())
def test_the_default_is_what_the_agent_has_by_itself(name, tiny_env):
    agent = made(name, tiny_env)
    for setting, one in SEARCH_SPACES.get(name).items():
        assert setting_of(agent, setting) == one.default


def test_the_dqn_is_searched_over_as_in_the_family():
    space = SEARCH_SPACES.get("dqn")
    rate, decay = space["learning_rate"], space["epsilon_decay"]
    assert (rate.low, rate.high, rate.is_log) == (1e-4, 1e-2, True)
    assert (decay.low, decay.high, decay.is_log) == (0.95, 0.999, False)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"low": 1, "high": 1, "default": 1}, "needs low < high, got 1 and 1"),
        ({"low": 0, "high": 1, "default": 1, "is_log": True}, "needs 0 < low < high, got 0 and 1"),
        ({"low": 0, "high": 1, "default": 2}, r"default must be in \[0, 1\], got 2"),
    ],
)
def test_a_range_that_is_none_is_refused(limits, message):
    with pytest.raises(ValueError, match=message):
        Range(**limits)
