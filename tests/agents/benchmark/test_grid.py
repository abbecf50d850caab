"""Which runs a benchmark is made of."""

import pytest

from agents.benchmark.grid import grid_of


def test_every_cell_is_a_run_and_seeds_come_first(tiny):
    cells = grid_of(tiny(agents=["random", "greedy"], ipc=[1, 2], seeds=2)).cells
    assert [(cell.config.seed, cell.config.env.ipc, cell.agent) for cell in cells] == [
        (seed, ipc, agent) for seed in (0, 1) for ipc in (1, 2) for agent in ("random", "greedy")
    ]
    assert len({cell.id for cell in cells}) == 8


def test_an_id_is_a_hash_of_the_runs_config_alone(tiny):
    (cell,) = grid_of(tiny(agents=["random"])).cells
    (renamed,) = grid_of(tiny(agents=[{"agent": "random", "name": "chance"}])).cells
    (longer,) = grid_of(tiny(agents=["random"], steps=7)).cells
    assert len(cell.id) == 12
    assert cell.id == renamed.id
    assert cell.id != longer.id


def test_agents_have_cells_where_they_can_act_and_distillers_have_one(tiny):
    grid = grid_of(tiny(agents=["sac", "dqn", "herding", "random"], actions=["edit", "perturb"]))
    found = {(cell.agent, cell.config.env.action) for cell in grid.cells}
    assert found == {
        ("sac", "perturb"),
        ("dqn", "edit"),
        ("herding", "edit"),
        ("random", "edit"),
        ("random", "perturb"),
    }
    assert grid.skipped == (("sac", "edit"), ("dqn", "perturb"))


def test_an_agent_that_can_act_nowhere_is_refused(tiny):
    with pytest.raises(
        ValueError, match=r"'sac' cannot act in edit\. It can in: perturb; agents that can act there: dqn"
    ):
        grid_of(tiny(agents=["random", "sac"]))


def test_everyone_has_one_budget_and_nobody_rehearses_unless_asked(tiny):
    config = tiny(agents=["dqn", "random", "herding"], env={"proxy": "cnn"}, budget_s=60.0)
    cells = {cell.agent: cell.config for cell in grid_of(config).cells}
    assert {one.budget_s for one in cells.values()} == {60.0}
    assert (cells["dqn"].steps, cells["random"].steps, cells["herding"].steps) == (6, 6, None)
    assert cells["dqn"].rehearsal_steps == 0
    rehearsing = grid_of(tiny(agents=[{"agent": "dqn", "rehearsal": 50}, "random"], env={"proxy": "cnn"})).cells
    assert [cell.config.rehearsal_steps for cell in rehearsing] == [50, 0]


def test_a_distillers_iterations_are_its_own_or_the_benchmarks(tiny):
    cells = grid_of(tiny(agents=["ridge_search", {"name": "kernel_regression", "iterations": 7}], iterations=3)).cells
    assert [cell.config.iterations for cell in cells] == [3, 7]


def test_what_an_agent_sees_and_learns_from_may_be_its_own(tiny):
    (cell,) = grid_of(tiny(agents=[{"agent": "random", "observation": "mosaic", "reward": "gain"}])).cells
    assert (cell.config.env.observation, cell.config.env.reward) == ("mosaic", "gain")


def test_two_entries_that_do_the_same_runs_are_refused(tiny):
    with pytest.raises(ValueError, match="'random' and 'again' have the same settings"):
        grid_of(tiny(agents=["random", {"agent": "random", "name": "again"}]))


def test_no_iterations_are_not_the_benchmarks(tiny):
    with pytest.raises(ValueError, match="iterations must be > 0, got 0"):
        grid_of(tiny(agents=[{"method": "ridge_search", "iterations": 0}], iterations=5))
