"""What holds the two packages apart, and imports light."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.speed.footprint import HEAVY_MODULES

ROOT = Path(__file__).parent.parent

MAKING_EVERY_EDIT_UNDER_THE_RIDGE_PROXY = """
import gymnasium, mps_env
env = gymnasium.make("MPSDistill-v0", proxy="ridge", observation="features")
env.reset(seed=0)
for edit in range(env.action_space.n):
    env.step(edit)
"""


def heavy_modules_after(statement: str) -> list[str]:
    code = f"{statement}\nimport json, sys; print(json.dumps([m for m in {HEAVY_MODULES!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "package",
    [
        "mps_env",
        "mps_env.zoo.ppo",
        "agents",
        "agents.cli",
        "agents.tuning",
        "agents.recipes",
        "agents.benchmark",
        "agents.benchmark.report",
        "agents.cli.benchmark",
        "agents.cli.reproduce",
    ],
)
def test_importing_a_package_imports_nothing_heavy(package):
    assert heavy_modules_after(f"import {package}") == []


def test_episodes_under_the_ridge_proxy_on_digits_need_no_tensorflow():
    assert "tensorflow" not in heavy_modules_after(MAKING_EVERY_EDIT_UNDER_THE_RIDGE_PROXY)


def test_the_environment_never_imports_the_agents():
    offenders = [
        str(path)
        for path in (ROOT / "mps_env").rglob("*.py")
        for line in path.read_text().splitlines()
        if line.strip().startswith(("import agents", "from agents"))
    ]
    assert offenders == []


def test_every_public_name_can_be_imported():
    import agents
    import mps_env

    for package in (mps_env, agents):
        for name in package.__all__:
            assert getattr(package, name) is not None
