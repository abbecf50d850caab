"""What `mps datasets` shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mps_env.data import DATASETS, dataset_status, load_dataset, register_dataset
from mps_env.data.status import DatasetStatus
from mps_env.data.test_split import load_test_split


def status_of(name: str, data_dir: Path | None = None) -> DatasetStatus:
    return next(status for status in dataset_status(data_dir) if status.name == name)


def test_every_registered_name_has_a_status() -> None:
    assert [status.name for status in dataset_status()] == list(DATASETS.names())


def test_digits_status_says_what_loading_gives() -> None:
    status, dataset = status_of("digits"), load_dataset("digits")
    assert status.is_available
    assert status.n_train == len(dataset.train) + len(dataset.validation)
    assert status.n_test == len(load_test_split("digits"))
    assert (status.image_shape, status.num_classes) == (dataset.image_shape, dataset.num_classes)


def test_missing_file_is_not_available_and_says_where_it_was_looked_for(tmp_path: Path) -> None:
    status = status_of("cifar10", tmp_path)
    assert not status.is_available
    assert f"cifar10.npz not found (looked at {tmp_path}/cifar10.npz, " in status.note
    assert "cifar-10-batches-py-target" in status.note


def test_file_is_described_by_its_headers(tmp_path: Path) -> None:
    labels = np.arange(40) % 10
    images = np.zeros((40, 4, 5), np.uint8)
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=labels, x_test=images[:20], y_test=labels[:20])
    assert status_of("mnist", tmp_path) == DatasetStatus(
        name="mnist",
        is_available=True,
        where=str(tmp_path / "mnist.npz"),
        n_train=40,
        n_test=20,
        image_shape=(4, 5, 1),
        num_classes=10,
    )


def test_damaged_file_is_not_available(tmp_path: Path) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"nothing")
    status = status_of("mnist", tmp_path)
    assert not status.is_available
    assert "not a readable .npz file" in status.note


def test_download_of_keras_counts_as_available(tmp_path: Path) -> None:
    (tmp_path / "keras" / "datasets" / "fashion-mnist").mkdir(parents=True)
    assert status_of("fashion_mnist").is_available


def test_loader_of_a_third_party_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DATASETS, "_entries", dict(DATASETS._entries))
    register_dataset("own", lambda data_dir: pytest.fail("called"))
    assert status_of("own").is_available


def test_data_dir_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="data_dir must be an existing folder"):
        dataset_status(tmp_path / "none")
