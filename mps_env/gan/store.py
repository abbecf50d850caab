"""Trained generators by content: one training a data set and process, and a long one is kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
import time
from collections import OrderedDict
from dataclasses import asdict
from weakref import WeakKeyDictionary

import numpy as np

from mps_env.data.dataset import Dataset
from mps_env.gan.config import GanConfig
from mps_env.gan.files import generator_path, read_generator, write_generator
from mps_env.gan.generator import Generator

_FORMAT = 1  # part of every key: raise it when the networks, their training or the files change
_MOST_IN_MEMORY = 4
_WORTH_A_FILE_S = 3.0

_log = logging.getLogger(__name__)
_lock = threading.Lock()  # two threads that ask at once must not train twice
_in_memory: OrderedDict[str, Generator] = OrderedDict()  # the latest used last
_keys: WeakKeyDictionary[Dataset, dict[GanConfig, str]] = WeakKeyDictionary()  # reading the images takes a while


def trained_generator(dataset: Dataset, config: GanConfig | None = None) -> Generator:
    """Return the generator of a data set's training images; equal images, classes and settings are trained on once.

    A generator from memory or disk is the one that training would give, as nothing random comes from outside; but
    on another number of TensorFlow threads (`MPS_TF_THREADS`) training would give another, and the one on disk is used.

    Args:
        dataset: Its training split is looked at, and nothing else.
        config: How to train; `GanConfig()` by default.

    Raises:
        RuntimeError: If the training diverges.
    """
    config = config or GanConfig()
    with _lock:
        key = _key(dataset, config)
        generator = _in_memory.pop(key, None) or _stored(key, dataset) or _trained(key, dataset, config)
        _in_memory[key] = generator
        while len(_in_memory) > _MOST_IN_MEMORY:
            _in_memory.popitem(last=False)
    return generator


def looked_at(dataset: Dataset, config: GanConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return the training images that the GAN learns from, an equal share of each class or all it has.

    Returns:
        images (n, H, W, C) float32 in [0, 1] and classes (n,) int64, in the order of the training split.
    """
    rng = np.random.default_rng(config.seed)
    share = max(1, config.max_images // dataset.num_classes)
    chosen = []
    for label in range(dataset.num_classes):
        positions = np.flatnonzero(dataset.train.labels == label)
        chosen.append(rng.choice(positions, min(share, len(positions)), replace=False))
    positions = np.sort(np.concatenate(chosen))
    return dataset.train.take(positions), dataset.train.labels[positions]


def _stored(key: str, dataset: Dataset) -> Generator | None:
    return read_generator(generator_path(key), dataset.num_classes, dataset.image_shape)


def _trained(key: str, dataset: Dataset, config: GanConfig) -> Generator:
    from mps_env.gan.training import train_gan

    _log.info("training the GAN of %s, once", dataset.name)
    started = time.monotonic()
    generator = train_gan(*looked_at(dataset, config), dataset.num_classes, config, name=dataset.name)
    if time.monotonic() - started > _WORTH_A_FILE_S:
        with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to fail
            write_generator(generator_path(key), generator)
    return generator


def _key(dataset: Dataset, config: GanConfig) -> str:
    known = _keys.setdefault(dataset, {})
    if config not in known:
        images, classes = looked_at(dataset, config)
        described = json.dumps([_FORMAT, asdict(config), dataset.num_classes, images.shape])
        digest = hashlib.blake2b(described.encode(), digest_size=16)
        digest.update(images.data)
        digest.update(classes.data)
        known[config] = digest.hexdigest()
    return known[config]
