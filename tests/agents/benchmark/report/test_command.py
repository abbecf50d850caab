import dataclasses
import shlex

import pytest

from agents.benchmark.report.command import command_of
from mps_env.config import EnvConfig
from mps_env.evaluation.config import AuditConfig


def entry(**changes):
    plain = {"name": "", "agent": None, "method": None, "kwargs": None, "observation": None, "reward": None}
    return {**plain, "rehearsal": None, **changes}


CONFIG = {
    "agents": [entry(name="ppo", agent="ppo"), entry(name="herding", method="herding")],
    "datasets": ["digits", "mnist"],
    "ipc": [1, 10],
    "actions": ["edit"],
    "seeds": [0, 1, 2],
    "steps": 600,
    "iterations": None,
    "budget_s": None,
    "rehearsal": 0,
    "env": dataclasses.asdict(EnvConfig(proxy="ridge", data_dir="/somewhere")),
    "audit": dataclasses.asdict(AuditConfig(seeds=3)),
}


def test_options_say_what_the_config_does():
    assert command_of(CONFIG, "out") == (
        "mps benchmark --agents ppo herding --datasets digits mnist --ipc 1 10 --steps 600 --seeds 3"
        " --proxy ridge --data-dir DATA --audit-seeds 3 --out out"
    )


def test_the_audit_s_augmentation_is_an_option_by_its_name():
    audit = dataclasses.asdict(AuditConfig(augment="slight"))
    assert "--audit-augment slight" in command_of({**CONFIG, "audit": audit}, "out")


def test_a_budget_and_the_first_seed_are_options_too():
    words = shlex.split(command_of({**CONFIG, "steps": None, "budget_s": 90.0, "seeds": [4, 5]}, "out"))
    assert words[words.index("--budget") + 1] == "90s"
    assert words[words.index("--seeds") + 1] == "2"
    assert words[words.index("--seed") + 1] == "4"


@pytest.mark.parametrize(
    "changes",
    [
        {"agents": [entry(name="slow", agent="ppo", kwargs={"learning_rate": 1e-4})]},
        {"agents": [entry(name="mine", agent="ppo")]},
        {"agents": [entry(name="random", method="random")]},
        {"seeds": [0, 2]},
        {"audit": dataclasses.asdict(AuditConfig(learning_rate=0.01))},
        {"audit": dataclasses.asdict(AuditConfig(augment=False))},
    ],
)
def test_what_no_option_can_say_goes_by_the_file(changes):
    assert "mps benchmark grid.yaml --out out-again" in command_of({**CONFIG, **changes}, "out")


def test_an_agent_that_learned_elsewhere_is_said_to_be_needed():
    agents = [entry(name="dqn from digits", agent="saved:runs/teacher")]
    assert command_of({**CONFIG, "agents": agents}, "out").startswith("# needs the agent at runs/teacher\n")


def test_values_are_typed_as_the_parser_reads_them():
    env = dataclasses.asdict(EnvConfig(proxy_kwargs={"augment": True, "network_kwargs": {"width": 16}}))
    words = shlex.split(command_of({**CONFIG, "env": env}, "out"))
    start = words.index("--proxy-kwargs")
    assert words[start + 1 : start + 5] == ["augment", "true", "network_kwargs", '{"width": 16}']
