"""Replays and repeated audits of honest runs, and of runs that someone has touched."""

import json

import numpy as np
import pytest

import agents.benchmark.validation as module
from agents.benchmark import ENGINES, run_benchmark
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.repetition import largest_difference
from agents.benchmark.tables import write_results
from agents.benchmark.validation import done_cells, validate_benchmark
from agents.runs.trajectory import load_trajectory
from mps_env.set_file import load_set, save_set


@pytest.fixture
def benchmarked(tmp_path, tiny, inline, monkeypatch):
    """Run a benchmark in this process and return its folder; validations stay in this process, too."""
    monkeypatch.setattr(module, "LocalEngine", ENGINES.get(inline))

    def run(**changes) -> BenchmarkFolder:
        run_benchmark(tiny(**changes), tmp_path / "out", engine=inline)
        return BenchmarkFolder(tmp_path / "out")

    return run


def changed(path, **arrays):
    with np.load(path) as archive:
        values = dict(archive)
    np.savez_compressed(path, **{**values, **arrays})


def test_runs_of_several_episodes_are_replayed_to_the_same_bits(benchmarked):
    folder = benchmarked(agents=["random", "greedy", "dqn", "ppo", "herding"], steps=14, episode_steps=5)
    trajectories = [load_trajectory(folder.run(cell).trajectory) for cell in done_cells(folder)[:4]]
    assert all(trajectory.starts.sum() >= 3 for trajectory in trajectories)
    verdicts = {verdict.keys["agent"]: verdict for verdict in validate_benchmark(folder)}
    assert {name: (verdict.is_ok, verdict.problem) for name, verdict in verdicts.items()} == dict.fromkeys(
        ["random", "greedy", "dqn", "ppo", "herding"], (True, "")
    )
    assert verdicts["ppo"].finding.rewards == 0.0
    assert verdicts["herding"].finding.rewards is None
    assert verdicts["herding"].row["rewards"] == "-"
    assert verdicts["random"].row["audit"] == "same (1)"


@pytest.mark.parametrize("method", ["herding", "ridge_search"])
def test_distillers_work_once_more_and_must_reach_the_same_set(benchmarked, method):
    folder = benchmarked(agents=[method], iterations=7)
    (verdict,) = validate_benchmark(folder)
    assert (verdict.is_ok, verdict.row["set"], verdict.row["rewards"]) == (True, "reached", "-")

    run = folder.run(done_cells(folder)[0])
    honest = load_set(run.synthetic_set)
    save_set(run.synthetic_set, type(honest)(1 - honest.images, honest.labels, meta=honest.meta))
    (verdict,) = validate_benchmark(folder)
    assert (verdict.is_ok, verdict.row["set"]) == (False, "not reached")


@pytest.mark.parametrize("action", ["perturb", "replace"])
def test_other_action_families_are_replayed(benchmarked, action):
    folder = benchmarked(agents=["random"], actions=[action])
    (verdict,) = validate_benchmark(folder)
    assert verdict.is_ok


def test_what_was_touched_differs(benchmarked):
    folder = benchmarked(agents=["random"], audit={"network": "linear", "seeds": 2, "steps": 5})
    run = folder.run(done_cells(folder)[0])
    trajectory, honest = run.trajectory.read_bytes(), load_set(run.synthetic_set)

    rewards = load_trajectory(run.trajectory).rewards
    changed(run.trajectory, rewards=rewards + np.array([0, 0, 0.25, 0, 0, 0]))
    (verdict,) = validate_benchmark(folder, audit_seeds=1)
    assert not verdict.is_ok
    assert verdict.finding.rewards == pytest.approx(0.25)
    assert verdict.row["rewards"] == "differ by 0.25"
    run.trajectory.write_bytes(trajectory)

    save_set(run.synthetic_set, type(honest)(1 - honest.images, honest.labels, meta=honest.meta))
    (verdict,) = validate_benchmark(folder)
    assert verdict.row["set"] == "not reached"
    assert verdict.finding.audit > 0
    assert not verdict.is_ok

    better = {**honest.meta, "audit": {**honest.meta["audit"], "accuracies": [0.99, 0.99], "mean": 0.99}}
    save_set(run.synthetic_set, type(honest)(honest.images, honest.labels, meta=better))
    (verdict,) = validate_benchmark(folder)
    assert verdict.row["result"] == "differs: its set carries another audit than its summary"
    save_set(run.synthetic_set, honest)

    folder.results.write_text(folder.results.read_text().replace(",6,", ",5,"))
    (verdict,) = validate_benchmark(folder, audit_seeds=1)
    assert verdict.row["result"] == "differs: its row in results.csv is not what its folder says"

    run.trajectory.unlink()
    (verdict,) = validate_benchmark(folder, audit_seeds=1)
    assert "FileNotFoundError" in verdict.row["result"]
    assert not verdict.is_ok


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ({"baseline_random_test_accuracy": 0.01}, "its baseline_random_test_accuracy is not the mean of its audit"),
        ({"test_accuracy_mean": 0.99}, "its test_accuracy_mean is not the mean of its audit"),
        ({"val_accuracy": 0.999}, "its validation accuracy is"),
        ({"env_steps": 5}, "its env_steps are 6, not 5"),
        ({"proxy_trainings": 1}, "its proxy_trainings are"),
    ],
)
def test_no_figure_of_a_summary_is_believed(benchmarked, figures, problem):
    folder = benchmarked(agents=["random"])
    run = folder.run(done_cells(folder)[0])
    run.summary.write_text(json.dumps(run.read_summary() | figures))
    write_results(folder, done_cells(folder))
    (verdict,) = validate_benchmark(folder)
    assert verdict.row["result"].startswith(f"differs: {problem}")


def test_a_baselines_audit_is_repeated(benchmarked):
    folder = benchmarked(agents=["random"])
    run = folder.run(done_cells(folder)[0])
    summary = run.read_summary()
    summary["accuracies"]["random"] = [0.25]
    run.summary.write_text(json.dumps(summary | {"baseline_random_test_accuracy": 0.25}))
    write_results(folder, done_cells(folder))
    (verdict,) = validate_benchmark(folder)
    assert not verdict.is_ok
    assert verdict.finding.audit > 0


def test_a_row_needs_a_run_and_a_run_its_place_in_the_grid(benchmarked):
    folder = benchmarked(seeds=2)
    cells = done_cells(folder)
    config = folder.run(cells[0]).config
    config.write_text(config.read_text().replace('"steps": 6', '"steps": 600'))
    folder.run(cells[2]).summary.unlink()
    with folder.results.open("a") as file:
        file.write(folder.results.read_text().splitlines()[1].replace(cells[0].id, "invented") + "\n")
    results = {verdict.keys["run"]: verdict.row["result"] for verdict in validate_benchmark(folder)}
    assert results == {
        cells[0].id: "differs: its config.json is not that of its place in the grid",
        cells[1].id: "ok",
        cells[2].id: "differs: there is no finished run of the grid behind its row",
        cells[3].id: "ok",
        "invented": "differs: there is no finished run of the grid behind its row",
    }


@pytest.mark.parametrize("agents", [["dqn"], ["kernel_regression"]])
def test_runs_under_a_trained_proxy_are_repeated_to_the_same_figures(benchmarked, agents):
    folder = benchmarked(agents=agents, iterations=3, env={"proxy": "linear", "observation": "features"})
    (verdict,) = validate_benchmark(folder)
    assert (verdict.is_ok, verdict.row["result"]) == (True, "ok")


def test_other_versions_are_named(benchmarked):
    folder = benchmarked(agents=["random"])
    run = folder.run(done_cells(folder)[0])
    summary = run.read_summary()
    run.summary.write_text(json.dumps({**summary, "versions": {**summary["versions"], "numpy": "1.0"}}))
    (verdict,) = validate_benchmark(folder)
    assert verdict.other_versions == "numpy 1.0"


def test_lists_of_unequal_length_never_agree():
    assert largest_difference([1.0, 2.0], [1.0]) == np.inf
    assert largest_difference([1.0, 2.0], [1.0, 2.5]) == 0.5
    assert largest_difference([], []) == 0.0
