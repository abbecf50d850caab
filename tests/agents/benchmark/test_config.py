"""What a benchmark takes, and what it says of what it does not take."""

import json

import pytest

from agents.benchmark import BenchmarkConfig
from agents.benchmark.entries import Entry
from agents.benchmark.reading import read_config

YAML = """
agents:
  - random
  - fixed:noise
  - herding
  - {agent: dqn, name: slow dqn, kwargs: {learning_rate: 1e-4}, observation: features}
datasets: digits
ipc: [1, 10]
seeds: 3
budget: 20m
env: {proxy: ridge, accept: descend, edits: [noise, random_real]}
audit: {seeds: 2, steps: 5}
"""
TOML = """
agents = ["random", "fixed:noise", "herding", {agent = "dqn", name = "slow dqn", kwargs = {learning_rate = 1e-4}, observation = "features"}]
datasets = "digits"
ipc = [1, 10]
seeds = 3
budget = "20m"
env = {proxy = "ridge", accept = "descend", edits = ["noise", "random_real"]}
audit = {seeds = 2, steps = 5}
"""  # noqa: E501 (an inline table has no line breaks)


@pytest.mark.parametrize(("name", "text"), [("grid.yaml", YAML), ("grid.yml", YAML), ("grid.toml", TOML)])
def test_a_file_says_what_a_grid_holds(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    config = read_config(tmp_path / name)
    assert [entry.name for entry in config.agents] == ["random", "fixed:noise", "herding", "slow dqn"]
    assert config.agents[2].method == "herding"
    assert config.agents[3].kwargs == {"learning_rate": 1e-4}
    assert (config.datasets, config.ipc, config.seeds, config.budget_s) == (("digits",), (1, 10), (0, 1, 2), 1200.0)
    assert (config.env.accept, config.env.edits) == ("descend", ("noise", "random_real"))
    assert (config.audit.seeds, config.audit.steps) == (2, 5)


def test_json_gives_the_config_back(tiny):
    config = tiny(agents=["random", {"agent": "ppo", "kwargs": {"gamma": 0.9}}, "herding"], seeds=[3, 5])
    assert BenchmarkConfig.from_json(config.to_json()) == config
    assert json.loads(config.to_json())["seeds"] == [3, 5]


def test_random_is_the_agent_unless_it_is_said_to_be_the_distiller():
    assert Entry.parse("random").agent == "random"
    assert Entry.parse({"method": "random", "name": "random set"}).method == "random"
    assert Entry.parse({"name": "herding", "kwargs": {}}).method == "herding"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"agents": ["dqnn"]}, "unknown agent or distiller 'dqnn'. Did you mean 'dqn'?"),
        ({"agents": []}, "agents must hold at least one entry"),
        ({"agents": ["random", {"method": "random"}]}, "random more than once. Give one of them a name"),
        ({"agents": [{"agent": "dqn", "methd": "x"}]}, "Did you mean 'method'?"),
        ({"agents": [{"agent": "dqn", "method": "herding"}]}, "an agent or a method"),
        ({"agents": [{"method": "herding", "reward": "gain"}]}, "reward belongs to an agent"),
        ({"agents": [{"agent": "dqn", "iterations": 9}]}, "iterations belongs to a distiller"),
        ({"ipc": "1"}, "ipc must be whole numbers, got '1'"),
        ({"seeds": 0}, "seeds must hold at least one entry"),
        ({"sedes": 3}, "Did you mean 'seeds'?"),
        ({"env": {"dataset": "mnist"}}, "env takes no dataset, which the grid gives"),
        ({"env": {"prxy": "ridge"}}, "Did you mean 'proxy'?"),
        ({"env": ["ridge"]}, "env must be a mapping"),
        ({"agents": [{"agent": "dqn", "name": 1e-4}]}, "name must be a line of text, got 0.0001"),
        ({"agents": [{"agent": "dqn", "name": "two\nlines"}]}, "name must be a line of text"),
        ({"agents": [{"agent": "dqn", "name": "random real images"}]}, "is that of the baseline"),
        ({"audit": {"seds": 3}}, "Did you mean 'seeds'?"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(tiny, changes, message):
    with pytest.raises((ValueError, TypeError)) as error:
        tiny(**changes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("grid.yaml", "agents: [random", "grid.yaml: while parsing"),
        ("grid.toml", "agents = [", "grid.toml: "),
        ("grid.yaml", "- random", "it holds list"),
        ("grid.yaml", "agents: [random]\nbudget: soon", "budget must be a time"),
        ("grid.yaml", "agents: [{agent: dqn, kwargs: {start: 2020-01-01}}]", "Put it in quotes"),
        ("grid.yaml", "agents: [random]\nagents: [greedy]", "agents is given more than once"),
        ("grid.json", '{"agents": ["random"], "agents": ["greedy"]}', "agents is given more than once"),
        ("grid.yaml", "agents: [random]\nbudget: 20m\nbudget_s: 5", "budget and budget_s say the same"),
        ("grid.yaml", "agents: &a [random, *a]", "contains itself"),
        ("grid.ini", "", "must be one of .yaml, .yml, .toml, .json"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_name(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=name) as error:
        read_config(tmp_path / name)
    assert message in str(error.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Give a \.yaml or \.toml file"):
        read_config(tmp_path / "grid.yaml")


def test_a_larger_grid_joins_a_smaller_one(tiny):
    merged = tiny().merged(tiny(agents=["fixed:noise", "random"], ipc=[2, 1], seeds=2))
    assert [entry.name for entry in merged.agents] == ["random", "greedy", "fixed:noise"]
    assert (merged.ipc, merged.seeds) == ((1, 2), (0, 1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 7}, "it holds a benchmark with steps=6, not 7"),
        ({"env": {"proxy": "cnn"}}, "it holds a benchmark with env."),
        ({"agents": [{"agent": "random", "reward": "gain"}]}, "in which 'random' has other settings"),
    ],
)
def test_what_does_not_compare_does_not_join(tiny, changes, message):
    with pytest.raises(ValueError, match=message):
        tiny().merged(tiny(**changes))
