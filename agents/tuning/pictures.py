"""The picture of a study: its history, and a slice through each range."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.runs.pictures import save_figure
from agents.tuning.config import TuneConfig
from agents.tuning.storage import FinishedTrial

_PANEL_SIZE = (4.0, 3.6)  # inches


def save_study_picture(path: Path, config: TuneConfig, trials: Sequence[FinishedTrial]) -> None:
    """Draw validation accuracy by trial, and against each setting that was searched over; a star marks the best.

    Args:
        path: The PNG to write.
        config: The study's.
        trials: All of them, at least one with a value.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    done = [trial for trial in trials if trial.outcome.val_accuracy is not None]
    percents = np.array([100 * (trial.outcome.val_accuracy or 0.0) for trial in done])
    numbers = np.array([trial.number for trial in done])
    panels = 1 + len(config.space)
    width, height = _PANEL_SIZE
    figure = Figure(figsize=(panels * width, height), layout="constrained")
    FigureCanvasAgg(figure)
    history, *slices = figure.subplots(1, panels, sharey=True)
    points = _draw_points(history, numbers, percents, numbers)
    _draw_history(history, trials, numbers, percents)
    for axes, (name, limits) in zip(slices, config.space.items(), strict=True):
        _draw_points(axes, np.array([trial.params[name] for trial in done]), percents, numbers)
        axes.set(xlabel=name, xlim=(limits.low, limits.high), xscale="log" if limits.is_log else "linear")
    figure.colorbar(points, ax=slices[-1], label="trial")
    figure.suptitle(f"{config.agent} on {Path(config.env.dataset).name}: {len(trials)} trials, {config.sampler}")
    save_figure(path, figure)


def _draw_points(axes: Any, where: np.ndarray, percents: np.ndarray, numbers: np.ndarray) -> Any:
    """Draw the trials, coloured by number, and the star."""
    points = axes.scatter(where, percents, c=numbers, cmap="viridis", zorder=2, clip_on=False)
    best = int(percents.argmax())
    axes.scatter(where[best], percents[best], s=160, marker="*", color="tab:orange", zorder=3, clip_on=False)
    axes.grid(alpha=0.3)
    return points


def _draw_history(axes: Any, trials: Sequence[FinishedTrial], numbers: np.ndarray, percents: np.ndarray) -> None:
    axes.step(numbers, np.maximum.accumulate(percents), where="post", color="tab:gray", label="best so far")
    if trials[0].outcome.val_accuracy is not None:
        axes.axhline(percents[0], color="black", linestyle="--", label="the agent's own settings")
    failed = [trial.number for trial in trials if trial.outcome.val_accuracy is None]
    if failed:
        axes.plot(failed, [percents.min()] * len(failed), "x", color="tab:red", label="failed")
    axes.set(xlabel="trial", ylabel="validation accuracy of the chosen set (%)")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, fontsize="small", frameon=False)  # above the points
