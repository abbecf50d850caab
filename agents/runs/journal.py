"""What a proxy answered, on disk: a killed run reads its answers back instead of training again.

A run is a deterministic function of its config and of the proxy's answers. So the answers are all that a run must
keep: continued from its folder it takes the same path at the speed of reading, to the step at which it was killed,
whatever agent learns in it. The agent's own arithmetic is repeated; the proxy trainings, which are the cost, are not.
"""

from __future__ import annotations

import hashlib
import struct
import time
import zlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mps_env.proxies.base import Proxy, Score
from mps_env.ridge.advisor import RidgeAdvisor
from mps_env.synthetic_set import SyntheticSet

_SCALARS = 2  # of a score's record: accuracy and loss, ahead of the classes' accuracies
_HEADER = struct.Struct("<16sdII")  # key, elapsed seconds, number of values, checksum of the values


class Journal:
    """An append-only file of keyed float arrays; an incomplete last record is cut off when it is opened.

    Args:
        path: The file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self._records: dict[bytes, tuple[float, np.ndarray]] = {}
        self._elapsed = 0.0
        self._live_since: float | None = None
        whole = self._read(path) if path.exists() else 0
        self._file = open(path, "ab")  # noqa: SIM115 (lives as long as the run)
        self._file.truncate(whole)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was recorded so far."""
        return not self._records

    def get(self, key: bytes) -> np.ndarray | None:
        """Return the values recorded under a key."""
        record = self._records.get(key)
        if record is None:
            return None
        if self._live_since is None:
            self._elapsed = record[0]
        return record[1]

    def put(self, key: bytes, values: np.ndarray) -> None:
        """Record values (float64) and hand them to the operating system, so that a kill cannot lose them."""
        values = np.array(values, dtype=np.float64)
        elapsed, payload = self.elapsed, values.tobytes()
        self._records[key] = (elapsed, values)
        self._file.write(_HEADER.pack(key, elapsed, len(values), zlib.crc32(payload)) + payload)
        self._file.flush()

    @property
    def elapsed(self) -> float:
        """Seconds of work so far; while answers are read back, what it was when they were recorded."""
        if self._live_since is None:
            return self._elapsed
        return self._elapsed + time.perf_counter() - self._live_since

    def go_live(self, elapsed: float | None = None) -> None:
        """From now on time counts (from `elapsed` seconds on, if given): there is work that is not on record."""
        if self._live_since is None:
            self._elapsed = self._elapsed if elapsed is None else elapsed
            self._live_since = time.perf_counter()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, path: Path) -> int:
        """Read all whole records and return where they end."""
        content = path.read_bytes()
        position = 0
        while position + _HEADER.size <= len(content):
            key, elapsed, count, checksum = _HEADER.unpack_from(content, position)
            end = position + _HEADER.size + 8 * count
            payload = content[position + _HEADER.size : end]
            if len(payload) < 8 * count or zlib.crc32(payload) != checksum:
                break
            self._records[key] = (elapsed, np.frombuffer(payload, dtype=np.float64))
            position = end
        return position


@dataclass(frozen=True, eq=False)
class JournaledTrial:
    """An episode's trial together with the seed that its records are filed under."""

    seed: int
    trial: Any


@dataclass(eq=False)
class JournaledModel:
    """A model that is trained when it is first needed: until then the answer on record is enough."""

    trial: JournaledTrial
    synthetic_set: SyntheticSet
    score: Score | None


class JournaledProxy(Proxy):
    """A proxy whose answers are written down, and read back where they are on record.

    Args:
        proxy: Who answers.
        journal: Where to.
    """

    def __init__(self, proxy: Proxy, journal: Journal) -> None:
        self.proxy = proxy
        self.journal = journal

    def begin(self, seed: int) -> JournaledTrial:
        return JournaledTrial(seed, self.proxy.begin(seed))

    def score(self, episode: JournaledTrial, synthetic_set: SyntheticSet) -> Score:
        return self.score_batch([episode], [synthetic_set])[0]

    def score_batch(self, episodes: Sequence[JournaledTrial], sets: Sequence[SyntheticSet]) -> list[Score]:
        """Read back what is on record, and score the rest in one call, equal sets once."""
        keys = [_key("score", episode.seed, one.fingerprint) for episode, one in zip(episodes, sets, strict=True)]
        scores: dict[bytes, Score] = {}
        missing: dict[bytes, int] = {}  # the first position of each
        for position, key in enumerate(keys):
            if recorded := self._recorded(key, episodes[position], sets[position]):
                scores[key] = recorded
            else:
                missing.setdefault(key, position)
        if missing:
            self.journal.go_live()
            positions = missing.values()
            computed = self.proxy.score_batch([episodes[i].trial for i in positions], [sets[i] for i in positions])
            for (key, i), score in zip(missing.items(), computed, strict=True):
                self.journal.put(key, np.array([score.accuracy, score.loss, *score.class_accuracy]))
                scores[key] = replace(score, model=JournaledModel(episodes[i], sets[i], score))
        return [scores[key] for key in keys]

    def _recorded(self, key: bytes, episode: JournaledTrial, synthetic_set: SyntheticSet) -> Score | None:
        values = self.journal.get(key)
        if values is None or len(values) <= _SCALARS:
            return None
        model = JournaledModel(episode, synthetic_set, None)
        return Score(float(values[0]), float(values[1]), values[_SCALARS:].astype(np.float32), model)

    def predict(self, score: Score, images: np.ndarray) -> np.ndarray:
        model: JournaledModel = score.model
        digest = hashlib.blake2b(images.tobytes(), digest_size=16).digest()
        key = _key("predict", model.trial.seed, model.synthetic_set.fingerprint + digest)
        values = self.journal.get(key)
        if values is None:
            self.journal.go_live()
            if model.score is None:
                model.score = self.proxy.score(model.trial.trial, model.synthetic_set)
            values = self.proxy.predict(model.score, images)
            self.journal.put(key, values.ravel())
        return values.reshape(len(images), -1).astype(np.float32)

    def prepare(self, images: np.ndarray) -> None:
        self.proxy.prepare(images)

    def session(self) -> AbstractContextManager[None]:
        return self.proxy.session()

    def advisor(self, episode: JournaledTrial) -> RidgeAdvisor | None:
        return self.proxy.advisor(episode.trial)

    def renewed(self, seed: int) -> JournaledProxy:
        return JournaledProxy(self.proxy.renewed(seed), self.journal)


def _key(kind: str, seed: int, content: bytes) -> bytes:
    return hashlib.blake2b(f"{kind}:{seed}:".encode() + content, digest_size=16).digest()
