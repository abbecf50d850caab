"""`mps tune`: a search over an agent's settings."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import tyro

from agents.cli.options import refuse_other_options, with_absolute_paths
from agents.cli.quiet import import_tensorflow_quietly
from agents.cli.reporting import WrongCallError, checking_call
from agents.cli.resuming import finish
from agents.cli.tables import percent, print_table
from agents.folders import check_new
from agents.tuning.config import TuneConfig
from agents.tuning.folder import StudyFolder, default_path
from agents.tuning.spaces import SEARCH_SPACES
from agents.typed import environment_options, option
from mps_env.config import EnvConfig


@dataclass(kw_only=True)
class Tune:
    """Search for an agent's best settings with Optuna, judged by validation accuracy, and leave a study folder.

    The first trial is the agent's own settings. A trial's value is the accuracy of its run's best set on fresh
    proxy seeds, the same ones for every trial; the test split is never read.

    Examples:

      mps tune dqn --proxy ridge                              digits, 10 trials of 1,000 steps
      mps tune ppo --proxy ridge --sampler gp --trials 20 --repeats 3
      mps tune td3 --action perturb --proxy ridge --patience 3
      mps tune --resume runs/tune-digits-ipc10-dqn-tpe-seed0
    """

    agent: Annotated[
        tyro.conf.Positional[str],
        tyro.conf.arg(metavar="AGENT", help=f"Whose settings: {SEARCH_SPACES.listing()}; left out with --resume."),
    ] = ""
    env: tyro.conf.OmitArgPrefixes[EnvConfig] = field(default_factory=EnvConfig)
    agent_kwargs: Mapping[str, Any] | None = None
    """Settings held fixed, as NAME VALUE pairs; the search leaves them out."""
    trials: int = TuneConfig.trials
    """Settings to try, the agent's own among them."""
    steps: int = TuneConfig.steps
    """Environment steps of a run."""
    episode_steps: int | None = None
    """Steps of an episode (default: 200; with --accept improve or descend the whole run)."""
    repeats: int = TuneConfig.repeats
    """Runs of a trial, each with a seed of its own; its value is their mean."""
    sampler: str = TuneConfig.sampler
    """Who proposes settings: tpe, gp (Bayesian optimisation with a Gaussian process), random."""
    startup: int = TuneConfig.startup
    """Trials before the sampler learns from them: the agent's own settings, then random ones."""
    patience: int | None = None
    """End after so many trials in a row without a higher value, the startup's not counted (default: never)."""
    seed: int = 0
    """Of everything random."""
    out: Path | None = None
    """The study folder (default: a new one in runs/)."""
    resume: Path | None = None
    """A study folder to continue; takes no other option but --json and --quiet."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print the result as JSON."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Show no progress."""

    def run(self) -> int:
        """Search, or continue."""
        from agents.tuning.study import run_study

        folder = self._resumed(self.resume) if self.resume is not None else self._created()
        return finish("tune", folder, partial(run_study, quiet=self.quiet), _print_best, as_json=self.json)

    def _resumed(self, path: Path) -> StudyFolder:
        refuse_other_options(self)
        folder = StudyFolder(path)
        with checking_call():
            config = folder.read_config()
            if folder.is_finished:
                folder.read_best()
            else:
                from agents.tuning.storage import check_storage
                from agents.tuning.study import check_study

                import_tensorflow_quietly()
                check_study(config)
                check_storage(folder.study, folder.trials)
        return folder

    def _created(self) -> StudyFolder:
        from agents.tuning.study import create_study

        with checking_call():
            config = self._config()
            path = self.out or default_path(config)
            check_new(path)
            import_tensorflow_quietly()
            return create_study(path, config)

    def _config(self) -> TuneConfig:
        if not self.agent:
            raise WrongCallError(
                f"tune needs the name of an agent, e.g. mps tune dqn. Known: {SEARCH_SPACES.listing()}."
            )
        return TuneConfig(
            env=with_absolute_paths(self.env),
            agent=self.agent,
            agent_kwargs=self.agent_kwargs,
            trials=self.trials,
            steps=self.steps,
            episode_steps=self.episode_steps,
            repeats=self.repeats,
            sampler=self.sampler,
            startup=self.startup,
            patience=self.patience,
            seed=self.seed,
        )


def _print_best(folder: StudyFolder, best: dict[str, Any]) -> None:
    rows = [
        {"": name, "the agent's own": f"{best['search_space'][name]['default']:.4g}", "best": f"{value:.4g}"}
        for name, value in best["params"].items()
    ]
    own = best["default_val_accuracy"]
    accuracies = {"the agent's own": "failed" if own is None else percent(own), "best": percent(best["val_accuracy"])}
    title = (
        f"{best['agent']} on {best['config']['env']['dataset']}: best of {best['trials']} trials"
        f" ({best['failed_trials']} failed) is number {best['best_trial']},"
        f" sampler {best['config']['sampler']}; {best['env_steps']} steps, {best['seconds']:.0f} s"
    )
    print_table(title, [*rows, {"": "validation accuracy", **accuracies}])
    words = ["mps", "distill", "--agent", best["agent"], *option("agent_kwargs", best["agent_kwargs"])]
    for name in ("steps", "episode_steps"):
        if value := best["config"][name]:
            words += option(name, value)
    print(f"Look at {folder.picture} and {folder.trials}. Use the best with:")
    print(f"  {shlex.join([*words, *environment_options(best['config']['env'])])}")
