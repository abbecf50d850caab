import pytest

from agents import RunConfig, distill, load_run
from mps_env import EnvConfig
from mps_env.evaluation.config import AuditConfig

CONFIG = RunConfig(
    env=EnvConfig(ipc=1, proxy="linear", proxy_kwargs={"epochs": 1}),
    method="kcenter",
    audit=AuditConfig(network="linear", seeds=1, steps=5),
)


def test_a_call_leaves_a_run_folder_and_returns_what_is_in_it(tmp_path):
    run = distill(CONFIG, tmp_path / "run", quiet=True)
    assert len(run.synthetic_set) == 10
    assert run.synthetic_set.fingerprint == load_run(tmp_path / "run").synthetic_set.fingerprint
    assert run.summary["seconds"] > 0  # a coreset's own time counts
    with pytest.raises(FileExistsError, match="exists already"):
        distill(CONFIG, tmp_path / "run", quiet=True)


def test_a_folder_is_new_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert distill(CONFIG, quiet=True).path.parts == ("runs", "digits-ipc1-kcenter-seed0")


def test_what_cannot_be_done_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="unknown distiller 'kcentre'"):
        distill(RunConfig(method="kcentre"), tmp_path / "run")
    assert not (tmp_path / "run").exists()
