from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents import make_agent
from agents.monitor import EpisodeLog


def test_there_is_a_row_an_episode(tiny_env: Any, tmp_path: Path) -> None:
    log = EpisodeLog(tiny_env(length=5), tmp_path / "run", info_keywords=("val_accuracy",))
    make_agent("random", log).learn(12)
    header, columns, *rows = log.path.read_text().splitlines()
    assert set(json.loads(header.removeprefix("#"))) == {"t_start", "env_id"}
    assert columns == "r,l,t,val_accuracy"
    assert [row.split(",")[1] for row in rows] == ["5", "5"]


def test_the_return_is_the_sum_of_the_rewards(tiny_env: Any, tmp_path: Path) -> None:
    log, rewards = EpisodeLog(tiny_env(length=5), tmp_path / "monitor.csv"), []
    make_agent("random", log).learn(5, lambda locals_, _: rewards.append(float(locals_["rewards"][0])))
    row = log.path.read_text().splitlines()[2]
    assert float(row.split(",")[0]) == pytest.approx(sum(rewards), abs=1e-6)


def test_a_resumed_run_goes_on_with_the_file(tiny_env: Any, tmp_path: Path) -> None:
    for append in (False, True):
        make_agent("random", EpisodeLog(tiny_env(length=5), tmp_path / "monitor.csv", append=append)).learn(5)
    assert len((tmp_path / "monitor.csv").read_text().splitlines()) == 4


def test_it_is_the_file_that_stable_baselines_writes(tiny_env: Any, tmp_path: Path) -> None:
    from stable_baselines3.common.monitor import Monitor

    theirs = Monitor(tiny_env(length=5), str(tmp_path / "theirs"), info_keywords=("slot",))
    ours = EpisodeLog(theirs, tmp_path / "ours", info_keywords=("slot",))
    make_agent("random", ours).learn(10)
    theirs.close()
    files = [(tmp_path / f"{name}.monitor.csv").read_text().splitlines() for name in ("theirs", "ours")]
    assert files[0][1] == files[1][1]
    without_time = [[row.split(",")[:2] + row.split(",")[3:] for row in file[2:]] for file in files]
    assert without_time[0] == without_time[1]
    assert files[1][0].startswith('#{"t_start": ')
