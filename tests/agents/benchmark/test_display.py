"""What a benchmark shows while it runs."""

import io

import pytest
from rich.console import Console

from agents.benchmark.display import BenchmarkDisplay, seconds_left, shown
from agents.benchmark.folder import BenchmarkFolder
from agents.benchmark.grid import grid_of
from agents.benchmark.running import Progress


@pytest.fixture
def cells(tiny):
    return grid_of(tiny(agents=["random", "greedy"], ipc=[1, 2], seeds=2)).cells


def test_what_is_left_is_estimated_from_runs_of_the_same_agent_and_task(cells):
    first = {(cell.agent, cell.config.env.ipc): cell for cell in reversed(cells)}
    took = {first["random", 1].id: 10.0, first["random", 2].id: 30.0}
    done = {id_: "done" for id_ in took}
    # random: 10 + 30 for the second seed; greedy, of which nothing is known: the mean, 20, for each of four
    assert seconds_left(Progress(cells, done), took, {}, workers=2) == (10 + 30 + 4 * 20) / 2
    running = {cell.id: 5.0 for cell in cells if cell.config.seed == 1 and cell.agent == "random"}
    assert seconds_left(Progress(cells, done), took, running, workers=1) == 5 + 25 + 4 * 20
    late = dict.fromkeys(running, 1e6)
    assert seconds_left(Progress(cells, done), took, late, workers=1) == 4 * 20
    assert seconds_left(Progress(cells), {}, {}, workers=1) is None


def test_the_table_counts_by_agent(tmp_path, cells):
    display = BenchmarkDisplay(BenchmarkFolder(tmp_path), workers=1)
    progress = Progress(cells)
    display.on_change(progress)
    (tmp_path / "runs").mkdir()
    for cell, status in ((cells[0], "running"), (cells[1], "running"), (cells[1], "failed")):
        if status == "failed":
            display._folder.error(cell).write_text("OSError: full\n")
        progress = progress.with_status(cell, status)
        display.on_change(progress)
    text = io.StringIO()
    Console(file=text, width=100).print(display.table())
    lines = [[part.strip() for part in line.split("│")[1:-1]] for line in text.getvalue().splitlines() if "│" in line]
    assert lines == [["random", "", "1", "", "3"], ["greedy", "", "", "1", "3"]]
    assert "1 of 8 runs" in text.getvalue()
    assert "left" in text.getvalue()
    assert display.line().startswith("1/8 greedy on digits, ipc 1, edit, seed 0: failed after 0.0 s: OSError: full")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_the_live_table_and_quiet_nothing(tmp_path, cells):
    for stream, quiet in ((Terminal(), False), (Terminal(), True)):
        with shown(BenchmarkDisplay(BenchmarkFolder(tmp_path), workers=1), quiet=quiet, stream=stream) as on_change:
            on_change(Progress(cells))
            on_change(Progress(cells).with_status(cells[0], "running"))
        assert bool(stream.getvalue()) is not quiet
        assert quiet or "0 of 8 runs" in stream.getvalue()
