"""Runs as tasks of a real, local Ray."""

import csv
import dataclasses
import json
import sys

import pytest

from agents.benchmark import run_benchmark
from agents.benchmark.engines import ENGINES, EngineOptions
from agents.benchmark.jobs import Job
from mps_env.set_file import load_set


def needs_ray():
    return pytest.importorskip("ray", reason='needs Ray: pip install "mps-distill[ray]"')


@pytest.fixture
def local_ray(dying_proxy, monkeypatch):
    """Start a local Ray whose workers find the proxy that dies; it serves the benchmarks of a test."""
    ray = needs_ray()
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield ray
    ray.shutdown()


def results_of(out):
    """Return what a benchmark found, without what a clock says."""
    rows = list(csv.DictReader((out / "results.csv").read_text().splitlines()))
    return [{name: value for name, value in row.items() if "seconds" not in name} for row in rows]


def test_a_worker_that_is_killed_is_replaced_and_the_results_are_the_same(
    tmp_path, tiny, inline, dying_proxy, local_ray
):
    config = tiny(agents=["random"], steps=20, env=dying_proxy())
    run_benchmark(config, tmp_path / "disturbed", engine="ray", options=EngineOptions(workers=1))
    assert not (tmp_path / "death").exists()  # the worker did die
    run_benchmark(config, tmp_path / "undisturbed", engine=inline)
    (found,) = results_of(tmp_path / "disturbed")
    assert [found] == results_of(tmp_path / "undisturbed")
    assert found["status"] == "done"
    sets = [load_set(tmp_path / out / "runs" / found["run"] / "synthetic.npz") for out in ("disturbed", "undisturbed")]
    assert sets[0].fingerprint == sets[1].fingerprint
    assert not list((tmp_path / "disturbed" / "runs").glob(".*"))

    dying_proxy()
    config = dataclasses.replace(config, seeds=(1,))
    options = EngineOptions(workers=1, max_retries=0)
    run_benchmark(config, tmp_path / "disturbed", engine="ray", options=options)
    failed = results_of(tmp_path / "disturbed")[1]
    assert (failed["seed"], failed["status"]) == ("1", "failed")
    assert "WorkerCrashedError" in failed["error"]


def test_a_worker_that_cannot_see_the_folder_returns_it(tmp_path, monkeypatch):
    needs_ray()
    from agents.benchmark.engines import on_ray

    monkeypatch.setattr(on_ray.tempfile, "gettempdir", lambda: str(tmp_path / "elsewhere"))
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "config.json").write_text("{}")
    job = Job(
        id="one",
        work="os:listdir",
        folder=tmp_path / "runs" / "one",
        settings={"audits": "on the driver's machine"},
        error=tmp_path / "error",
        log=tmp_path / "log",
    )
    monkeypatch.setattr(on_ray, "do", write_answer)
    result = on_ray._work(job, on_ray.pack(job.folder), "a word that is not there")
    assert not (job.folder / "answer").exists()
    assert not (tmp_path / "elsewhere" / "mps-a word that is not there" / "one").exists()
    on_ray.unpack(result.folder, job.folder)
    assert sorted(path.name for path in job.folder.iterdir()) == ["answer", "config.json"]
    assert (job.folder / "answer").read_text() == json.dumps({})
    assert [path.name for path in job.folder.parent.iterdir()] == ["one"]


def write_answer(job):
    (job.folder / "answer").write_text(json.dumps(dict(job.settings)))


def test_without_ray_one_line_names_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=r'Run: pip install "mps-distill\[ray\]"'):
        ENGINES.get("ray")(EngineOptions())
