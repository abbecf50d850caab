"""Benchmarks of a few tiny runs, in this process."""

import csv
import itertools
import json

import numpy as np
import pytest

import agents.benchmark.working as working
from agents.benchmark import run_benchmark
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import grid_of
from agents.benchmark.tables import CURVE_COLUMNS, RESULT_COLUMNS
from mps_env.set_file import load_set


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def accuracies_of(out):
    return [row["test_accuracy_mean"] for row in rows_of(out / "results.csv")]


@pytest.fixture
def worked(monkeypatch):
    """Count the runs that are worked on."""
    done = []
    original = working.do_run
    monkeypatch.setattr(working, "do_run", lambda folder, **more: done.append(folder.name) or original(folder, **more))
    return done


@pytest.fixture
def failing(monkeypatch):
    """Let the runs of one agent fail while the list holds its name."""
    names = []
    original = working.do_run

    def do_run(folder, **more):
        config = json.loads((folder / "config.json").read_text())
        if config["agent"] in names:
            raise RuntimeError("the disk\nis full")
        original(folder, **more)

    monkeypatch.setattr(working, "do_run", do_run)
    return names


def test_a_benchmark_leaves_a_row_a_run_and_does_only_what_is_missing(tmp_path, tiny, inline, worked):
    out = tmp_path / "out"
    first = run_benchmark(tiny(agents=["random", "herding"]), out, engine=inline)
    assert len(worked) == 2
    rows = rows_of(out / "results.csv")
    assert tuple(rows[0]) == RESULT_COLUMNS
    assert [(row["agent"], row["status"], row["error"]) for row in rows] == [
        ("random", "done", ""),
        ("herding", "done", ""),
    ]
    assert (rows[0]["env_steps"], rows[0]["n_images"], rows[0]["audit_seeds"]) == ("6", "10", "1")
    assert 0 < float(rows[0]["test_accuracy_mean"]) <= 1
    summary = json.loads((out / "runs" / rows[0]["run"] / "summary.json").read_text())
    assert float(rows[0]["test_accuracy_mean"]) == summary["test_accuracy_mean"]

    curves = rows_of(out / "curves.csv")
    assert tuple(curves[0]) == CURVE_COLUMNS
    assert [row["step"] for row in curves if row["agent"] == "random"] == [str(step) for step in range(7)]

    before = (out / "results.csv").read_bytes()
    run_benchmark(tiny(agents=["random", "herding"]), out, engine=inline)
    assert len(worked) == 2
    assert (out / "results.csv").read_bytes() == before

    run_benchmark(tiny(agents=["random"], seeds=2), out, engine=inline)
    assert len(worked) == 4  # both agents' second seed: the folder holds one benchmark, and calls add to it
    assert json.loads((out / "benchmark.json").read_text())["seeds"] == [0, 1]
    assert len(first.having("done")) == 2


def test_a_failed_run_is_a_row_with_its_error_and_is_tried_again(tmp_path, tiny, inline, failing):
    out = tmp_path / "out"
    failing.append("greedy")
    progress = run_benchmark(tiny(), out, engine=inline)
    assert [cell.agent for cell in progress.having("failed")] == ["greedy"]
    done, failed = rows_of(out / "results.csv")
    assert (done["status"], failed["status"]) == ("done", "failed")
    assert failed["error"] == "RuntimeError: the disk is full"
    assert failed["test_accuracy_mean"] == failed["n_images"] == ""
    error = (out / "runs" / f"{failed['run']}.error.txt").read_text().splitlines()
    assert error[0] == failed["error"]
    assert any("Traceback" in line for line in error)

    failing.clear()
    progress = run_benchmark(tiny(), out, engine=inline)
    assert [row["status"] for row in rows_of(out / "results.csv")] == ["done", "done"]
    assert not (out / "runs" / f"{failed['run']}.error.txt").exists()
    assert progress.having("failed") == []


def test_agents_share_the_audits_of_their_baselines(tmp_path, tiny, inline, monkeypatch):
    from mps_env.evaluation.training_run import TrainingRun

    trained = []
    original = TrainingRun.train
    monkeypatch.setattr(
        TrainingRun, "train", lambda self, number, seeds: trained.append(number) or original(self, number, seeds)
    )
    run_benchmark(tiny(), tmp_path / "out", engine=inline)
    with np.load(next((tmp_path / "out" / "runs").glob("*/trajectory.npz"))) as trajectory:
        initial = trajectory["initial_images"]
    results = [load_set(path) for path in (tmp_path / "out" / "runs").glob("*/synthetic.npz")]
    assert len(results) == 2
    is_new = [not np.array_equal(np.rint(result.images * 255), initial) for result in results]
    assert len(trained) == 1 + sum(is_new)  # with init=random the two baselines are one set, audited once


def test_a_folder_of_something_else_is_left_alone(tmp_path, tiny, inline):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds no benchmark"):
        run_benchmark(tiny(), tmp_path, engine=inline)
    with pytest.raises(NotADirectoryError, match="is a file"):
        run_benchmark(tiny(), tmp_path / "mine.txt", engine=inline)
    with pytest.raises(NotADirectoryError, match="cannot be made below it"):
        run_benchmark(tiny(), tmp_path / "mine.txt" / "below", engine=inline)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("file", ["summary.json", "synthetic.npz", "trajectory.npz", "metrics.csv", "config.json"])
def test_a_damaged_run_is_kept_and_done_anew(tmp_path, tiny, inline, worked, caplog, file):
    out = tmp_path / "out"
    run_benchmark(tiny(agents=["random", "herding"]), out, engine=inline)
    (name,) = [row["run"] for row in rows_of(out / "results.csv") if row["agent"] == "random"]
    before, accuracies = sorted((out / "runs").iterdir()), accuracies_of(out)
    (out / "runs" / name / file).write_text("{x,\n1,2")
    assert run_benchmark(tiny(agents=["random", "herding"]), out, engine=inline).having("failed") == []
    assert worked[2:] == [name]
    assert accuracies_of(out) == accuracies
    kept = out / "runs" / f"{name}.damaged-1"
    assert sorted((out / "runs").iterdir()) == sorted([*before, kept])
    assert file in caplog.text
    assert kept.name in caplog.text


def test_another_budget_in_the_same_folder_is_refused(tmp_path, tiny, inline, worked):
    out = tmp_path / "out"
    BenchmarkFolder(out).write_config(tiny())
    with pytest.raises(ValueError, match="holds a benchmark with steps=6, not 9"):
        run_benchmark(tiny(steps=9), out, engine=inline)
    assert worked == []


def test_two_processes_cannot_work_on_one_benchmark(tmp_path, tiny, inline):
    folder = BenchmarkFolder(tmp_path)
    folder.write_config(tiny())
    with folder.locked(), pytest.raises(BlockingIOError, match="being worked on by another process"):
        run_benchmark(tiny(), tmp_path, engine=inline)


def test_an_interrupted_benchmark_keeps_its_tables_and_goes_on(tmp_path, tiny, inline, worked):
    def interrupt(progress):
        if progress.having("done"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_benchmark(tiny(), tmp_path / "out", engine=inline, on_change=interrupt)
    assert len(rows_of(tmp_path / "out" / "results.csv")) == 1
    run_benchmark(tiny(), tmp_path / "out", engine=inline)
    assert len(rows_of(tmp_path / "out" / "results.csv")) == 2
    assert len(worked) == 2


def test_curves_have_at_most_two_hundred_points_and_no_later_resets(tmp_path, tiny):
    from agents.benchmark.tables import write_curves

    folder = BenchmarkFolder(tmp_path)
    (cell,) = grid_of(tiny(agents=["random"])).cells
    run = folder.run(cell)
    run.path.mkdir(parents=True)
    for path in (run.summary, run.synthetic_set):
        path.write_text("{}")
    steps = [step for step in range(1001) for _ in range(2 if step % 200 == 0 else 1)]  # a reset repeats its step
    lines = [f"{step},0.5,0.5,{step},1.0" for step in steps]
    run.metrics.write_text("\n".join(["step,val_accuracy,best_val_accuracy,proxy_trainings,seconds", *lines]))
    write_curves(folder, [cell])
    written = [int(row["step"]) for row in rows_of(folder.curves)]
    assert len(written) == 200
    assert (written[0], written[-1]) == (0, 1000)
    assert all(later > earlier for earlier, later in itertools.pairwise(written))
