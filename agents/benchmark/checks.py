"""What can be wrong with a grid, told in one line before any run begins."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

from agents.benchmark.grid import Cell
from mps_env.data.catalogue import find_source


def check_cells(cells: Sequence[Cell], prepare: Callable[[], None] | None = None) -> None:
    """Check all agents on one task, and all tasks with one agent, in a process of its own.

    An agent is built to be checked, for which it imports the library that it comes from: the process that oversees a
    benchmark for hours keeps none of that.

    Args:
        cells: What is to be done.
        prepare: Called in that process at first.

    Raises:
        ValueError: If a data set, size, name or setting cannot be used.
    """
    for name, data_dir in dict.fromkeys((cell.config.env.dataset, cell.config.env.data_dir) for cell in cells):
        find_source(name, data_dir)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=prepare) as pool:
        pool.submit(check_here, representatives(cells)).result()


def representatives(cells: Sequence[Cell]) -> list[Cell]:
    """Return the first cell of every agent in every action family, and of every data set at every size."""
    by_agent = {(cell.agent, cell.config.env.action): cell for cell in reversed(cells)}
    by_task = {(cell.config.env.dataset, cell.config.env.ipc): cell for cell in reversed(cells)}
    chosen = {cell.id for cell in (*by_agent.values(), *by_task.values())}
    return [cell for cell in cells if cell.id in chosen]


def check_here(cells: Sequence[Cell]) -> None:
    """Check the cells' runs in this process.

    Raises:
        ValueError: Naming the first cell that cannot run.
    """
    from agents.runs.run import check_run

    for cell in cells:
        try:
            check_run(cell.config)
        except (ValueError, TypeError, OSError, ModuleNotFoundError, AssertionError) as error:
            # Stable-Baselines3 checks its arguments with assertions.
            raise ValueError(f"{cell.title}: {error or type(error).__name__}") from None
