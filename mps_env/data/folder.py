"""Data sets in folders of images: one folder per class, with or without `train` and `test` above them."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mps_env.data.cache import cached_arrays
from mps_env.data.checks import checked_arrays
from mps_env.data.source import Source, source_of_arrays
from mps_env.data.splits import TEST_FRACTION, own_test_split

if TYPE_CHECKING:
    from PIL import Image

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})

_TOO_DEEP_MODES = ("I", "F")  # and what begins with them: more than 8 bits, which Pillow clips in conversion


def folder_source(path: Path) -> Source:
    """Return the data set in a folder; its images are decoded once, into the cache.

    The folder holds `train` and `test` folders of class folders, or class folders alone; then a fifth of the images
    is the test split, chosen with a fixed seed. Classes are numbered in the order of their names (by value, where
    all names are numbers). Greyscale images stay grey if all are; anything else becomes RGB. Hidden files and files
    that are no images by their suffix are passed over.

    Raises:
        ValueError: If there are no class folders, a class is empty, an image cannot be read, or sizes differ.
    """
    has_test = (path / "train").is_dir() and (path / "test").is_dir()
    train_root = path / "train" if has_test else path
    class_names = _class_names(train_root)
    train_files = _image_files(train_root, class_names)
    _check_all_filled(train_root, class_names, train_files)
    test_files = _test_files(path / "test", class_names) if has_test else []

    def build() -> dict[str, np.ndarray]:
        images = _decode([file for file, _ in train_files + test_files], path)
        labels = np.array([label for _, label in train_files + test_files], dtype=np.int64)
        train, test = np.arange(len(train_files)), np.arange(len(train_files), len(images))
        if not has_test:
            _check_can_split(path, class_names, labels)
            train, test = own_test_split(labels)
        arrays = {"x_train": images[train], "y_train": labels[train], "x_test": images[test], "y_test": labels[test]}
        return checked_arrays(arrays, where=str(path), num_classes=len(class_names))

    version = _listing_digest([file for file, _ in train_files + test_files], path)
    return source_of_arrays(cached_arrays(str(path.resolve()), version, build), class_names)


def _class_names(root: Path) -> tuple[str, ...]:
    names = [entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith((".", "__"))]
    if len(names) < 2:
        raise ValueError(
            f"{root}: must hold at least 2 class folders, holds {len(names)}."
            " Put the images of each class into a folder of its own."
        )
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=int))
    return tuple(sorted(names))


def _image_files(root: Path, class_names: tuple[str, ...]) -> list[tuple[Path, int]]:
    """Return (file, label) by class and name; a class without a folder has none."""
    return [
        (file, label)
        for label, name in enumerate(class_names)
        for file in sorted((root / name).glob("*"))
        if file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".")
    ]


def _test_files(root: Path, class_names: tuple[str, ...]) -> list[tuple[Path, int]]:
    unknown = sorted(set(_class_names(root)) - set(class_names))
    if unknown:
        raise ValueError(f"{root / unknown[0]}: a class of the test images that the training images lack. Remove it.")
    files = _image_files(root, class_names)
    if not files:
        raise ValueError(f"{root}: holds no images. Add some, or remove it to have a fifth of the images held out.")
    return files


def _check_all_filled(root: Path, class_names: tuple[str, ...], files: list[tuple[Path, int]]) -> None:
    filled = {label for _, label in files}
    for label, name in enumerate(class_names):
        if label not in filled:
            raise ValueError(
                f"{root / name}: holds no images ({', '.join(sorted(IMAGE_SUFFIXES))}). Add some or remove the folder."
            )


def _check_can_split(path: Path, class_names: tuple[str, ...], labels: np.ndarray) -> None:
    counts = np.bincount(labels)
    if counts.min() < 3:
        raise ValueError(
            f"{path}: class {class_names[counts.argmin()]!r} has {counts.min()} images; at least 3 are needed, one each"
            " to train, validate and test. Add images of it."
        )
    if math.ceil(TEST_FRACTION * len(labels)) < len(counts):
        raise ValueError(
            f"{path}: a fifth of {len(labels)} images leaves no test image for each of {len(counts)} classes."
            " Add images, or make train and test folders."
        )


def _decode(files: list[Path], root: Path) -> np.ndarray:
    """Return the images as (n, H, W, 1) or (n, H, W, 3) uint8."""
    decoded = [_pixels(file) for file in files]
    _check_one_size(files, decoded, root)
    if any(pixels.ndim == 3 for pixels in decoded):
        return np.stack([pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1) for pixels in decoded])
    return np.stack(decoded)[..., np.newaxis]


def _pixels(file: Path) -> np.ndarray:
    """Return one image as (H, W) or (H, W, 3) uint8."""
    image = _opened(file)
    if image.mode.startswith(_TOO_DEEP_MODES):
        raise ValueError(f"{file}: has more than 8 bits a channel (mode {image.mode}). Save it with 8.")
    return np.asarray(_converted(image))


def _opened(file: Path) -> Image.Image:
    from PIL import Image

    try:
        with Image.open(file) as image:
            image.load()
            return image
    except Exception as error:  # what a damaged file raises depends on its format: OSError, SyntaxError, struct.error
        cause = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"{file}: not a readable image ({cause}). Replace or remove it.") from None


def _converted(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "1"):
        return image.convert("L")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")  # Pillow warns of the direct way
    return image.convert("RGB")


def _check_one_size(files: list[Path], decoded: list[np.ndarray], root: Path) -> None:
    sizes = [pixels.shape[:2] for pixels in decoded]
    (height, width), _ = Counter(sizes).most_common(1)[0]
    others = [index for index, size in enumerate(sizes) if size != (height, width)]
    if others:
        shown = ", ".join(
            f"{files[index].relative_to(root)} ({sizes[index][1]}x{sizes[index][0]})" for index in others[:3]
        )
        raise ValueError(
            f"{root}: all images must be of one size, and most are {width}x{height}, but {len(others)} of {len(files)}"
            f" differ: {shown}{', ...' if len(others) > 3 else ''}. Resize them, e.g. with Pillow's Image.resize."
        )


def _listing_digest(files: list[Path], root: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        stat = file.stat()
        digest.update(f"{file.relative_to(root)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
