import json
import zipfile

import numpy as np
import pytest

from mps_env.set_file import is_set_path, load_set, save_set
from mps_env.synthetic_set import SyntheticSet, one_hot


@pytest.fixture
def a_set():
    images = np.random.default_rng(0).random((4, 3, 3, 1))
    return SyntheticSet.checked(images, one_hot(np.array([0, 0, 1, 1]), 2), {"dataset": "made-up"})


def test_a_saved_set_comes_back_bit_for_bit(a_set, tmp_path):
    save_set(tmp_path / "set.npz", a_set)
    loaded = load_set(tmp_path / "set.npz")
    assert loaded.fingerprint == a_set.fingerprint
    assert loaded.meta == {"dataset": "made-up"}


def test_the_file_can_be_used_without_this_package(a_set, tmp_path):
    save_set(tmp_path / "set.npz", a_set)
    with np.load(tmp_path / "set.npz", allow_pickle=False) as file:
        assert file["images"].dtype == np.float32
        assert file["labels"].shape == (4, 2)
        assert json.loads(str(file["meta"])) == {"dataset": "made-up"}


def test_a_failed_write_leaves_the_old_file(a_set, tmp_path):
    path = tmp_path / "set.npz"
    save_set(path, a_set)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_set(path, SyntheticSet(a_set.images, a_set.labels, meta={"not json": object()}))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["set.npz"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no synthetic set at .*nothing\.npz"):
        load_set(tmp_path / "nothing.npz")


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "set.npz").write_text("hello")
    with pytest.raises(ValueError, match="it is no .npz archive"):
        load_set(tmp_path / "set.npz")


def test_a_truncated_archive_is_refused(a_set, tmp_path):
    path = tmp_path / "set.npz"
    save_set(path, a_set)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match="not a usable synthetic set"):
        load_set(path)


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.array([{}], dtype=object), labels=np.eye(2))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_set(tmp_path / "set.npz")


def test_a_missing_array_is_named(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.zeros((2, 3, 3, 1)))
    with pytest.raises(ValueError, match="it has no array 'labels'"):
        load_set(tmp_path / "set.npz")


def test_arrays_out_of_range_are_refused(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.full((2, 3, 3, 1), 255.0), labels=np.eye(2))
    with pytest.raises(ValueError, match=r"images must lie in \[0, 1\]"):
        load_set(tmp_path / "set.npz")


def test_meta_that_is_no_json_is_refused(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.zeros((2, 3, 3, 1)), labels=np.eye(2), meta=np.array("{"))
    with pytest.raises(ValueError, match="its meta is not JSON"):
        load_set(tmp_path / "set.npz")


def test_a_run_folder_stands_for_its_set(tmp_path):
    saved = SyntheticSet.checked(np.full((2, 3, 3, 1), 0.5, np.float32), np.eye(2, dtype=np.float32))
    save_set(tmp_path / "synthetic.npz", saved)
    assert load_set(tmp_path).fingerprint == saved.fingerprint


def damaged(path, a_set, change):
    """Save a set and change the file's bytes."""
    save_set(path, a_set)
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


@pytest.mark.parametrize("offset", range(60, 200, 7))
def test_damage_inside_the_archive_is_told_by_the_files_name(a_set, tmp_path, offset):
    path = tmp_path / "set.npz"

    def change(content):
        content[offset : offset + 6] = b"\xff\x00\xff\x00\xff\x00"

    damaged(path, a_set, change)
    with pytest.raises(ValueError, match=r"set\.npz is not a usable synthetic set"):
        load_set(path)


def test_an_array_that_promises_more_than_the_file_holds_is_refused(tmp_path):
    path = tmp_path / "set.npz"
    header = {"descr": "<f4", "fortran_order": False, "shape": (10**9, 28, 28, 1)}
    with zipfile.ZipFile(path, "w") as archive, archive.open("images.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, header)
    with pytest.raises(ValueError, match="images is shorter than its header says"):
        load_set(path)


def test_a_data_set_that_is_no_string_is_refused(a_set, tmp_path):
    path = tmp_path / "set.npz"
    save_set(path, SyntheticSet(a_set.images, a_set.labels, meta={"dataset": ["digits"]}))
    with pytest.raises(ValueError, match="must name the data set by a string"):
        load_set(path)


def test_what_is_a_path_of_a_set(a_set, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("run", "herding", "empty"):
        (tmp_path / folder).mkdir()
    for folder in ("run", "herding"):
        save_set(tmp_path / folder / "synthetic.npz", a_set)
    names = ("set.npz", "some/where", "run", "empty", "herding")  # the last is a pool's name
    assert [is_set_path(name) for name in names] == [True, True, True, False, False]
