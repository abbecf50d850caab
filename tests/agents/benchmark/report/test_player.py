import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from agents.benchmark.report.player import best_episode, payload
from agents.runs.trajectory import Trajectory

# Four slots of one pixel, of classes 1, 0, 1, 0.
INITIAL = np.array([10, 20, 30, 40], np.uint8).reshape(4, 1, 1, 1)
CLASSES = np.array([1, 0, 1, 0])
EDIT_NAMES = np.array(["keep", "undo", "noise", "relabel"])
KEEP, UNDO, NOISE, RELABEL = range(4)


def trajectory(steps, *, starts=(0,), accepted=None, accuracies=None, kept=None):
    """Make one of (slot, edit, pixel after) steps."""
    slots, edits, pixels = zip(*steps, strict=True)
    count = len(steps)
    return Trajectory(
        actions=np.array(edits),
        rewards=np.zeros(count),
        resets=np.isin(np.arange(count), starts).astype(np.int64),
        val_accuracy=np.array(accuracies or np.linspace(0.5, 0.6, count), np.float32),
        slots=np.array(slots),
        edits=np.array(edits),
        edit_names=EDIT_NAMES,
        accepted=np.array(accepted or [True] * count),
        images=np.array(pixels, np.uint8).reshape(-1, 1, 1, 1)[:kept],
        initial_images=INITIAL,
        initial_classes=CLASSES,
    )


def states(episode):
    """Return the pixels of the set after each step."""
    state, seen = episode.initial.ravel().tolist(), []
    for slot, image in zip(episode.slots, episode.images.ravel(), strict=True):
        state[slot] = int(image)
        seen.append(list(state))
    return seen


def test_the_episode_with_the_highest_accuracy_is_shown():
    steps = [(0, NOISE, 11), (1, NOISE, 21), (2, NOISE, 31), (3, NOISE, 41), (0, NOISE, 12)]
    episode = best_episode(trajectory(steps, starts=(0, 2, 4), accuracies=[0.5, 0.6, 0.7, 0.9, 0.8]))
    assert (episode.first_step, episode.length) == (2, 2)
    assert states(episode) == [[10, 20, 31, 40], [10, 20, 31, 41]]


def test_steps_whose_images_were_not_kept_are_left_out():
    steps = [(0, NOISE, 11), (1, NOISE, 21), (2, NOISE, 31)]
    episode = best_episode(trajectory(steps, accuracies=[0.5, 0.6, 0.9], kept=2))
    assert len(episode.slots) == 2
    assert episode.length == 3


def test_a_run_without_images_shows_nothing():
    assert best_episode(trajectory([(0, NOISE, 11)], kept=0)) is None


def test_undo_is_shown_on_the_slot_that_it_restores():
    # The environment applies undo under the cursor, at slot 3, whose image stays.
    episode = best_episode(trajectory([(1, NOISE, 25), (3, UNDO, 40)]))
    assert episode.slots.tolist() == [1, 1]
    assert states(episode)[-1] == INITIAL.ravel().tolist()


def test_undo_passes_over_a_keep():
    episode = best_episode(trajectory([(1, NOISE, 25), (2, KEEP, 30), (3, UNDO, 40)]))
    assert states(episode)[-1] == INITIAL.ravel().tolist()


def test_undo_of_a_relabelling_changes_no_image():
    episode = best_episode(trajectory([(1, NOISE, 25), (2, RELABEL, 30), (3, UNDO, 40)]))
    assert states(episode)[-1] == [10, 25, 30, 40]


def test_a_second_undo_has_nothing_to_restore():
    episode = best_episode(trajectory([(0, NOISE, 11), (1, NOISE, 21), (2, UNDO, 30), (3, UNDO, 40)]))
    assert states(episode)[-1] == [11, 20, 30, 40]


def test_an_undo_that_was_taken_back_restores_nothing():
    episode = best_episode(trajectory([(1, NOISE, 25), (3, UNDO, 40)], accepted=[True, False]))
    assert states(episode)[-1] == [10, 25, 30, 40]


def test_the_sheet_holds_each_image_once_and_the_numbers_point_at_it():
    episode = best_episode(trajectory([(0, NOISE, 20), (1, NOISE, 99), (0, NOISE, 10)]))
    data = payload(episode, CLASSES, most_bytes=10_000)
    sheet = np.array(Image.open(io.BytesIO(base64.b64decode(data["sheet"].partition(",")[2]))))
    pixels = sheet.ravel()  # images of one pixel, row by row
    assert sorted(set(pixels.tolist())) == sorted({10, 20, 30, 40, 99, *({0, 112} & set(pixels.tolist()))})
    assert pixels[data["initial"]].tolist() == [10, 20, 30, 40]
    assert pixels[data["images"]].tolist() == [20, 99, 10]


def test_the_picture_has_the_slots_in_the_order_of_their_classes():
    data = payload(best_episode(trajectory([(0, NOISE, 11)])), CLASSES, most_bytes=10_000)
    assert data["cells"] == [2, 0, 3, 1]


@pytest.mark.parametrize("channels", [1, 3])
def test_an_episode_too_large_for_the_page_is_cut(channels):
    rng = np.random.default_rng(0)
    steps = [(step % 4, NOISE, 0) for step in range(60)]
    given = replace(
        trajectory(steps),
        images=rng.integers(0, 256, (60, 16, 16, channels), dtype=np.uint8),
        initial_images=rng.integers(0, 256, (4, 16, 16, channels), dtype=np.uint8),
    )
    episode = best_episode(given)
    bare, whole, cut = (
        payload(shown, CLASSES, most_bytes=room)
        for shown, room in ((episode.first(0), 10**6), (episode, 10**6), (episode, 8_000))
    )
    assert len(whole["slots"]) == 60
    assert 10 <= len(cut["slots"]) < 60
    assert (len(cut["sheet"]) - len(bare["sheet"])) * 3 / 4 <= 8_000
    assert cut["length"] == 60
