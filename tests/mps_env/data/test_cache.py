"""The cache: built once, mapped afterwards, rebuilt when damaged or outdated, and never in the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mps_env.data import cache
from mps_env.data import npz as npz_module
from mps_env.data.cache import cached_arrays

IMAGES = np.arange(2_000_000, dtype=np.uint8).reshape(20, 100, 1000)
LABELS = np.arange(20)


class Builder:
    """Counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.calls += 1
        return {"x": IMAGES, "y": LABELS}


@pytest.fixture
def builder() -> Builder:
    return Builder()


@pytest.fixture
def get(tmp_path: Path, builder: Builder) -> Callable[..., dict[str, np.ndarray]]:
    def get(version: str = "1", origin: str = "/data/own.npz") -> dict[str, np.ndarray]:
        return cached_arrays(origin, version, builder, folder=tmp_path / "entries")

    return get


def test_second_call_builds_nothing(get: Callable, builder: Builder) -> None:
    first, second = get(), get()
    assert builder.calls == 1
    for arrays in (first, second):
        np.testing.assert_array_equal(arrays["x"], IMAGES)
        np.testing.assert_array_equal(arrays["y"], LABELS)


def test_arrays_are_mapped_and_read_only(get: Callable) -> None:
    arrays = get()
    assert isinstance(arrays["x"].base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        arrays["x"][0] = 0


def test_new_version_replaces_the_old_entry(get: Callable, builder: Builder, tmp_path: Path) -> None:
    get("1")
    get("2")
    assert builder.calls == 2
    assert len(list((tmp_path / "entries").iterdir())) == 1


def test_other_origin_of_the_same_name_has_its_own_entry(get: Callable, tmp_path: Path) -> None:
    get(origin="/a/own.npz")
    get(origin="/b/own.npz")
    assert len(list((tmp_path / "entries").iterdir())) == 2


def _truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("x.npy", _truncate),
        ("x.npy", Path.unlink),
        ("y.npy", _flip),
        ("index.json", _truncate),
        ("index.json", Path.unlink),
        ("index.json", lambda file: file.write_text("[]")),
        ("index.json", lambda file: file.write_text('{"x": 1}')),
    ],
)
def test_damaged_entry_is_rebuilt(get: Callable, builder: Builder, tmp_path: Path, name: str, damage: Callable) -> None:
    get()
    (entry,) = (tmp_path / "entries").iterdir()
    damage(entry / name)
    np.testing.assert_array_equal(get()["x"], IMAGES)
    assert builder.calls == 2
    get()
    assert builder.calls == 2


def test_folder_that_cannot_be_written_is_done_without(builder: Builder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    arrays = cached_arrays("/a.npz", "1", builder, folder=tmp_path / "file" / "entries")
    assert arrays["x"] is IMAGES


def test_full_disk_is_done_without_and_leaves_nothing(
    get: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "save", full)
    assert get()["x"] is IMAGES
    assert list((tmp_path / "entries").iterdir()) == []


def test_entry_written_meanwhile_by_another_process_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "entries"
    slow, fast = Builder(), Builder()

    def build_slowly() -> dict[str, np.ndarray]:
        cached_arrays("/a.npz", "1", fast, folder=folder)
        return slow()

    np.testing.assert_array_equal(cached_arrays("/a.npz", "1", build_slowly, folder=folder)["x"], IMAGES)
    assert len(list(folder.iterdir())) == 1


def test_partial_entries_of_killed_processes_are_cleared_after_a_day(get: Callable, tmp_path: Path) -> None:
    old, recent = tmp_path / "entries" / ".partial-old", tmp_path / "entries" / ".partial-recent"
    for partial in (old, recent):
        partial.mkdir(parents=True)
    os.utime(old, (0, 0))
    get()
    assert not old.exists()
    assert recent.exists()


def test_large_npz_is_unpacked_once(npz_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npz_module.npz_source(npz_path)
    monkeypatch.setattr(npz_module, "_read_arrays", lambda path: pytest.fail("unpacked again"))
    images, labels = npz_module.npz_source(npz_path).train()
    assert images.shape == (10, 4, 3, 1)
    np.testing.assert_array_equal(labels, [0, 1] * 5)


def test_changed_npz_is_unpacked_again(npz_path: Path, arrays: dict[str, np.ndarray]) -> None:
    npz_module.npz_source(npz_path)
    np.savez(npz_path, **{**arrays, "y_train": np.array([1, 0] * 5)})
    np.testing.assert_array_equal(npz_module.npz_source(npz_path).train()[1], [1, 0] * 5)


@pytest.fixture
def npz_path(npz: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small file, treated as if it were a large one."""
    monkeypatch.setattr("mps_env.data.npz._CACHED_FROM", 0)
    return npz


def test_entry_is_named_after_its_origin_in_plain_letters(get: Callable, tmp_path: Path) -> None:
    get(origin="/data/größe: ü?.npz")
    (entry,) = (tmp_path / "entries").iterdir()
    assert entry.name.startswith("gr_e_-")
    assert entry.name.isascii()
