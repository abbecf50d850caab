"""A study from its config to the best settings; taken up again, it goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.catalogue import make_agent
from agents.folders import new_folder
from agents.runs.acting import record
from agents.runs.display import Progress, progress
from agents.tuning.config import TuneConfig
from agents.tuning.folder import StudyFolder
from agents.tuning.objective import TrialOutcome, counted_from, measure
from agents.tuning.pictures import save_study_picture
from agents.tuning.report import best_of, summary, write_trials
from agents.tuning.samplers import sampler_for
from agents.tuning.storage import FinishedTrial, ask, finished_trials, keep, opened_study, settle_interrupted
from mps_env.atomic import atomic_write_text
from mps_env.task import Task

if TYPE_CHECKING:
    from optuna import Study


def tune(config: TuneConfig, path: str | Path, *, quiet: bool = False) -> dict[str, Any]:
    """Search for an agent's best settings, or go on searching where an earlier call was interrupted.

    Args:
        config: The study's.
        path: Its folder; made when missing.
        quiet: Whether to show no progress.

    Returns:
        What `best.json` holds; `["agent_kwargs"]` are the arguments for `make_agent` or a run.

    Raises:
        FileExistsError: If the folder holds something else, or a study with another config.
    """
    folder = StudyFolder(Path(path))
    if not folder.config.exists():
        folder = create_study(folder.path, config)
    elif folder.read_config().to_json() != config.to_json():
        raise FileExistsError(f"{path} holds a study with another config. Choose another folder, or remove it.")
    return run_study(folder, quiet=quiet)


def create_study(path: Path, config: TuneConfig) -> StudyFolder:
    """Make a study's folder, once all that can be wrong with its config has been checked.

    Raises:
        ValueError, TypeError, FileNotFoundError, ModuleNotFoundError: With one line that says how to mend it.
    """
    check_study(config)
    with new_folder(path) as temporary:
        folder = StudyFolder(temporary)
        atomic_write_text(folder.config, config.to_json() + "\n")
        with opened_study(folder.study):
            pass
    return StudyFolder(path)


def check_study(config: TuneConfig) -> None:
    """Check all that can be wrong with a config before any work is done.

    Raises:
        ValueError, TypeError, FileNotFoundError, ModuleNotFoundError: With one line that says how to mend it.
    """
    defaults = {name: one.default for name, one in config.space.items()}
    first, *_ = config.run_configs(defaults)
    task = Task(first.env_of_run)
    env = record(first, task, task.initial_set(np.random.default_rng(first.seed)), clock=lambda: 0.0, listeners=[])
    make_agent(config.agent, env, seed=first.seed, **config.settings(defaults))
    sampler_for(config, number=1)


def run_study(folder: StudyFolder, *, quiet: bool = False) -> dict[str, Any]:
    """Do what is left of a study and return what `best.json` holds.

    Args:
        folder: A study's folder, new, interrupted or finished.
        quiet: Whether to show no progress.

    Raises:
        RuntimeError: If every trial failed.
    """
    if folder.is_finished:
        return folder.read_best()
    config = folder.read_config()
    with folder.locked(), opened_study(folder.study) as study:
        settle_interrupted(study)
        task = Task(config.run_configs({})[0].env_of_run)
        with progress(f"tuning {config.agent}", config.trials * config.steps_of_trial, "step", quiet=quiet) as shown:
            while not is_over(config, trials := finished_trials(study)):
                _do_trial(study, config, task, trials, shown)
                write_trials(folder.trials, config, finished_trials(study))
            shown.advance_to(len(trials) * config.steps_of_trial, _note(config, trials))
        best = best_of(trials)
        if best is None:
            raise RuntimeError(f"all {len(trials)} trials failed; the first one: {trials[0].outcome.error}")
        write_trials(folder.trials, config, trials)
        save_study_picture(folder.picture, config, trials)
        folder.write_best(summary(config, trials, best))
    return folder.read_best()


def is_over(config: TuneConfig, trials: Sequence[FinishedTrial]) -> bool:
    """Whether all trials are done, or as many as `patience` says have brought nothing since the startup."""
    if len(trials) >= config.trials:
        return True
    if config.patience is None:
        return False
    best = best_of(trials)
    first_in_vain = max(config.startup, 0 if best is None else best.number + 1)
    return len(trials) - first_in_vain >= config.patience


def _do_trial(study: Study, config: TuneConfig, task: Task, trials: Sequence[FinishedTrial], shown: Progress) -> None:
    """Ask for settings, find out what they are worth, and keep that."""
    show = counted_from(len(trials) * config.steps_of_trial, partial(shown.advance_to, note=_note(config, trials)))
    show(0)
    trial = ask(study, config, number=len(trials))
    outcome = _known_outcome(trials, trial.params)
    keep(study, trial, outcome or measure(config.run_configs(trial.params), task, on_step=show))


def _known_outcome(trials: Sequence[FinishedTrial], params: dict[str, float]) -> TrialOutcome | None:
    """Return what the same settings were worth before, free of cost: a run is a function of its config."""
    for trial in trials:
        if trial.params == params:
            return replace(trial.outcome, env_steps=0, proxy_trainings=0, seconds=0.0)
    return None


def _note(config: TuneConfig, trials: Sequence[FinishedTrial]) -> str:
    best = best_of(trials)
    so_far = "" if best is None else f", best {best.outcome.val_accuracy:.1%}"
    return f"trial {min(len(trials) + 1, config.trials)} of {config.trials}{so_far}"
