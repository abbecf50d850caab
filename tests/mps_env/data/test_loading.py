"""Names and paths become data sets with a validation split; the test split stays with the audit."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mps_env
from mps_env.data import DATASETS, Dataset, Source, Split, load_dataset, register_dataset
from mps_env.data.test_split import load_test_split

PROJECT = Path(mps_env.__file__).parents[1]


def test_digits_have_1437_training_and_360_test_images() -> None:
    dataset = load_dataset("digits")
    assert (len(dataset.train), len(dataset.validation)) == (1150, 287)
    assert len(load_test_split("digits")) == 360


def test_digits_are_floats_that_fill_zero_to_one() -> None:
    images = load_dataset("digits").train.images
    assert images.dtype == np.float32
    assert images.shape[1:] == (8, 8, 1)
    assert (images.min(), images.max()) == (0, 1)


def test_digits_splits_are_stratified_to_one_image() -> None:
    from sklearn.datasets import load_digits

    of_class = np.bincount(load_digits().target)
    test = np.bincount(load_test_split("digits").labels)
    assert np.abs(test - of_class * 360 / 1797).max() < 1


def test_no_digit_is_in_two_splits() -> None:
    dataset = load_dataset("digits")
    splits = (dataset.train.images, dataset.validation.images, load_test_split("digits").images)
    rows = [{image.tobytes() for image in images} for images in splits]
    assert sum(map(len, rows)) == len(set.union(*rows)) == 1797


def test_validation_split_is_the_same_every_time() -> None:
    first, second = load_dataset("digits"), load_dataset("digits")
    np.testing.assert_array_equal(first.validation.rows, second.validation.rows)


def test_default_validation_split_is_a_fifth(npz: Path) -> None:
    assert len(load_dataset(npz).validation) == 2


def test_default_validation_split_is_at_most_1000(tmp_path: Path) -> None:
    labels = np.arange(6_000) % 2
    images = np.zeros((6_000, 2, 2), np.uint8)
    np.savez(tmp_path / "many.npz", x_train=images, y_train=labels, x_test=images[:2], y_test=labels[:2])
    assert len(load_dataset(tmp_path / "many.npz").validation) == 1_000


@pytest.mark.parametrize("val_size", [2, 5, 8])
def test_any_val_size_that_leaves_an_image_a_class_is_taken(npz: Path, val_size: int) -> None:
    dataset = load_dataset(npz, val_size=val_size)
    assert (len(dataset.train), len(dataset.validation)) == (10 - val_size, val_size)
    assert set(dataset.train.labels) == set(dataset.validation.labels) == {0, 1}


@pytest.mark.parametrize("val_size", [1, 9, 0, -1, 2.0, True, "2"])
def test_other_val_sizes_are_refused(npz: Path, val_size: object) -> None:
    with pytest.raises(ValueError, match=f"integer from 2 to 8 .* 10 training images of 2 classes; got {val_size!r}"):
        load_dataset(npz, val_size=val_size)  # type: ignore[arg-type]


def test_default_that_is_too_small_is_called_the_default(tmp_path: Path) -> None:
    labels = np.arange(8) % 2
    images = np.zeros((8, 2, 2), np.uint8)
    np.savez(tmp_path / "few.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(ValueError, match="got the default 1, a fifth of the training images"):
        load_dataset(tmp_path / "few.npz")


def test_class_of_one_training_image_is_refused(tmp_path: Path) -> None:
    labels = np.array([0] * 9 + [1])
    images = np.zeros((10, 2, 2), np.uint8)
    np.savez(tmp_path / "rare.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(ValueError, match="class 1 has one training image; at least 2 are needed"):
        load_dataset(tmp_path / "rare.npz")


def test_unknown_name_is_answered_with_the_nearest_and_all() -> None:
    with pytest.raises(ValueError, match=r"unknown data set 'mnst'. Did you mean 'mnist'\? Known: digits, mnist, "):
        load_dataset("mnst")


def test_file_is_looked_for_in_data_dir_too(npz: Path) -> None:
    assert load_dataset("own.npz", data_dir=npz.parent).name == str(npz)


def test_data_dir_that_does_not_exist_is_refused_for_every_data_set(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"data_dir must be an existing folder, got '.*/none'. Check"):
        load_dataset("digits", data_dir=tmp_path / "none")


def test_path_is_the_name_in_its_absolute_form(npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(npz.parent)
    assert load_dataset("own.npz").name == load_dataset("./own.npz").name == str(npz)


def _stripes(data_dir: Path | None) -> Source:
    """A loader as a third party would write one: floats, two classes."""
    images = np.linspace(0, 1, 10 * 16).reshape(10, 4, 4)
    labels = np.arange(10) % 2
    return Source(
        train=lambda: (images, labels), test=lambda: (images[:2], labels[:2] + 1), class_names=("across", "down")
    )


def test_registered_loader_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DATASETS, "_entries", dict(DATASETS._entries))
    register_dataset("stripes", _stripes)
    dataset = load_dataset("stripes", val_size=2)
    assert dataset.image_shape == (4, 4, 1)
    assert dataset.class_names == ("across", "down")


def test_loader_is_found_by_import_path() -> None:
    assert load_dataset("mps_env.data.digits:digits").num_classes == 10


def test_arrays_of_a_registered_loader_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DATASETS, "_entries", dict(DATASETS._entries))
    register_dataset("stripes", _stripes)
    with pytest.raises(ValueError, match="stripes: y_test holds the label 2"):
        load_test_split("stripes")


def test_deep_copy_of_a_data_set_shares_its_images(npz: Path) -> None:
    dataset = load_dataset(npz)
    assert copy.deepcopy(dataset).train is dataset.train


def test_data_set_can_be_pickled(npz: Path) -> None:
    dataset = load_dataset(npz)
    again = pickle.loads(pickle.dumps(dataset))
    np.testing.assert_array_equal(again.train.images, dataset.train.images)


def test_take_gives_floats_of_the_rows_of_the_split() -> None:
    split = Split(np.array([0, 51, 255], np.uint8).reshape(3, 1, 1, 1), np.array([2, 1]), np.array([1, 0]))
    np.testing.assert_allclose(split.take(slice(None)).ravel(), [1, 0.2], rtol=1e-6)
    np.testing.assert_allclose(split.take(np.array([1])).ravel(), [0.2], rtol=1e-6)


def test_data_set_holds_no_test_images(npz: Path, arrays: dict[str, np.ndarray]) -> None:
    dataset = load_dataset(npz)
    held = {image.tobytes() for image in dataset.train.source}
    assert not held & {image.tobytes() for image in arrays["x_test"]}
    assert set(vars(dataset)) == {"name", "train", "validation", "class_names"} == set(Dataset.__dataclass_fields__)


def _sources_outside_the_audit() -> list[Path]:
    files = [*(PROJECT / "mps_env").rglob("*.py"), *(PROJECT / "agents").rglob("*.py")]
    audit = PROJECT / "mps_env" / "evaluation"
    loader = PROJECT / "mps_env" / "data" / "test_split.py"
    return [file for file in files if audit not in file.parents and file != loader]


@pytest.mark.parametrize("way", [r"\btest_split\s+import\b", r"import\s+.*\btest_split\b", r"\bload_test_split\b"])
def test_only_the_audit_loads_the_test_split(way: str) -> None:
    files = _sources_outside_the_audit()
    assert len(files) > 20
    assert [str(file) for file in files if re.search(way, file.read_text())] == []


def test_nothing_else_asks_a_source_for_its_test_images() -> None:
    assert [str(file) for file in _sources_outside_the_audit() if "source.test" in file.read_text()] == []


def test_importing_data_and_pools_imports_nothing_heavy() -> None:
    code = (
        "import sys, mps_env.data, mps_env.pools;"
        "print([m for m in ('tensorflow', 'keras', 'torch', 'sklearn', 'PIL', 'platformdirs') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert result.stdout.strip() == "[]"


def test_second_loading_of_the_digits_does_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_dataset("digits")
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)  # importing it would fail
    np.testing.assert_array_equal(load_dataset("digits").train.images, first.train.images)


def test_a_file_of_the_users_is_looked_for_where_the_variable_says(npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPS_DATA_DIR", str(npz.parent))
    assert load_dataset(npz.name).name == str(npz)
