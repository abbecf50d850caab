"""An episode log in Stable-Baselines3's Monitor format, written without importing it (and so without torch)."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import gymnasium as gym

SUFFIX = "monitor.csv"


class EpisodeLog(gym.Wrapper):
    """Writes one row per episode: r (return), l (length), t (seconds since the start), and chosen `info` values.

    `stable_baselines3.common.results_plotter.load_results(folder)` reads it. The finished episode is also in
    `info["episode"]`, as from SB3's Monitor.

    Args:
        env: The environment.
        path: The file; `monitor.csv` is added to a name that does not end with it, as SB3's Monitor does.
        info_keywords: Entries of the last step's `info` to add as columns.
        append: Go on with an existing file, as a resumed run does; otherwise it is replaced.
    """

    def __init__(self, env: gym.Env, path: str | Path, *, info_keywords: tuple[str, ...] = (), append: bool = False):
        super().__init__(env)
        self.path = _monitor_path(Path(path))
        self.info_keywords = info_keywords
        self._start = time.time()
        self._columns = ("r", "l", "t", *info_keywords)
        if not (append and self.path.exists()):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            header = {"t_start": self._start, "env_id": str(env.spec.id if env.spec else None)}
            self.path.write_text(f"#{json.dumps(header)}\n{','.join(self._columns)}\n", encoding="utf-8")
        self._begin()

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; one that was under way is not logged."""
        self._begin()
        return self.env.reset(**kwargs)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step, and log the episode where it ends."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._return += float(reward)
        self._length += 1
        if terminated or truncated:
            seconds = round(time.time() - self._start, 6)
            row = {"r": round(self._return, 6), "l": self._length, "t": seconds}
            row |= {key: info[key] for key in self.info_keywords}
            with self.path.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, self._columns, lineterminator="\n").writerow(row)
            info["episode"] = row
        return observation, reward, terminated, truncated, info

    def _begin(self) -> None:
        self._return, self._length = 0.0, 0


def _monitor_path(path: Path) -> Path:
    if path.name.endswith(SUFFIX):
        return path
    return path / SUFFIX if path.is_dir() else path.with_name(f"{path.name}.{SUFFIX}")
