"""Contact sheets for the page: sets ordered by class, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.benchmark.report.best_runs import best_run, best_run_of, trajectory_path
from agents.benchmark.report.mosaics import columns_by_class, data_address, encode, lay_out
from agents.benchmark.report.results import Results, Run, Task
from agents.runs.trajectory import load_trajectory
from mps_env.set_file import load_set
from mps_env.synthetic_set import SyntheticSet, one_hot

_MOST_PER_CLASS = 10
_MOST_PIXELS = 400_000  # of a sheet, beyond which it shows fewer images
_SMALL = 24  # pixels: smaller images are enlarged, so that the lines between them stay thin


@dataclass(frozen=True, eq=False)
class Sheet:
    """A set to look at.

    Args:
        title: What it is.
        run: Whose; None for the set it began with.
        shown: The set.
        class_names: K names.
        picture: A data: address.
        rows: What each row of the picture shows; empty where a row is not one class.
        per_class: Images of a class that the picture shows.
    """

    title: str
    run: Run | None
    shown: SyntheticSet
    class_names: list[str]
    picture: str
    rows: list[str]
    per_class: int


def contact_sheets(results: Results, task: Task, reference: str | None) -> list[Sheet]:
    """Return the sheets of a task: what its best agent's run began with and made of it, and the best of all others.

    The reference's set is there, too. Which set is best is chosen by validation accuracy.
    """
    agent = best_run(results, task, with_trajectory=True)
    runs = [agent, best_run(results, task), best_run_of(results, task, reference)]
    distinct = list(dict.fromkeys(run for run in runs if run is not None))
    sheets = [_sheet(run.entrant, run, load_set(results.run_folder(run).synthetic_set)) for run in distinct]
    if agent is None:
        return sheets
    names = sheets[0].class_names
    trajectory = load_trajectory(trajectory_path(results, agent))
    before = SyntheticSet(
        trajectory.initial_images.astype(np.float32) / 255,
        one_hot(trajectory.initial_classes, len(names)),
        meta={"class_names": names},
    )
    return [_sheet("before", None, before), *sheets]


def _sheet(title: str, run: Run | None, shown: SyntheticSet) -> Sheet:
    names = [str(name) for name in shown.meta.get("class_names") or range(shown.num_classes)]
    height, width, _ = shown.image_shape
    largest = int(np.bincount(shown.classes).max())
    per_class = max(1, min(_MOST_PER_CLASS, largest, _MOST_PIXELS // (height * width * len(names))))
    order = np.concatenate([np.flatnonzero(shown.classes == own)[:per_class] for own in range(len(names))])
    classes = shown.classes[order]
    columns = columns_by_class(classes)
    images = np.rint(255 * shown.images[order]).astype(np.uint8)
    picture = lay_out(images, columns, line=1, enlarged=max(1, _SMALL // height))
    has_class_rows = columns == per_class and len(order) == per_class * len(names)
    return Sheet(title, run, shown, names, data_address(encode(picture)), names if has_class_rows else [], per_class)
