"""What the player needs: an episode of a run as a sheet of its distinct images and a list of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.benchmark.report.mosaics import columns_by_class, data_address, encode, lay_out
from agents.runs.trajectory import Trajectory
from mps_env.pictures import near_square_columns

_FEWEST_STEPS = 10
_LABEL_EDITS = ("relabel",)  # which change a set, but not the picture


@dataclass(frozen=True, eq=False)
class Episode:
    """Steps that follow one another from the initial set on.

    Args:
        initial: (N, H, W, C) uint8.
        slots: (S,) the slot whose image the step changed, or would have.
        images: (S, H, W, C) uint8, that slot's image after the step.
        edits: (S,) names.
        accuracies: (S,) validation accuracy after the step.
        accepted: (S,) whether the edit stood.
        first_step: Steps that the run had made before.
        length: Steps of the whole episode, of which the first S are here.
    """

    initial: np.ndarray
    slots: np.ndarray
    images: np.ndarray
    edits: np.ndarray
    accuracies: np.ndarray
    accepted: np.ndarray
    first_step: int
    length: int

    def first(self, steps: int) -> Episode:
        """Return the episode's first steps."""
        cut = {name: getattr(self, name)[:steps] for name in ("slots", "images", "edits", "accuracies", "accepted")}
        return Episode(initial=self.initial, first_step=self.first_step, length=self.length, **cut)


def best_episode(trajectory: Trajectory) -> Episode | None:
    """Return the episode with the highest accuracy among those whose images were kept; None where none were.

    An `undo` is shown where it works: on the slot that the last edit had changed.
    """
    kept = len(trajectory.images)
    if not kept:
        return None
    begins = np.unique([0, *np.flatnonzero(trajectory.starts)])
    ends = np.append(begins[1:], len(trajectory.starts))
    best = int(np.argmax(trajectory.val_accuracy[:kept]))
    place = int(np.searchsorted(begins, best, side="right")) - 1
    begin, end = int(begins[place]), int(ends[place])
    shown = slice(begin, min(end, kept))
    edits = trajectory.edit_names[trajectory.edits[shown]]
    slots, images = _where_undo_works(
        trajectory.initial_images,
        trajectory.slots[shown],
        trajectory.images[shown],
        edits,
        trajectory.accepted[shown],
    )
    return Episode(
        initial=trajectory.initial_images,
        slots=slots,
        images=images,
        edits=edits,
        accuracies=trajectory.val_accuracy[shown],
        accepted=trajectory.accepted[shown],
        first_step=begin,
        length=end - begin,
    )


def _where_undo_works(
    initial: np.ndarray, slots: np.ndarray, images: np.ndarray, edits: np.ndarray, accepted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return slots and images with those of each `undo` replaced by the slot that it restores, and its image."""
    state, slots, images = initial.copy(), slots.copy(), images.copy()
    last: tuple[int, np.ndarray] | None = None  # the slot of the last edit, and its image before
    for step, (edit, stood) in enumerate(zip(edits, accepted, strict=True)):
        if edit == "undo":
            if stood and last is not None:
                slots[step], images[step] = last
                last = None
        elif stood and (edit in _LABEL_EDITS or not np.array_equal(state[slots[step]], images[step])):
            last = int(slots[step]), state[slots[step]].copy()
        state[slots[step]] = images[step]
    return slots, images


def payload(episode: Episode, classes: np.ndarray, *, most_bytes: int) -> dict[str, Any]:
    """Return an episode as JSON for the page's script, cut where its images would take too much room.

    Args:
        episode: What to show.
        classes: (N,) of the initial set; the picture has them in order.
        most_bytes: Of the sheet of images, without those of the initial set, which cannot be left out.
    """
    sheet, indices = _sheet(episode)
    initial_bytes = len(_sheet(episode.first(0))[0])
    while (taken := len(sheet) - initial_bytes) > most_bytes and len(episode.slots) > _FEWEST_STEPS:
        episode = episode.first(max(_FEWEST_STEPS, int(len(episode.slots) * min(0.9, most_bytes / taken))))
        sheet, indices = _sheet(episode)
    count, height, width, _ = episode.initial.shape
    order = np.argsort(classes, kind="stable")
    names, edits = np.unique(episode.edits, return_inverse=True)
    return {
        "sheet": data_address(sheet),
        "sheet_columns": near_square_columns(int(indices.max()) + 1),
        "width": width,
        "height": height,
        "columns": columns_by_class(classes),
        "cells": np.argsort(order).tolist(),  # by slot: where the picture has it
        "classes": classes.tolist(),
        "initial": indices[:count].tolist(),
        "images": indices[count:].tolist(),
        "slots": episode.slots.tolist(),
        "edit_names": names.tolist(),
        "edits": edits.tolist(),
        "accuracies": [round(float(accuracy), 4) for accuracy in episode.accuracies],
        "accepted": episode.accepted.astype(int).tolist(),
        "first_step": episode.first_step,
        "length": episode.length,
    }


def _sheet(episode: Episode) -> tuple[bytes, np.ndarray]:
    """Return a picture of the distinct images, and where it has each image: the initial ones', then the steps'."""
    images = np.concatenate([episode.initial, episode.images])
    distinct, first, inverse = np.unique(
        images.reshape(len(images), -1), axis=0, return_index=True, return_inverse=True
    )
    order = np.argsort(first)  # as they appear: neighbours look alike, which packs better
    shown = distinct[order].reshape(-1, *images.shape[1:])
    return encode(lay_out(shown, near_square_columns(len(shown)))), np.argsort(order)[inverse.ravel()]
