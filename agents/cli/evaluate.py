"""`mps evaluate`: the audit of a saved set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from agents.cli.quiet import import_tensorflow_quietly
from agents.cli.reporting import WrongCallError, checking_call
from agents.cli.tables import audited, print_json, print_table
from agents.folders import check_new_file
from agents.runs.display import Progress, progress
from mps_env.atomic import atomic_write_text
from mps_env.evaluation import AuditConfig, AuditResult, SeedResult, audit, check_auditable
from mps_env.set_file import load_set
from mps_env.synthetic_set import SyntheticSet


@dataclass(kw_only=True)
class Evaluate:
    """Train networks on a synthetic set from scratch and measure them on the test split.

    Examples:

      mps evaluate runs/digits-ipc10-dqn-seed0/synthetic.npz
      mps evaluate SET.npz --networks mps_cnn convnet mlp --seeds 5
      mps evaluate SET.npz --networks resnet50 densenet121 --network-kwargs size 64 --steps 200 --seeds 1
      mps evaluate SET.npz --dataset digits        a set of another data set, audited on digits
    """

    set_file: tyro.conf.Positional[Path]
    """The synthetic.npz."""
    networks: tuple[str, ...] = ("mps_cnn",)
    """What to train."""
    network_kwargs: Mapping[str, Any] | None = None
    """Arguments of the networks, the same for each, as NAME VALUE pairs: size 64, size native, width 0.5."""
    seeds: int = 5
    """Trainings from scratch a network."""
    steps: int = 1000
    """Optimiser steps of each."""
    learning_rate: float = AuditConfig.learning_rate
    """Of Adam, falling to 0; vgg11_full wants 2e-4."""
    augment: str = "auto"
    """Of its images: none, slight, light, light_flip; auto is light, mirrored where that is safe."""
    dataset: str | None = None
    """Whose test split (default: the set's own)."""
    data_dir: str | None = None
    """Where the data files are."""
    seed: int = 0
    """Of weights, batches and augmentation."""
    out: Path | None = None
    """The result (default: evaluation.json beside the set)."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print the result as JSON."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Show no progress."""

    def run(self) -> int:
        """Audit with every network and write the result."""
        with checking_call():
            if not self.networks:
                raise ValueError("networks must name at least one network, got none. Use --networks mps_cnn.")
            if self.seed < 0:
                raise ValueError(f"seed must be >= 0, got {self.seed}. Use --seed 0.")
            synthetic_set = load_set(self.set_file)
            dataset = self._dataset(synthetic_set)
            import_tensorflow_quietly()
            configs = {name: self._config(name, synthetic_set) for name in self.networks}
            folder = self.set_file if self.set_file.is_dir() else self.set_file.parent
            out = self.out or folder / "evaluation.json"
            check_new_file(out)
            check_auditable(synthetic_set, dataset, data_dir=self.data_dir)
            n_images = int(synthetic_set.meta.get("slots", len(synthetic_set)))
        results = self._audit(synthetic_set, dataset, configs)
        values = {
            "set": str(self.set_file),
            "dataset": dataset,
            "made_for": synthetic_set.meta.get("dataset"),
            "n_images": n_images,
            "networks": {name: result.to_json() for name, result in results.items()},
        }
        atomic_write_text(out, json.dumps(values, indent=2) + "\n")
        if self.json:
            print_json(values)
        else:
            rows = [
                {"network": name, "test accuracy": audited(r.mean, r.std, self.seeds)} for name, r in results.items()
            ]
            print_table(f"{self.set_file} audited on {dataset}, {self.seeds} seeds", rows)
            print(f"Written to {out}.")
        return 0

    def _dataset(self, synthetic_set: SyntheticSet) -> str:
        dataset = self.dataset or synthetic_set.meta.get("dataset")
        if dataset is None:
            raise WrongCallError(f"{self.set_file} does not say what data set it is of. Name one with --dataset.")
        return str(dataset)

    def _config(self, network: str, synthetic_set: SyntheticSet) -> AuditConfig:
        from mps_env.networks import build_network

        config = AuditConfig(
            network=network,
            network_kwargs=dict(self.network_kwargs or {}),
            seeds=self.seeds,
            steps=self.steps,
            learning_rate=self.learning_rate,
            augment=self.augment,
        )
        build_network(network, synthetic_set.image_shape, synthetic_set.num_classes, config.network_kwargs)
        return config

    def _audit(
        self, synthetic_set: SyntheticSet, dataset: str, configs: dict[str, AuditConfig]
    ) -> dict[str, AuditResult]:
        results = {}
        with progress("audit", self.seeds * len(configs), "training", quiet=self.quiet) as shown:
            for name, config in configs.items():
                results[name] = audit(
                    synthetic_set,
                    dataset,
                    data_dir=self.data_dir,
                    config=config,
                    seed=self.seed,
                    on_seed=_note(shown, name),
                )
        return results


def _note(shown: Progress, network: str) -> Callable[[SeedResult], None]:
    return lambda one: shown.advance(f"{network}: {one.accuracy:.1%}")
