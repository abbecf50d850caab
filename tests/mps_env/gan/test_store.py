"""The store: one training a content, generators on disk, and what is looked at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mps_env.data import Dataset
from mps_env.gan import GanConfig, Generator, files, store, trained_generator
from mps_env.gan.files import read_generator, write_generator
from mps_env.gan.store import looked_at
from tests.mps_env.gan.conftest import SMALL

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The images of each training; it takes no time and gives random layers."""
    import mps_env.gan.training

    seen: list[np.ndarray] = []

    def train(images: np.ndarray, labels: np.ndarray, num_classes: int, config: GanConfig, *, name: str) -> Generator:
        seen.append(images)
        rng = np.random.default_rng(len(seen))
        kernel = rng.standard_normal((config.latent + num_classes, 16), dtype=np.float32)
        return Generator([(kernel, np.zeros(16, np.float32))], num_classes, images.shape[1:])

    monkeypatch.setattr(mps_env.gan.training, "train_gan", train)
    return seen


@pytest.fixture
def every_training_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_WORTH_A_FILE_S", -1.0)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_equal_content_is_trained_on_once(make_dataset: MakeDataset, trainings: list) -> None:
    assert trained_generator(make_dataset(), SMALL) is trained_generator(make_dataset(), SMALL)
    assert len(trainings) == 1


def test_other_images_are_trained_on(make_dataset: MakeDataset, trainings: list) -> None:
    for seed in (0, 1):
        trained_generator(make_dataset(seed=seed), SMALL)
    assert len(trainings) == 2


def test_other_classes_of_the_same_images_are_trained_on(make_dataset: MakeDataset, trainings: list) -> None:
    for per_class in ((12, 9), (9, 12)):
        trained_generator(make_dataset(per_class), SMALL)
    assert len(trainings) == 2


def test_other_settings_are_trained_with(make_dataset: MakeDataset, trainings: list) -> None:
    dataset = make_dataset()
    for config in (SMALL, replace(SMALL, epochs=3)):
        trained_generator(dataset, config)
    assert len(trainings) == 2


def test_memory_keeps_the_last_four(make_dataset: MakeDataset, trainings: list) -> None:
    for seed in (0, 1, 2, 3, 0, 4, 0):  # 0 is used again before 4 comes, so 1 has to go
        trained_generator(make_dataset(seed=seed), SMALL)
    assert len(trainings) == 5
    trained_generator(make_dataset(seed=1), SMALL)
    assert len(trainings) == 6


def test_validation_images_make_no_difference(make_dataset: MakeDataset, trainings: list) -> None:
    dataset = make_dataset()
    trained_generator(dataset, SMALL)
    trained_generator(make_dataset(validation_value=200), SMALL)
    np.testing.assert_array_equal(trainings, [dataset.train.images])


def test_number_of_images_looked_at_is_bounded_and_shared_by_the_classes(make_dataset: MakeDataset) -> None:
    dataset = make_dataset((12, 9, 2))
    images, classes = looked_at(dataset, GanConfig(max_images=15))
    np.testing.assert_array_equal(np.bincount(classes), [5, 5, 2])
    of_class = {
        label: {image.tobytes() for image in dataset.train.images[dataset.train.labels == label]} for label in range(3)
    }
    assert all(image.tobytes() in of_class[label] for image, label in zip(images, classes, strict=True))


@pytest.mark.usefixtures("every_training_is_long")
def test_long_training_is_not_repeated_by_another_process(
    make_dataset: MakeDataset, trainings: list, own_cache: Path
) -> None:
    first = trained_generator(make_dataset(), SMALL)
    store._in_memory.clear()  # as a new process has it
    second = trained_generator(make_dataset(), SMALL)
    assert len(trainings) == 1
    for layer, again in zip(first.layers, second.layers, strict=True):
        np.testing.assert_array_equal(layer[0], again[0])
        np.testing.assert_array_equal(layer[1], again[1])
    assert [path.suffix for path in own_cache.iterdir()] == [".npz"]


def test_short_training_leaves_no_file(make_dataset: MakeDataset, trainings: list, own_cache: Path) -> None:
    trained_generator(make_dataset(), SMALL)
    assert not own_cache.exists()


@pytest.mark.usefixtures("every_training_is_long")
@pytest.mark.parametrize("damage", ["truncated", "changed", "empty", "text", "other shape"])
def test_damaged_file_is_trained_anew_and_rewritten(
    make_dataset: MakeDataset, trainings: list, own_cache: Path, damage: str
) -> None:
    trained_generator(make_dataset(), SMALL)
    path = only_file(own_cache)
    content = path.read_bytes()
    if damage == "other shape":
        np.savez(path, kernel_0=np.zeros((6, 9), np.float32), bias_0=np.zeros(9, np.float32))
    else:
        changed = content[:300] + bytes([content[300] ^ 1]) + content[301:]
        path.write_bytes({"truncated": content[:-30], "changed": changed, "empty": b"", "text": b"no zip"}[damage])
    store._in_memory.clear()
    again = trained_generator(make_dataset(), SMALL)
    assert len(trainings) == 2
    rewritten = read_generator(only_file(own_cache), 2, (4, 4, 1))
    assert rewritten is not None
    np.testing.assert_array_equal(rewritten.layers[0][0], again.layers[0][0])


@pytest.mark.usefixtures("every_training_is_long")
def test_cache_that_cannot_be_written_is_no_failure(
    make_dataset: MakeDataset, trainings: list, own_cache: Path
) -> None:
    own_cache.parent.write_text("a file where the folder should be")
    trained_generator(make_dataset(), SMALL)
    assert len(trainings) == 1


def test_disk_keeps_the_newest_files(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_FILES", 2)
    generator = Generator([(np.zeros((3, 1), np.float32), np.zeros(1, np.float32))], 2, (1, 1, 1))
    for name in ("a", "b", "c"):
        write_generator(own_cache / f"{name}.npz", generator)
    assert len(list(own_cache.iterdir())) == 2
    assert (own_cache / "c.npz").exists()


def test_generator_from_disk_needs_no_tensorflow(
    make_dataset: MakeDataset, trainings: list, every_training_is_long: None, tmp_path: Path
) -> None:
    code = """
import sys
from pathlib import Path
import numpy as np
from mps_env.gan.files import read_generator
generator = read_generator(Path(sys.argv[1]), 2, (4, 4, 1))
generator.sample(np.array([0, 1]), np.random.default_rng(0))
print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""
    trained_generator(make_dataset(), SMALL)
    path = only_file(tmp_path / "cache" / "gans")
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
