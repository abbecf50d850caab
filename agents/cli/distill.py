"""`mps distill`: the main job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import tyro

from agents.catalogue import AGENTS
from agents.cli.options import refuse_other_options, with_absolute_file, with_absolute_paths
from agents.cli.quiet import import_tensorflow_quietly
from agents.cli.reporting import checking_call, remark
from agents.cli.resuming import finish
from agents.cli.tables import audited, percent, print_table
from agents.distillers import DISTILLERS
from agents.folders import check_new
from agents.runs.config import RunConfig
from agents.runs.durations import parse_duration
from agents.runs.folder import RunFolder, create_folder, default_path
from mps_env.config import EnvConfig


@dataclass(kw_only=True)
class Distill:
    """Distil a data set into a few images, audit them, and leave a run folder with pictures.

    Examples:

      mps distill                                   digits, 10 images per class, the Keras DQN; about a minute
      mps distill --dataset mnist --data-dir DATA --agent ppo --steps 2000 --seed 1
      mps distill --dataset mnist --proxy ridge --accept descend --agent greedy --steps 1000
      mps distill --method herding --ipc 1
      mps distill --dataset mnist --method kernel_regression --budget 20m
      mps distill --method gradient_matching --method-kwargs siamese true --iterations 100
      mps distill --resume runs/digits-ipc10-dqn-seed0
    """

    env: tyro.conf.OmitArgPrefixes[EnvConfig] = field(default_factory=EnvConfig)
    agent: Annotated[str, tyro.conf.arg(help=f"Who acts: {AGENTS.listing()}; fixed:EDIT, saved:FILE.")] = "dqn"
    agent_kwargs: Mapping[str, Any] | None = None
    """The agent's own arguments, as NAME VALUE pairs."""
    method: Annotated[str | None, tyro.conf.arg(help=f"A distiller instead of an agent: {DISTILLERS.listing()}.")] = (
        None
    )
    method_kwargs: Mapping[str, Any] | None = None
    """The distiller's own arguments, as NAME VALUE pairs."""
    steps: int | None = None
    """Environment steps of an agent (default: 600, or what the budget allows)."""
    iterations: int | None = None
    """Iterations of a distiller (default: its own number, or what the budget allows)."""
    budget: str | None = None
    """Time for the distillation, the audit apart: 90s, 20m, 1h30m."""
    episode_steps: int | None = None
    """Steps of an episode (default: 200; with --accept improve or descend the whole run)."""
    rehearsal: int | None = None
    """Steps that the agent first learns under the ridge proxy (default: 2,000 for dqn under another proxy)."""
    seed: int = 0
    """Of everything random."""
    network: str = "mps_cnn"
    """What the audit trains."""
    network_kwargs: Mapping[str, Any] | None = None
    """Its own arguments, as NAME VALUE pairs: size 64, width 0.5."""
    audit_seeds: int = 5
    """Trainings from scratch in the audit."""
    audit_steps: int = 1000
    """Optimiser steps of each."""
    audit_points: int = 10
    """Measurements of each in audit.csv, evenly spaced; as many as it has epochs for one each."""
    audit_augment: str = "auto"
    """Of the images it trains on: none, slight, light, light_flip; auto is light, mirrored where that is safe."""
    out: Path | None = None
    """The run folder (default: a new one in runs/)."""
    resume: Path | None = None
    """A run folder to continue; takes no other option but --json and --quiet."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print the summary as JSON."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Show no progress."""

    def run(self) -> int:
        """Distil, or continue."""
        folder = self._resumed() if self.resume is not None else self._created()
        from agents.runs.run import execute

        return finish("distill", folder, partial(execute, quiet=self.quiet), _print_summary, as_json=self.json)

    def _resumed(self) -> RunFolder:
        assert self.resume is not None
        refuse_other_options(self)
        folder = RunFolder(self.resume)
        with checking_call():
            config = folder.read_config()
            if folder.is_finished:
                folder.read_summary()
            else:
                from agents.runs.run import check_run

                import_tensorflow_quietly()
                check_run(config)
        return folder

    def _created(self) -> RunFolder:
        from agents.runs.run import check_run

        with checking_call():
            config = self._config()
            path = self.out or default_path(config)
            check_new(path)
            import_tensorflow_quietly()
            check_run(config)
            return create_folder(path, config)

    def _config(self) -> RunConfig:
        from mps_env.evaluation.config import AuditConfig

        return RunConfig(
            env=with_absolute_paths(self.env),
            agent=with_absolute_file(self.agent),
            agent_kwargs=self.agent_kwargs,
            method=self.method,
            method_kwargs=self.method_kwargs,
            steps=self.steps,
            iterations=self.iterations,
            budget_s=None if self.budget is None else parse_duration(self.budget),
            episode_steps=self.episode_steps,
            rehearsal=self.rehearsal,
            seed=self.seed,
            audit=AuditConfig(
                network=self.network,
                network_kwargs=dict(self.network_kwargs or {}),
                seeds=self.audit_seeds,
                steps=self.audit_steps,
                eval_points=self.audit_points,
                augment=self.audit_augment,
            ),
        )


def _print_summary(folder: RunFolder, summary: dict[str, Any]) -> None:
    rows = [
        {
            "set": "distilled",
            "test accuracy": audited(
                summary["test_accuracy_mean"], summary["test_accuracy_std"], summary["audit_seeds"]
            ),
        },
        {"set": "initial", "test accuracy": percent(summary["baseline_initial_test_accuracy"])},
        {"set": "random", "test accuracy": percent(summary["baseline_random_test_accuracy"])},
    ]
    by_agent = folder.read_config().method is None
    work = f"{summary['env_steps']} steps" if by_agent else f"{summary['iterations']} iterations"
    title = (
        f"{summary['method']} on {summary['dataset']}, {summary['n_images']} images:"
        f" {work}, {summary['proxy_trainings']} proxy trainings, {summary['seconds']:.0f} s;"
        f" audit {summary['network']}, {summary['audit_seeds']} seeds, {summary['audit_seconds']:.0f} s"
    )
    print_table(title, rows)
    if said := remark(summary):
        print(said)
    pictures = [str(picture) for picture in (folder.contact_sheet, folder.progress) if picture.exists()]
    print(f"Look at {' and '.join(pictures)}; the set is {folder.synthetic_set}.")
