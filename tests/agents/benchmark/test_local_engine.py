"""Runs in processes of their own, one of which is killed."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.benchmark import run_benchmark
from agents.benchmark.engines import Ended, EngineOptions
from agents.benchmark.engines.local import LocalEngine
from agents.benchmark.jobs import Job, environment_of
from mps_env.set_file import load_set
from mps_env.threads import cores


def a_job(folder: Path, work: str, **settings) -> Job:
    return Job(
        id=folder.name, work=work, folder=folder, settings=settings, cores=1,
        error=folder.with_suffix(".error.txt"), log=folder.with_suffix(".log"),
    )  # fmt: skip


def rows_of(path):
    return {row["seed"]: row for row in csv.DictReader(path.read_text().splitlines())}


def test_a_killed_run_is_a_failed_row_and_goes_on_at_the_next_call(tmp_path, tiny, inline, dying_proxy):
    config = tiny(agents=["random"], steps=20, seeds=2, env=dying_proxy())
    options = EngineOptions(workers=1)
    run_benchmark(config, tmp_path / "out", options=options)
    rows = rows_of(tmp_path / "out" / "results.csv")
    assert {seed: row["status"] for seed, row in rows.items()} == {"0": "failed", "1": "done"}
    assert "was killed by SIGKILL" in rows["0"]["error"]
    folder = tmp_path / "out" / "runs" / rows["0"]["run"]
    assert (folder / "checkpoint" / "answers.bin").stat().st_size > 0
    cores_of_run = json.loads((tmp_path / "out" / "runs" / rows["1"]["run"] / "summary.json").read_text())["cores"]
    assert cores_of_run == cores()

    run_benchmark(config, tmp_path / "out", engine=inline)
    run_benchmark(config, tmp_path / "undisturbed", engine=inline)
    assert rows_of(tmp_path / "out" / "results.csv")["0"]["status"] == "done"
    assert not folder.with_name(f"{folder.name}.error.txt").exists()
    assert not folder.with_name(f"{folder.name}.log").exists()
    undisturbed = tmp_path / "undisturbed" / "runs" / folder.name
    assert load_set(folder / "synthetic.npz").fingerprint == load_set(undisturbed / "synthetic.npz").fingerprint


def test_what_is_wrong_with_a_job_is_told_and_its_output_kept(tmp_path):
    jobs = [a_job(tmp_path / "one", "json:loads"), a_job(tmp_path / "two", "os:listdir"), a_job(tmp_path, "os:listdir")]
    events = [event for event in LocalEngine(EngineOptions(workers=2)).run(jobs) if isinstance(event, Ended)]
    errors = {event.id: event.error for event in events}
    assert errors["one"].startswith("TypeError: the JSON object must be str")
    assert "Traceback" in errors["two"]
    assert errors[tmp_path.name] is None


def test_a_process_keeps_to_its_share_of_the_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    variables = environment_of(a_job(Path("run"), "os:listdir"))
    assert variables["MPS_CORES"] == variables["OPENBLAS_NUM_THREADS"] == "1"
    assert variables["OMP_NUM_THREADS"] == "3"
    monkeypatch.setenv("MPS_CORES", "6")
    assert EngineOptions(workers=2).cores_per_job == 3


_PARENT = """
import signal
import sys
from pathlib import Path
from agents.benchmark.engines import EngineOptions
from agents.benchmark.engines.local import LocalEngine
from agents.benchmark.jobs import Job
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores Ctrl-C
    place = Path(sys.argv[1])
    job = Job(id="one", work="mps_waiting:wait", folder=place, error=place / "error", log=place / "log")
    for event in LocalEngine(EngineOptions(workers=1)).run([job]):
        pass
"""
_WAITING = """
import os, time
def wait(folder):
    (folder / "pid.partial").write_text(str(os.getpid()))
    (folder / "pid.partial").rename(folder / "pid")
    time.sleep(120)
"""


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGINT])
def test_a_run_does_not_outlive_who_started_it(tmp_path, ended_by):
    (tmp_path / "parent.py").write_text(_PARENT)
    (tmp_path / "mps_waiting.py").write_text(_WAITING)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py", tmp_path], stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    _until(lambda: (tmp_path / "pid").exists() or parent.poll() is not None)
    child = int((tmp_path / "pid").read_text())
    parent.send_signal(ended_by)
    parent.wait(30)
    _until(lambda: not _is_alive(child))


def _until(is_so) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
