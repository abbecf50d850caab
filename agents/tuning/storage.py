"""A study in Optuna's SQLite file: asking for settings, and keeping what they were worth."""

from __future__ import annotations

import csv
import dataclasses
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.tuning.config import TuneConfig
from agents.tuning.objective import TrialOutcome
from agents.tuning.samplers import sampler_for

if TYPE_CHECKING:
    from optuna import Study, Trial

_NAME = "mps tune"
_OUTCOME = "outcome"  # the trial attribute that holds it


@dataclass(frozen=True, kw_only=True)
class FinishedTrial:
    """A trial whose outcome is known.

    Args:
        number: Its position among the finished ones, from 0. Optuna numbers those that a kill interrupted, too.
        params: What the sampler proposed.
        outcome: What it was worth.
    """

    number: int
    params: dict[str, float]
    outcome: TrialOutcome


@contextmanager
def opened_study(path: Path) -> Iterator[Study]:
    """Open a study's file, made when missing; meanwhile Optuna keeps its remarks to itself.

    Raises:
        ValueError: If it is no file of Optuna's, or of another version.
    """
    import optuna
    from sqlalchemy.engine import URL  # Optuna's own database library
    from sqlalchemy.exc import SQLAlchemyError

    with _quiet_optuna():
        try:
            storage = optuna.storages.RDBStorage(URL.create("sqlite", database=str(path)).render_as_string())
            study = optuna.create_study(storage=storage, study_name=_NAME, direction="maximize", load_if_exists=True)
        except (SQLAlchemyError, RuntimeError) as error:
            raise ValueError(
                f"{path} cannot be used: {str(error).splitlines()[0].rstrip('.')}. Start a new study."
            ) from None
        try:
            yield study
        finally:
            storage.remove_session()
            storage.engine.dispose()


@contextmanager
def _quiet_optuna() -> Iterator[None]:
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def ask(study: Study, config: TuneConfig, number: int) -> Trial:
    """Begin a trial.

    Args:
        study: Whose finished trials the sampler may learn from.
        config: Names sampler and ranges.
        number: How many trials are finished.
    """
    from optuna.distributions import FloatDistribution

    study.sampler = sampler_for(config, number)
    return study.ask({name: FloatDistribution(one.low, one.high, log=one.is_log) for name, one in config.space.items()})


def keep(study: Study, trial: Trial, outcome: TrialOutcome) -> None:
    """Write down what a trial was worth; from then on it is finished."""
    trial.set_user_attr(_OUTCOME, dataclasses.asdict(outcome))
    _tell(study, trial.number, outcome)


def settle_interrupted(study: Study) -> None:
    """Mark trials as failed that were running when their process ended; they are to be done again.

    One that had its outcome written down, and only lacked its mark, gets that.
    """
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        _tell(study, trial.number, TrialOutcome(**trial.user_attrs.get(_OUTCOME, {"val_accuracy": None})))


def _tell(study: Study, number: int, outcome: TrialOutcome) -> None:
    from optuna.trial import TrialState

    if outcome.val_accuracy is None:
        study.tell(number, state=TrialState.FAIL)
    else:
        study.tell(number, outcome.val_accuracy)


def finished_trials(study: Study) -> list[FinishedTrial]:
    """Return the trials whose outcome is known, in their order."""
    known = [trial for trial in study.get_trials(deepcopy=False) if _OUTCOME in trial.user_attrs]
    return [
        FinishedTrial(number=number, params=dict(trial.params), outcome=TrialOutcome(**trial.user_attrs[_OUTCOME]))
        for number, trial in enumerate(known)
    ]


def check_storage(path: Path, trials: Path) -> None:
    """Check that an interrupted study can be continued from its file.

    Args:
        path: Optuna's.
        trials: The table of finished trials, which the file must hold.

    Raises:
        ValueError: If it is not the file that the study left.
    """
    if not path.exists():
        raise ValueError(f"{path} is missing. Put it back, or start a new study.")
    with opened_study(path) as study:
        try:
            found = len(finished_trials(study))
        except TypeError as error:
            raise ValueError(
                f"{path} cannot be used: a trial's outcome is damaged ({error}). Start a new study."
            ) from None
    listed = len(list(csv.DictReader(trials.read_text().splitlines()))) if trials.exists() else 0
    if found < listed:
        raise ValueError(
            f"{path} holds {found} finished trials, and {trials.name} lists {listed}. Put the study's own file back, or"
            " start a new study."
        )
