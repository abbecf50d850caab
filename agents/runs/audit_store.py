"""Finished trainings of audits, shared by runs: where several audit one set by one recipe, it is trained once.

All runs on one data set, size and seed have the same two baselines, the random set and the initial one. A benchmark
of ten agents would train them ten times.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agents.folders import held
from agents.runs.versions import versions
from mps_env.atomic import atomic_write_text
from mps_env.evaluation import AuditConfig, SeedResult
from mps_env.threads import cores


@dataclass(frozen=True)
class AuditStore:
    """A folder of trainings, one file each, which several processes may use at once.

    Args:
        path: The folder; made when missing.
    """

    path: Path

    @contextmanager
    def opened(
        self, content: bytes, dataset: str, data_dir: str | None, config: AuditConfig, seed: int
    ) -> Iterator[KeptTrainings]:
        """Give access to the trainings of one audit; who else wants them waits until this one is done.

        A process holds one audit at a time, so that none can wait for another in a circle.

        Args:
            content: The fingerprint of the set.
            dataset: Whose test split.
            data_dir: Where the data lies.
            config: The recipe; how many seeds it asks for plays no part.
            seed: Of the audit.
        """
        recipe = {**vars(config), "network_kwargs": dict(config.network_kwargs), "seeds": None}
        # On another number of cores, or with other versions, a training has other last bits.
        key = json.dumps([content.hex(), dataset, data_dir, recipe, seed, cores(), versions()], sort_keys=True)
        folder = self.path / hashlib.sha256(key.encode()).hexdigest()[:24]
        folder.mkdir(parents=True, exist_ok=True)
        with held(folder / "lock"):
            yield KeptTrainings(folder)


@dataclass(frozen=True)
class KeptTrainings:
    """The finished trainings of one audit.

    Args:
        folder: One JSON file per training.
    """

    folder: Path

    def read(self) -> list[SeedResult]:
        """Return what is there; a file that cannot be used is a training to be done again."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                found.append(SeedResult.from_json(json.loads(path.read_text())))
        return found

    def keep(self, result: SeedResult) -> None:
        """Write a training down; its file appears whole or not at all."""
        atomic_write_text(self.folder / f"{result.seed}.json", json.dumps(result.to_json()) + "\n")
