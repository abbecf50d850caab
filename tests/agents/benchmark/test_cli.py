"""`mps benchmark` as a user meets it."""

import json
import sys
from types import SimpleNamespace

import pytest

import agents.benchmark.checks as checks
import agents.benchmark.validation as validation
from agents.benchmark import ENGINES
from agents.benchmark.checks import check_cells, check_here, representatives
from agents.benchmark.grid import grid_of
from agents.cli import main

SMALL = ["--proxy", "ridge", "--proxy-kwargs", "nets", "1", "width", "8", "--ipc", "1", "--observation", "features"]
AUDIT = ["--network", "linear", "--audit-seeds", "1", "--audit-steps", "5"]
GRID = [*SMALL, *AUDIT, "--steps", "6", "--seeds", "1"]
FILE = """
agents: [random, {method: herding, name: coreset}]
ipc: 1
seeds: 1
steps: 6
env: {proxy: ridge, proxy_kwargs: {nets: 1, width: 8}, observation: features}
audit: {network: linear, seeds: 1, steps: 5}
"""


def call(*arguments, code=0):
    """Run a command in this process and check its exit code."""
    assert main(["benchmark", *(str(argument) for argument in arguments)]) == code


@pytest.fixture(autouse=True)
def in_this_process(inline, monkeypatch):
    """Check grids in this process, and note what reports are asked for."""
    reports = []
    monkeypatch.setattr(checks, "check_cells", lambda cells, prepare: check_here(representatives(cells)))
    monkeypatch.setitem(sys.modules, "agents.benchmark.report", SimpleNamespace(write_report=reports.append))
    return reports


def test_a_grid_from_options_leaves_its_tables_and_says_where(tmp_path, capsys, in_this_process):
    out = tmp_path / "out"
    call("--agents", "random", "herding", *GRID, "--engine", "inline", "--out", out)
    printed = capsys.readouterr()
    assert f"The leaderboard is in {out / 'report.md'}" in printed.out
    assert "2 runs done, 0 failed." in printed.out
    assert "1/2 random on digits, ipc 1, edit, seed 0: " in printed.err
    assert in_this_process == [out]
    config = json.loads((out / "benchmark.json").read_text())
    assert (config["steps"], config["audit"]["steps"]) == (6, 5)

    call("--resume", out, "--engine", "inline", "--json")
    printed = capsys.readouterr()
    assert [row["status"] for row in json.loads(printed.out)["results"]] == ["done", "done"]
    assert "2 runs, 2 of them done already" in printed.err

    call(
        "--agents",
        "sac",
        "random",
        "--actions",
        "edit",
        "perturb",
        *GRID,
        "--engine",
        "inline",
        "--out",
        out,
        "--quiet",
    )
    printed = capsys.readouterr()
    assert "sac cannot act in edit: left out there." in printed.out
    assert printed.err == ""


def test_a_grid_from_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first.yaml").write_text(FILE)
    call("first.yaml", "--engine", "inline", "--json", "--quiet")
    found = json.loads(capsys.readouterr().out)
    assert [row["agent"] for row in found["results"]] == ["random", "coreset"]
    assert (tmp_path / "runs" / "first" / "results.csv").is_file()
    call("first.yaml", "--steps", "7", code=2)
    assert "first.yaml takes everything from there, got steps as well" in capsys.readouterr().err


def test_a_failed_run_is_said_and_the_exit_code_is_1(tmp_path, capsys, monkeypatch):
    import agents.benchmark.working as working

    monkeypatch.setattr(working, "do_run", lambda folder, **more: json.loads("{"))
    call("--agents", "random", *GRID, "--engine", "inline", "--out", tmp_path / "out", code=1)
    printed = capsys.readouterr()
    assert "0 runs done, 1 failed." in printed.out
    assert "failed: random on digits, ipc 1, edit, seed 0" in printed.out
    assert "failed after 0.0 s: JSONDecodeError" in printed.err


def test_validation_is_a_table_and_exit_code_1_where_something_differs(tmp_path, capsys, monkeypatch, inline):
    """The one real process of these tests: a validation that counts on as many cores as the run did."""
    out = tmp_path / "out"
    call("--agents", "random", *GRID, "--engine", "inline", "--out", out, "--quiet")
    capsys.readouterr()
    call("--validate", out / "results.csv", "--audit-seeds", 1, "--workers", 1, "--quiet")
    printed = capsys.readouterr().out
    assert "1 run of" in printed
    assert "reached" in printed
    monkeypatch.setattr(validation, "LocalEngine", ENGINES.get(inline))
    results = (out / "results.csv").read_text()
    (out / "results.csv").write_text(results.replace(",6,", ",5,"))
    call("--validate", out, "--quiet", "--json", code=1)
    (verdict,) = json.loads(capsys.readouterr().out)
    assert (verdict["ok"], verdict["rewards"]) == (False, 0.0)


def test_a_saved_agent_is_found_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    call("--agents", "greedy", *GRID, "--engine", "inline", "--out", "first")
    (run,) = (path.parent for path in (tmp_path / "first").rglob("summary.json"))
    name = f"saved:{run.relative_to(tmp_path)}"
    call("--agents", name, "--reference", name, *GRID, "--engine", "inline", "--out", "second")
    (agent,) = json.loads((tmp_path / "second" / "benchmark.json").read_text())["agents"]
    assert (agent["agent"], agent["name"]) == (f"saved:{run}", name)

    monkeypatch.chdir(tmp_path / "elsewhere")
    call("--resume", tmp_path / "second", "--engine", "inline")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "benchmark needs agents, got none"),
        (["--agents", "dqnn"], "Did you mean 'dqn'?"),
        (["--agents", "sac"], "'sac' cannot act in edit"),
        (["--agents", "random", "--datasets", "minst"], "Did you mean 'mnist'?"),
        (["--agents", "random", "--ipc", "0"], "ipc must be >= 1, got 0"),
        (["--agents", "random", "--ipc", "500"], "random on digits, ipc 500, edit, seed 0: "),
        (["--agents", "random", "--actions", "edt"], "Did you mean 'edit'?"),
        (["--agents", "random", "--seeds", "0"], "seeds must be >= 1"),
        (["--agents", "random", "--steps", "0"], "steps must be > 0"),
        (["--agents", "random", "--budget", "soon"], "budget must be a time"),
        (["--agents", "fixed:nois"], "Did you mean 'noise'?"),
        (["--agents", "random", "--engine", "locl"], "Did you mean 'local'?"),
        (["--agents", "random", "--workers", "0"], "workers must be >= 1"),
        (["--agents", "random", "--ray-address", "auto"], "--ray-address goes with --engine ray"),
        (["--agents", "random", "--network", "lenett"], "Did you mean 'lenet'?"),
        (["nowhere.yaml"], "no file nowhere.yaml"),
        (["--resume", "nowhere"], "nowhere is no benchmark folder"),
        (["--resume", "nowhere", "--steps", "7"], "got steps as well"),
        (["--validate", "nowhere"], "nowhere has no results.csv"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call(*arguments, code=2)
    error = capsys.readouterr().err.strip()
    assert error.startswith("mps: ")
    assert "\n" not in error
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_a_grid_is_checked_in_a_process_of_its_own(tiny):
    cells = grid_of(tiny(agents=["random", {"agent": "greedy", "kwargs": {"gama": 1}}])).cells
    with pytest.raises(ValueError, match="greedy on digits, .* seed 0: agent 'greedy' takes no argument 'gama'"):
        check_cells(cells)


def test_every_agent_and_every_task_is_checked_once(tiny):
    cells = grid_of(tiny(agents=["random", "greedy"], ipc=[1, 2], seeds=3)).cells
    chosen = [(cell.agent, cell.config.env.ipc, cell.config.seed) for cell in representatives(cells)]
    assert chosen == [("random", 1, 0), ("greedy", 1, 0), ("random", 2, 0)]
