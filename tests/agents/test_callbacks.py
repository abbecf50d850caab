from __future__ import annotations

from typing import Any

import pytest

from agents import make_agent
from agents.callbacks import as_callback_list


def test_only_false_stops_a_run(tiny_env: Any) -> None:
    assert make_agent("random", tiny_env()).learn(5, lambda locals_, globals_: None).num_timesteps == 5


def test_each_of_several_callbacks_sees_each_step(tiny_env: Any) -> None:
    counts = [0, 0]

    def count(which: int) -> Any:
        def callback(locals_: Any, globals_: Any) -> None:
            counts[which] += 1

        return callback

    make_agent("random", tiny_env()).learn(4, [count(0), count(1)])
    assert counts == [4, 4]


def test_stable_baselines_callbacks_work_on_our_own_agents(tiny_env: Any) -> None:
    from stable_baselines3.common.callbacks import BaseCallback

    class Count(BaseCallback):
        def _on_step(self) -> bool:
            assert self.training_env is self.model.get_env()
            self.logger.record("steps", self.num_timesteps)
            return self.n_calls < 3

    agent = make_agent("random", tiny_env()).learn(10, Count())
    assert agent.num_timesteps == 3
    assert agent.logger.name_to_value == {"steps": 3}


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match=r"callback must be an SB3 BaseCallback, a function .* got int"):
        as_callback_list(3)


def test_the_progress_bar_counts_every_step(tiny_env: Any, capsys: pytest.CaptureFixture[str]) -> None:
    make_agent("random", tiny_env()).learn(4, progress_bar=True)
    assert "4/4" in capsys.readouterr().err
