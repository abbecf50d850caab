"""The audits of a run: its result, the set it began from and a random one, each finished training kept on disk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from agents.runs.audit_store import AuditStore, KeptTrainings
from mps_env.atomic import atomic_write_text
from mps_env.evaluation import AuditConfig, AuditResult, SeedResult, audit
from mps_env.synthetic_set import SyntheticSet


def audit_sets(
    sets: Mapping[str, SyntheticSet],
    *,
    dataset: str,
    data_dir: str | None,
    config: AuditConfig,
    seed: int,
    checkpoint: Path,
    store: AuditStore | None = None,
    on_training: Callable[[str, SeedResult], None] = lambda name, result: None,
) -> dict[str, AuditResult]:
    """Audit several sets with one recipe; sets of equal content are audited once.

    Args:
        sets: What to audit, by name.
        dataset: Whose test split.
        data_dir: Where the data lies.
        config: The recipe.
        seed: Of the audit.
        checkpoint: A JSON-lines file of finished trainings, continued where it exists.
        store: Trainings that several runs share; None for a run that stands alone.
        on_training: Told of every training as it ends.

    Returns:
        One result a name.
    """
    finished = _read_finished(checkpoint)
    results: dict[str, AuditResult] = {}
    by_content: dict[bytes, str] = {}
    with checkpoint.open("a") as file:

        def keeper(content: bytes, name: str, shared: KeptTrainings | None) -> Callable[[SeedResult], None]:
            def keep(result: SeedResult) -> None:
                file.write(json.dumps({"set": content.hex(), **result.to_json()}) + "\n")
                file.flush()
                if shared is not None:
                    shared.keep(result)
                on_training(name, result)

            return keep

        for name, synthetic_set in sets.items():
            content = synthetic_set.fingerprint
            if content in by_content:
                results[name] = results[by_content[content]]
                continue
            by_content[content] = name
            with ExitStack() as stack:
                shared = None
                if store is not None:
                    shared = stack.enter_context(store.opened(content, dataset, data_dir, config, seed))
                results[name] = audit(
                    synthetic_set,
                    dataset,
                    data_dir=data_dir,
                    config=config,
                    seed=seed,
                    finished=[*(shared.read() if shared else ()), *finished.get(content.hex(), [])],
                    on_seed=keeper(content, name, shared),
                )
    return results


def write_curves(path: Path, results: Mapping[str, AuditResult]) -> None:
    """Write `audit.csv`: the loss and accuracy of every training at its measured points.

    Nothing chooses by its test figures.
    """
    text = io.StringIO()
    columns = list(next(iter(results.values())).rows[0])
    writer = csv.DictWriter(text, ["set", *columns], lineterminator="\n")
    writer.writeheader()
    for name, result in results.items():
        writer.writerows({"set": name, **row} for row in result.rows)
    atomic_write_text(path, text.getvalue())


def _read_finished(checkpoint: Path) -> dict[str, list[SeedResult]]:
    """Read finished trainings by set; a line that a kill cut short is dropped from the file."""
    finished: dict[str, list[SeedResult]] = {}
    if not checkpoint.exists():
        return finished
    text = checkpoint.read_text(errors="replace")
    whole = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
    atomic_write_text(checkpoint, "".join(whole))
    for line in whole:
        # A line that cannot be used is a training to be done again.
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            values = json.loads(line)
            finished.setdefault(values.pop("set"), []).append(SeedResult.from_json(values))
    return finished
