"""`mps datasets`: what can be loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import tyro

from agents.cli.reporting import checking_call
from agents.cli.tables import print_json, print_table
from agents.folders import check_new_file
from mps_env.atomic import atomic_write_text

_COLUMNS = {
    "name": "name",
    "there": "is_available",
    "train": "n_train",
    "test": "n_test",
    "image": "image_shape",
    "classes": "num_classes",
    "from": "where",
}


@dataclass(kw_only=True)
class Datasets:
    """List the data sets that can be loaded, from where, and what is missing.

    Examples:

      mps datasets
      mps datasets --data-dir DATA --json
    """

    data_dir: str | None = None
    """Where the data files are (default: MPS_DATA_DIR)."""
    out: Path | None = None
    """Write the list as JSON to this file, too."""
    seed: int = 0
    """Nothing here is random; taken so that every command takes it."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print JSON."""

    def run(self) -> int:
        """Print the list."""
        import json

        from mps_env.data import dataset_status

        with checking_call():
            found = [asdict(status) for status in dataset_status(self.data_dir)]
            if self.out is not None:
                check_new_file(self.out)
                atomic_write_text(self.out, json.dumps(found, indent=2) + "\n")
        if self.json:
            print_json(found)
        else:
            print_table(
                "Data sets by name; a path to an .npz or a folder of class folders works, too",
                [{heading: _cell(status[key]) for heading, key in _COLUMNS.items()} for status in found],
            )
            for status in found:
                if status["note"]:
                    print(f"{status['name']}: {status['note']}")
        return 0


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "x".join(str(part) for part in value) if isinstance(value, tuple | list) else str(value)
