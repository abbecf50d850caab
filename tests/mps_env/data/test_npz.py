"""Data sets in `.npz` files: what is read, and what is refused with which words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from mps_env.data import load_dataset
from mps_env.data.npz import npz_source, read_headers
from mps_env.data.test_split import load_test_split

Arrays = dict[str, np.ndarray]


def test_arrays_come_back_as_they_were_saved(npz: Path, arrays: Arrays) -> None:
    images, labels = npz_source(npz).train()
    np.testing.assert_array_equal(images[..., 0], arrays["x_train"])
    np.testing.assert_array_equal(labels, arrays["y_train"])


def test_classes_without_names_are_called_by_number(npz: Path) -> None:
    assert npz_source(npz).class_names == ("0", "1")


def test_names_of_another_number_of_classes_are_refused(npz: Path) -> None:
    with pytest.raises(ValueError, match="y_train must have 3 classes, got 2"):
        npz_source(npz, class_names=("a", "b", "c"))


def test_test_split_is_scaled_to_one(npz: Path, arrays: Arrays) -> None:
    test = load_test_split(npz)
    np.testing.assert_allclose(test.images[..., 0], arrays["x_test"] / 255, rtol=1e-6)
    np.testing.assert_array_equal(test.labels, [1, 0])


def test_rgb_floats_are_read(tmp_path: Path, arrays: Arrays) -> None:
    path = tmp_path / "rgb.npz"
    images = np.random.default_rng(0).random((10, 4, 4, 3))
    np.savez(path, **{**arrays, "x_train": images, "x_test": images[:2]})
    assert load_dataset(path, val_size=2).image_shape == (4, 4, 3)


def test_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no data set at 'nowhere/none.npz' \(looked for /"):
        load_dataset("nowhere/none.npz")


def test_missing_array_is_named(tmp_path: Path, arrays: Arrays) -> None:
    path = tmp_path / "half.npz"
    np.savez(path, x_train=arrays["x_train"], y_train=arrays["y_train"])
    with pytest.raises(ValueError, match=r"half.npz: lacks x_test, y_test, holds 'x_train', 'y_train'. Save"):
        load_dataset(path)


def test_pickled_objects_are_refused_before_anything_is_read(tmp_path: Path, arrays: Arrays) -> None:
    path = tmp_path / "pickled.npz"
    np.savez(path, **{**arrays, "y_test": np.array([{}, {}], dtype=object)})
    with pytest.raises(ValueError, match=r"pickled.npz: y_test holds pickled objects, which are never read"):
        load_dataset(path)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 nor this"])
def test_file_that_is_no_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad.npz: not a readable .npz file .*Delete it") as caught:
        load_dataset(path)
    assert "\n" not in str(caught.value)


def test_truncated_file_is_refused(npz: Path) -> None:
    npz.write_bytes(npz.read_bytes()[:-200])
    with pytest.raises(ValueError, match=r"own.npz: not a readable .npz file"):
        load_dataset(npz)


@pytest.mark.parametrize("fraction", [0.3, 0.5, 0.7])
def test_damaged_bytes_are_noticed(tmp_path: Path, arrays: Arrays, fraction: float) -> None:
    path = tmp_path / "damaged.npz"
    images = np.random.default_rng(0).integers(0, 256, (10, 40, 40), dtype=np.uint8)
    np.savez(path, **{**arrays, "x_train": images, "x_test": images[:2]})
    content = bytearray(path.read_bytes())
    content[int(fraction * len(content))] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged.npz: not a readable .npz file \(Bad CRC-32"):
        load_dataset(path, val_size=2)


def test_header_that_promises_too_much_is_refused(tmp_path: Path, npz: Path) -> None:
    path = tmp_path / "liar.npz"
    with zipfile.ZipFile(npz) as honest, zipfile.ZipFile(path, "w") as liar:
        for name in honest.namelist():
            content = honest.read(name)
            if name == "x_train.npy":
                content = content.replace(b"(10, 4, 3), }             ", b"(10000000000000, 4, 3), } ")
            liar.writestr(name, content)
    with pytest.raises(ValueError, match=r"liar.npz: .*x_train is shorter than its header says"):
        load_dataset(path)


def test_headers_are_read_without_the_arrays(npz: Path) -> None:
    headers = read_headers(npz)
    assert headers["x_train"].shape == (10, 4, 3)
    assert headers["y_test"].dtype == np.uint8


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_any_packing_is_read_and_its_damage_is_a_value_error(tmp_path: Path, npz: Path, packing: int) -> None:
    path = tmp_path / "packed.npz"
    with zipfile.ZipFile(npz) as plain, zipfile.ZipFile(path, "w", packing) as packed:
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    assert load_dataset(path).num_classes == 2
    content = path.read_bytes()
    for position in range(0, len(content), 23):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0x5A]) + content[position + 1 :])
        message = _refusal(path)
        assert message == "" or ("packed.npz: " in message and "\n" not in message)


def _refusal(path: Path) -> str:
    """Return the message of the ValueError, or "" where the damaged byte is one that nothing depends on."""
    try:
        load_dataset(path)
    except ValueError as error:
        return str(error)
    return ""
