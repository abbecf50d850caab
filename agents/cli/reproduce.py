"""`mps reproduce`: one system of the MPS family, beside the figure it is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import tyro

from agents.cli.options import refuse_other_options, with_absolute_paths
from agents.cli.quiet import import_tensorflow_quietly
from agents.cli.reporting import WrongCallError, checking_call, remark
from agents.cli.resuming import finish
from agents.cli.tables import audited, percent, print_table
from agents.folders import check_new
from agents.recipes.catalogue import RECIPES
from agents.recipes.config import ReproduceConfig
from agents.recipes.folder import RecipeFolder, create_recipe_folder, default_path
from agents.runs.durations import parse_duration
from mps_env.config import EnvConfig


@dataclass(kw_only=True)
class Reproduce:
    """Do one system of the MPS family, and set the figure it reports beside ours, random images' and a random policy's.

    Examples:

      mps reproduce mps1 --quick                              a small form on digits, in a minute or two
      mps reproduce mps1                                      437 images from a subset of 1,000 of MNIST
      mps reproduce mps1 --dataset mnist --budget 20m         the same from the whole training split
      mps reproduce mps2 --dataset cifar10 --ipc 10 --budget 20m
      mps reproduce mps2 --ipc 1 --factor 2                   ten images, each of them four small ones
      mps reproduce mps_5o --quick
      mps reproduce --resume runs/mps1-seed0
    """

    recipe: Annotated[
        tyro.conf.Positional[str],
        tyro.conf.arg(metavar="RECIPE", help=f"{RECIPES.listing()}; left out with --resume."),
    ] = ""
    quick: tyro.conf.FlagCreatePairsOff[bool] = False
    """The small form, on digits."""
    dataset: str | None = None
    """Name or path (default: the recipe's)."""
    data_dir: str | None = None
    """Where the data files are (default: MPS_DATA_DIR, then the Keras cache)."""
    ipc: int | None = None
    """Images per class (default: the recipe's)."""
    n_images: int | None = None
    """Images in all, instead of --ipc (default: the recipe's)."""
    factor: int | None = None
    """2 keeps images at half their resolution, four in the pixels of one (default: the recipe's)."""
    budget: str | None = None
    """Time for the distillation, studies and audits apart: 90s, 20m, 1h (default: the recipe's limit)."""
    seed: int = 0
    """Of everything random."""
    network: str | None = None
    """What the audit trains (default: the recipe's)."""
    network_kwargs: Mapping[str, Any] | None = None
    """Its own arguments, as NAME VALUE pairs: size 64, width 0.5."""
    audit_seeds: int | None = None
    """Trainings from scratch in the audit (default: the recipe's)."""
    audit_steps: int | None = None
    """Optimiser steps of each (default: the recipe's)."""
    audit_points: int | None = None
    """Measurements of each in audit.csv, evenly spaced (default: the recipe's, 10)."""
    audit_augment: str | None = None
    """Of the images it trains on: auto, none, slight, light, light_flip (default: the recipe's)."""
    out: Path | None = None
    """The folder (default: a new one in runs/)."""
    resume: Path | None = None
    """A reproduction's folder to continue; takes no other option but --json and --quiet."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print the summary as JSON."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Show no progress."""

    def run(self) -> int:
        """Reproduce, or continue."""
        folder = self._resumed(self.resume) if self.resume is not None else self._created()
        from agents.recipes.reproduce import reproduce

        return finish("reproduce", folder, partial(reproduce, quiet=self.quiet), _print_summary, as_json=self.json)

    def _resumed(self, path: Path) -> RecipeFolder:
        refuse_other_options(self)
        folder = RecipeFolder(path)
        with checking_call():
            config = folder.read_config()
            if not folder.is_finished:
                folder.check()
                self._check(config)
        return folder

    def _created(self) -> RecipeFolder:
        with checking_call():
            config = self._config()
            path = self.out or default_path(config)
            check_new(path)
            self._check(config)
            return create_recipe_folder(path, config)

    def _config(self) -> ReproduceConfig:
        if not self.recipe:
            raise WrongCallError(f"reproduce needs a recipe, e.g. mps reproduce mps1. Known: {RECIPES.listing()}.")
        given = EnvConfig(dataset=self.dataset or EnvConfig.dataset, data_dir=self.data_dir)
        env = with_absolute_paths(given)
        return ReproduceConfig(
            recipe=self.recipe,
            quick=self.quick,
            dataset=None if self.dataset is None else env.dataset,
            data_dir=env.data_dir,
            ipc=self.ipc,
            n_images=self.n_images,
            factor=self.factor,
            budget_s=None if self.budget is None else parse_duration(self.budget),
            seed=self.seed,
            network=self.network,
            network_kwargs=self.network_kwargs,
            audit_seeds=self.audit_seeds,
            audit_steps=self.audit_steps,
            audit_points=self.audit_points,
            audit_augment=self.audit_augment,
        )

    @staticmethod
    def _check(config: ReproduceConfig) -> None:
        from agents.recipes.reproduce import check_reproduction

        import_tensorflow_quietly()
        check_reproduction(config)


def _print_summary(folder: RecipeFolder, summary: dict[str, Any]) -> None:
    seeds = summary["audit_seeds"]
    rows = [_row("random images", percent(summary["baseline_random_test_accuracy"]))]
    if summary["reported"] is not None:
        rows.insert(0, _row("as reported", percent(summary["reported"])))
    remarks = {"": remark(summary)}
    for name, label in (("start", "initial set"), ("random_policy", "the same by a random policy")):
        if summary[name] is not None:
            label = f"{label}, {summary[name]['method']}" if name == "start" else label
            rows.append(_row_of(label, summary[name], seeds))
            remarks |= {f"{label}: ": remark(summary[name])}
    rows.append(_row_of(f"{summary['recipe']}, {summary['method']}", summary, seeds))
    for name, found in summary["further_audits"].items():
        rows.append(_row(f"the same, {name}", audited(found["mean"], found["std"], seeds)))
    print_table(
        f"{summary['recipe']}, {RECIPES.get(summary['recipe']).title}: {summary['dataset']}, {summary['n_images']}"
        f" images, audit {summary['network']}, {seeds} seeds",
        rows,
    )
    for label, sentence in remarks.items():
        if sentence is not None:
            print(f"{label}{sentence}")
    print(f"Look at {folder.run.contact_sheet} and {folder.run.progress}; the set is {folder.run.synthetic_set}.")


def _row_of(name: str, figures: Mapping[str, Any], seeds: int) -> dict[str, str]:
    accuracy = audited(figures["test_accuracy_mean"], figures["test_accuracy_std"], seeds)
    return _row(name, accuracy, f"{figures['seconds']:.0f}")


def _row(name: str, accuracy: str, seconds: str = "") -> dict[str, str]:
    return {"": name, "test accuracy": accuracy, "seconds": seconds}
