"""Where the named files are looked for, and what is said when they are nowhere."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mps_env.data import load_dataset
from mps_env.data.keras_sets import CLASS_NAMES
from mps_env.data.test_split import load_test_split


def save_mnist(folder: Path, brightness: int) -> Path:
    """Write an `mnist.npz` of forty uniform 4x4 images."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = np.full((40, 4, 4), brightness, np.uint8), np.arange(40) % 10
    np.savez(folder / "mnist.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return folder


def brightness(data_dir: Path | None = None) -> int:
    return int(load_dataset("mnist", data_dir=data_dir, val_size=10).train.source[0, 0, 0, 0])


@pytest.fixture
def fake_keras(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable], None]:
    """Put a function in the place of Keras' `load_data`, so that no test imports TensorFlow."""

    def install(name: str, load_data: Callable) -> None:
        module = types.ModuleType(name)
        module.load_data = load_data  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"keras.datasets.{name}", module)

    return install


def test_data_dir_comes_before_the_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPS_DATA_DIR", str(save_mnist(tmp_path / "variable", 1)))
    assert brightness() == 1
    assert brightness(save_mnist(tmp_path / "given", 2)) == 2


def test_environment_variable_comes_before_the_keras_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_mnist(tmp_path / "keras" / "datasets", 3)
    assert brightness() == 3
    monkeypatch.setenv("MPS_DATA_DIR", str(save_mnist(tmp_path / "variable", 1)))
    assert brightness() == 1


def test_keras_cache_is_used_where_data_dir_lacks_the_file(tmp_path: Path) -> None:
    save_mnist(tmp_path / "keras" / "datasets", 3)
    (tmp_path / "empty").mkdir()
    assert brightness(tmp_path / "empty") == 3


def test_failed_download_names_the_file_and_every_place(tmp_path: Path, fake_keras: Callable) -> None:
    def fail() -> None:
        raise Exception("URL fetch failure on https://host/x:\nNone.")

    fake_keras("cifar10", fail)
    with pytest.raises(FileNotFoundError) as caught:
        load_dataset("cifar10", data_dir=tmp_path)
    message = str(caught.value)
    assert message.startswith("cifar10 needs cifar10.npz (Keras-style arrays x_train, y_train, x_test, y_test)")
    assert f"{tmp_path}/cifar10.npz" in message
    assert f"{tmp_path}/keras/datasets/cifar10.npz" in message
    assert "URL fetch failure on https://host/x: None)" in message
    assert "--data-dir or MPS_DATA_DIR" in message
    assert "\n" not in message


def test_download_is_kept_and_prints_nothing_to_standard_output(
    fake_keras: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def load_data() -> tuple:
        calls.append(1)
        print("Downloading data")
        images, labels = np.zeros((40, 4, 4, 3), np.uint8), np.arange(40)[:, np.newaxis] % 10
        return (images, labels), (images[:20], labels[:20])

    fake_keras("cifar10", load_data)
    assert len(load_dataset("cifar10", val_size=10).train) == 30
    assert len(load_test_split("cifar10")) == 20
    assert len(calls) == 1
    assert capsys.readouterr().out == ""


def test_file_of_another_number_of_classes_is_refused(tmp_path: Path, npz: Path) -> None:
    npz.rename(npz.with_name("mnist.npz"))
    with pytest.raises(ValueError, match=r"mnist.npz: y_train must have 10 classes, got 2"):
        load_dataset("mnist", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "num_classes"), [("mnist", 10), ("fashion_mnist", 10), ("cifar10", 10), ("cifar100", 100)]
)
def test_every_class_has_a_name_of_its_own(name: str, num_classes: int) -> None:
    assert len(set(CLASS_NAMES[name])) == num_classes


def test_cifar100_names_are_in_alphabetical_order() -> None:
    assert list(CLASS_NAMES["cifar100"]) == sorted(CLASS_NAMES["cifar100"])


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n_train", "n_test", "shape"),
    [("mnist", 60_000, 10_000, (28, 28, 1)), ("cifar100", 4_000, 1_000, (32, 32, 3))],
)
def test_real_files_are_read_whole(
    name: str, n_train: int, n_test: int, shape: tuple[int, ...], data_dir: Path
) -> None:
    dataset = load_dataset(name, data_dir=data_dir)
    assert len(dataset.train) + len(dataset.validation) >= n_train
    assert len(load_test_split(name, data_dir=data_dir)) >= n_test
    assert dataset.image_shape == shape
    assert np.ptp(np.bincount(dataset.validation.labels)) <= len(dataset.validation) / dataset.num_classes
