"""How an agent is driven within a run's limits."""

import numpy as np

from agents.runs.acting import learn, record
from agents.runs.config import RunConfig
from mps_env.config import EnvConfig
from mps_env.task import Task


class Ticking:
    """A clock that a second passes on at every look."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


def a_recorder(config):
    task = Task(config.env_of_run)
    return record(config, task, task.initial_set(np.random.default_rng(0)), clock=Ticking(), listeners=[])


def test_within_a_budget_in_time_exploration_falls_over_the_budget():
    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features")
    config = RunConfig(env=env, agent="sb3_dqn", budget_s=200.0)
    recorder = a_recorder(config)
    agent = learn(config, recorder)
    assert 20 < recorder.steps < 200
    assert agent.model.exploration_rate == agent.model.exploration_final_eps


def test_steps_are_counted_where_they_are_given():
    env = EnvConfig(proxy="ridge", proxy_kwargs={"nets": 1, "width": 8}, ipc=1, observation="features")
    config = RunConfig(env=env, agent="random", steps=5, budget_s=1e6)
    recorder = a_recorder(config)
    learn(config, recorder)
    assert (recorder.steps, recorder.spent) == (5, None)
