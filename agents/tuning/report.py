"""What a study tells: a row per trial, and its best one."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.runs.versions import versions
from agents.tuning.config import TuneConfig
from agents.tuning.storage import FinishedTrial
from mps_env.atomic import atomic_write_text


def best_of(trials: Sequence[FinishedTrial]) -> FinishedTrial | None:
    """Return the trial with the highest value, the first of equals; None if all failed."""
    values = [-1.0 if trial.outcome.val_accuracy is None else trial.outcome.val_accuracy for trial in trials]
    highest = max(values, default=-1.0)
    return None if highest < 0 else trials[values.index(highest)]


def write_trials(path: Path, config: TuneConfig, trials: Sequence[FinishedTrial]) -> None:
    """Write `trials.csv`."""
    text = io.StringIO()
    columns = ["trial", "val_accuracy", *config.space, "seed", "env_steps", "proxy_trainings", "seconds", "error"]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for trial in trials:
        found = dataclasses.asdict(trial.outcome) | {"seconds": f"{trial.outcome.seconds:.3f}"}
        writer.writerow({"trial": trial.number, "seed": config.seed, **trial.params, **found})
    atomic_write_text(path, text.getvalue())


def summary(config: TuneConfig, trials: Sequence[FinishedTrial], best: FinishedTrial) -> dict[str, Any]:
    """Return what `best.json` holds."""
    outcomes = [trial.outcome for trial in trials]
    return {
        "agent": config.agent,
        "params": best.params,
        "agent_kwargs": config.settings(best.params),
        "val_accuracy": best.outcome.val_accuracy,
        "default_val_accuracy": outcomes[0].val_accuracy,
        "best_trial": best.number,
        "trials": len(trials),
        "failed_trials": sum(found.val_accuracy is None for found in outcomes),
        "stopped_early": len(trials) < config.trials,
        "env_steps": sum(found.env_steps for found in outcomes),
        "proxy_trainings": sum(found.proxy_trainings for found in outcomes),
        "seconds": round(sum(found.seconds for found in outcomes), 3),
        "search_space": {name: dataclasses.asdict(one) for name, one in config.space.items()},
        "config": json.loads(config.to_json()),
        "versions": versions("optuna", "scipy"),
    }
