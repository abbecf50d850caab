"""Folders of images: classes, splits, colours, and what is wrong with some folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mps_env.data import load_dataset
from mps_env.data.folder import folder_source
from mps_env.data.test_split import load_test_split


def save(path: Path, pixels: np.ndarray, mode: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path)


def fill(root: Path, classes: tuple[str, ...] = ("cat", "dog"), per_class: int = 5) -> Path:
    """Grey 4x3 images whose pixels all are 10 x class + number."""
    for label, name in enumerate(classes):
        for number in range(per_class):
            save(root / name / f"{number}.png", np.full((4, 3), 10 * label + number, np.uint8))
    return root


def test_classes_are_numbered_in_the_order_of_their_names(tmp_path: Path) -> None:
    source = folder_source(fill(tmp_path / "pets", ("zebra", "ant")))
    images, labels = source.train()
    assert source.class_names == ("ant", "zebra")
    np.testing.assert_array_equal(labels, (images[:, 0, 0, 0] < 10).astype(int))  # zebra was filled first, with 0..4


def test_classes_that_are_numbers_are_ordered_by_value(tmp_path: Path) -> None:
    assert folder_source(fill(tmp_path / "pets", ("10", "9"))).class_names == ("9", "10")


def test_a_fifth_is_held_out_as_test_split(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets", per_class=10)
    assert len(load_dataset(root).train) + len(load_dataset(root).validation) == 16
    np.testing.assert_array_equal(load_test_split(root).labels, [0, 0, 1, 1])


def test_no_image_is_in_two_splits(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    dataset = load_dataset(root, val_size=2)
    splits = (dataset.train, dataset.validation, load_test_split(root))
    values = np.concatenate([split.images[:, 0, 0, 0] for split in splits]) * 255
    assert sorted(values.round()) == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]


def test_train_and_test_folders_are_the_splits(tmp_path: Path) -> None:
    fill(tmp_path / "pets" / "train")
    fill(tmp_path / "pets" / "test", per_class=1)
    assert len(load_dataset(tmp_path / "pets").train) == 8
    assert len(load_test_split(tmp_path / "pets")) == 2


def test_grey_stays_grey(tmp_path: Path) -> None:
    assert load_dataset(fill(tmp_path / "pets"), val_size=2).image_shape == (4, 3, 1)


@pytest.mark.parametrize(
    ("mode", "suffix"), [("RGB", "png"), ("RGBA", "png"), ("P", "png"), ("CMYK", "tiff"), ("LA", "png")]
)
def test_one_image_that_is_not_grey_makes_all_rgb(tmp_path: Path, mode: str, suffix: str) -> None:
    fill(tmp_path / "pets")
    save(tmp_path / "pets" / "dog" / f"9.{suffix}", np.full((4, 3), 99, np.uint8), mode)
    assert load_dataset(tmp_path / "pets", val_size=2).image_shape == (4, 3, 3)


def test_palette_with_transparency_is_read_without_a_warning(tmp_path: Path) -> None:
    fill(tmp_path / "pets")
    Image.new("P", (3, 4)).save(tmp_path / "pets" / "dog" / "9.png", transparency=b"\x00\x80")
    assert load_dataset(tmp_path / "pets", val_size=2).image_shape == (4, 3, 3)


def test_hidden_files_and_other_files_are_passed_over(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    (root / "cat" / "notes.txt").write_text("not an image")
    (root / "cat" / "._0.png").write_text("not an image")
    (root / ".thumbnails").mkdir()
    assert len(load_dataset(root, val_size=2).train) == 6


def test_images_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(tmp_path / "pets")
    folder_source(root)
    monkeypatch.setattr("mps_env.data.folder._pixels", lambda file: pytest.fail("decoded again"))
    folder_source(root)


def test_changed_folder_is_decoded_again(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    folder_source(root)
    save(root / "cat" / "9.png", np.zeros((4, 3), np.uint8))
    assert len(folder_source(root).train()[0]) == 8


def test_images_of_other_sizes_are_named(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    save(root / "cat" / "9.png", np.zeros((5, 7), np.uint8))
    with pytest.raises(ValueError, match=r"most are 3x4, but 1 of 11 differ: cat/9.png \(7x5\). Resize them"):
        load_dataset(root)


def test_unreadable_image_is_named(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    (root / "dog" / "9.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"dog/9.png: not a readable image"):
        load_dataset(root)


def test_truncated_image_is_named(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    file = root / "dog" / "9.png"
    save(file, np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8))
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"dog/9.png: not a readable image"):
        load_dataset(root)


def test_image_of_16_bits_is_refused(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    save(root / "dog" / "9.png", np.full((4, 3), 9_999, np.uint16))
    with pytest.raises(ValueError, match=r"dog/9.png: has more than 8 bits a channel \(mode I;16\)"):
        load_dataset(root)


def test_folder_without_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold at least 2 class folders, holds 0"):
        load_dataset(tmp_path)


def test_class_without_images_is_named(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    (root / "emu").mkdir()
    with pytest.raises(ValueError, match=r"pets/emu: holds no images"):
        load_dataset(root)


def test_class_too_small_for_three_splits_is_named(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets")
    shutil.rmtree(root / "dog")
    fill(root, ("dog",), per_class=2)
    with pytest.raises(ValueError, match="class 'dog' has 2 images; at least 3 are needed"):
        load_dataset(root)


def test_too_few_images_for_a_fifth_are_refused(tmp_path: Path) -> None:
    root = fill(tmp_path / "pets", ("a", "b", "c", "d", "e"), per_class=3)
    with pytest.raises(ValueError, match="a fifth of 15 images leaves no test image for each of 5 classes"):
        load_dataset(root)


def test_test_class_that_training_lacks_is_named(tmp_path: Path) -> None:
    fill(tmp_path / "pets" / "train")
    fill(tmp_path / "pets" / "test", ("cat", "emu"))
    with pytest.raises(ValueError, match=r"test/emu: a class of the test images that the training images lack"):
        load_dataset(tmp_path / "pets")
