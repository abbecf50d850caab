"""Which data sets there are: the registry of names, and the way from a name or path to a source."""

from __future__ import annotations

import os
from pathlib import Path

from mps_env.data.source import Source, SourceFactory
from mps_env.registry import Registry

DATA_DIR_VARIABLE = "MPS_DATA_DIR"

DATASETS: Registry[SourceFactory] = Registry("data set")
DATASETS.register("digits", "mps_env.data.digits:digits")
DATASETS.register("mnist", "mps_env.data.keras_sets:mnist")
DATASETS.register("mnist_1000", "mps_env.data.subset:mnist_1000")
DATASETS.register("fashion_mnist", "mps_env.data.keras_sets:fashion_mnist")
DATASETS.register("cifar10", "mps_env.data.keras_sets:cifar10")
DATASETS.register("cifar100", "mps_env.data.keras_sets:cifar100")
register_dataset = DATASETS.register


def find_source(name_or_path: str | os.PathLike[str], data_dir: str | os.PathLike[str] | None) -> tuple[str, Source]:
    """Return what a data set is called and where its images come from.

    A registered name comes first, so a folder called `mnist` must be written `./mnist`. A string with a path
    separator, one that ends in `.npz` and one that exists are paths, looked for in `data_dir` or MPS_DATA_DIR too.

    Args:
        name_or_path: A registered name, `"module:attribute"`, an `.npz` file or a folder of class folders.
        data_dir: Folder in which files are looked for; None for the environment variable MPS_DATA_DIR.

    Returns:
        The registered name or absolute path, and the source.

    Raises:
        FileNotFoundError: If the file, or `data_dir`, does not exist.
        ValueError: If the name is unknown, or the file cannot be used.
    """
    folder = existing_folder(data_dir)
    text = os.fspath(name_or_path)
    if text not in DATASETS and is_path(text, folder):
        path = _existing_path(text, folder)
        return str(path), _source_at(path)
    return text, DATASETS.get(text)(folder)


def is_path(text: str, data_dir: Path | None = None) -> bool:
    """Return whether a string that is not a registered name means a path."""
    has_separator = any(separator in text for separator in (os.sep, os.altsep) if separator)
    return has_separator or text.endswith(".npz") or any(place.exists() for place in _places(text, data_dir))


def existing_folder(data_dir: str | os.PathLike[str] | None) -> Path | None:
    """Return `data_dir` as a path.

    Raises:
        FileNotFoundError: If it is given and there is no such folder.
    """
    if data_dir is None:
        return None
    folder = Path(data_dir).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"data_dir must be an existing folder, got {str(data_dir)!r}. Check --data-dir.")
    return folder


def users_folders(data_dir: Path | None) -> list[Path]:
    """Return where the user keeps data files: `data_dir`, else what MPS_DATA_DIR says, else nowhere."""
    given = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    return [Path(given).expanduser()] if given else []


def _places(text: str, data_dir: Path | None) -> list[Path]:
    if not text:
        return []
    path = Path(text).expanduser()
    return [path, *(folder / path for folder in users_folders(data_dir))]


def _existing_path(text: str, data_dir: Path | None) -> Path:
    places = _places(text, data_dir)
    for place in places:
        if place.exists():
            return Path(os.path.abspath(place))
    looked_at = " and ".join(dict.fromkeys(os.path.abspath(place) for place in places))
    raise FileNotFoundError(
        f"no data set at {text!r} (looked for {looked_at}). Give an .npz file, a folder of class folders,"
        f" or one of {DATASETS.listing()}."
    )


def _source_at(path: Path) -> Source:
    if path.is_dir():
        from mps_env.data.folder import folder_source

        return folder_source(path)
    from mps_env.data.npz import npz_source

    return npz_source(path)
