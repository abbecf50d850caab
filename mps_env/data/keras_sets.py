"""MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100: from a folder of the user's, or by way of Keras."""

from __future__ import annotations

import contextlib
import importlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mps_env.data.cache import cached_arrays
from mps_env.data.catalogue import DATA_DIR_VARIABLE, users_folders
from mps_env.data.checks import ARRAY_NAMES, checked_arrays
from mps_env.data.npz import npz_source
from mps_env.data.source import Source, source_of_arrays

CLASS_NAMES: dict[str, tuple[str, ...]] = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    "cifar10": (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ),
    "cifar100": (
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
        "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
        "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup",
        "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house",
        "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man",
        "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
        "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
        "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew",
        "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower",
        "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train", "trout",
        "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
    ),
}  # fmt: skip

KERAS_FOLDERS = {
    "fashion_mnist": "fashion-mnist",
    "cifar10": "cifar-10-batches-py-target",
    "cifar100": "cifar-100-python-target",
}
"""Where Keras keeps a download that is not an `.npz` file, under its `datasets` folder."""

_DOWNLOAD_TIMEOUT_S = 30.0


def mnist(data_dir: Path | None = None) -> Source:
    """Return MNIST: 28×28, grey, 10 digits."""
    return _named_source("mnist", data_dir)


def fashion_mnist(data_dir: Path | None = None) -> Source:
    """Return Fashion-MNIST: 28×28, grey, 10 kinds of clothing."""
    return _named_source("fashion_mnist", data_dir)


def cifar10(data_dir: Path | None = None) -> Source:
    """Return CIFAR-10: 32×32, RGB, 10 classes."""
    return _named_source("cifar10", data_dir)


def cifar100(data_dir: Path | None = None) -> Source:
    """Return CIFAR-100 with its fine labels: 32×32, RGB, 100 classes."""
    return _named_source("cifar100", data_dir)


def npz_places(name: str, data_dir: Path | None) -> list[Path]:
    """Return where `<name>.npz` is looked for, in order: the user's data folder, then Keras' cache."""
    return [folder / f"{name}.npz" for folder in (*users_folders(data_dir), keras_cache())]


def keras_cache() -> Path:
    """Return the folder where Keras keeps its data sets."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets"


def _named_source(name: str, data_dir: Path | None) -> Source:
    places = npz_places(name, data_dir)
    for path in places:
        if path.is_file():
            return npz_source(path, CLASS_NAMES[name])
    # Kept in our own cache, so that later processes need neither import Keras nor unpack its files.
    arrays = cached_arrays(f"keras:{keras_cache().resolve()}:{name}", "", lambda: _arrays_by_keras(name, places))
    return source_of_arrays(arrays, CLASS_NAMES[name])


def _arrays_by_keras(name: str, places: list[Path]) -> dict[str, np.ndarray]:
    try:
        with _quiet_download():
            (x_train, y_train), (x_test, y_test) = importlib.import_module(f"keras.datasets.{name}").load_data()
    except Exception as error:  # Keras raises a bare Exception where a download fails
        cause = " ".join(str(error).split()).rstrip(".")
        raise FileNotFoundError(
            f"{name} needs {name}.npz (Keras-style arrays {', '.join(ARRAY_NAMES)}); looked at"
            f" {', '.join(map(str, places))}, then Keras' download failed ({cause})."
            f" Put the file into a folder and name it with --data-dir or {DATA_DIR_VARIABLE}."
        ) from None
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    return checked_arrays(arrays, where=name, num_classes=len(CLASS_NAMES[name]))


@contextlib.contextmanager
def _quiet_download() -> Iterator[None]:
    """Keep Keras' progress off the standard output, which may be JSON, and do not wait for ever."""
    previous = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_DOWNLOAD_TIMEOUT_S)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        socket.setdefaulttimeout(previous)
