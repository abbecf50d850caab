"""Environment steps per second with the `ridge` proxy, by edit and by size, and the environment's own share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np

import mps_env  # noqa: F401 (registers the environment)
from mps_env.edits import EDITS
from mps_env.proxies.base import Score

_NO_TRAINING = ("keep", "undo", "stop")


def make(dataset: str, data_dir: str | None, **kwargs: Any) -> gym.Env[Any, Any]:
    """Make an environment without Gymnasium's checking wrapper, which is for development."""
    return gym.make(
        "MPSDistill-v0", dataset=dataset, data_dir=data_dir, max_episode_steps=-1, disable_env_checker=True, **kwargs
    )


def steps_per_second(env: gym.Env[Any, Any], actions: Sequence[Any], *, seed: int = 0) -> float:
    """Return how many steps per second an environment takes, after a warm-up of a tenth of the actions."""
    env.reset(seed=seed)
    for action in actions[: max(1, len(actions) // 10)]:
        env.step(action)
    start = time.perf_counter()
    for action in actions:
        env.step(action)
    return len(actions) / (time.perf_counter() - start)


def measure_ridge_edits(
    dataset: str, data_dir: str | None, *, val_size: int | None, n_images: int = 100, steps: int = 200
) -> dict[str, float]:
    """Measure every edit that needs a score, and replacement by numbered candidate, with the `features` observation.

    Returns:
        Steps a second by edit; the key `replace (action)` is the action family.
    """
    common = {"proxy": "ridge", "observation": "features", "val_size": val_size, "n_images": n_images}
    env = make(dataset, data_dir, **common)
    names = env.unwrapped.edit_names  # type: ignore[attr-defined]
    rates = {
        name: steps_per_second(env, [names.index(name)] * steps) for name in EDITS.names() if name not in _NO_TRAINING
    }
    replacing = make(dataset, data_dir, action="replace", **common)
    replacing.action_space.seed(0)
    rates["replace (action)"] = steps_per_second(replacing, [replacing.action_space.sample() for _ in range(steps)])
    return rates


def measure_ridge_growth(
    dataset: str, data_dir: str | None, *, sizes: Sequence[int], val_sizes: Sequence[int], steps: int = 50
) -> list[dict[str, float]]:
    """Measure milliseconds a step over set and validation sizes, for a pool image and for a perturbed one."""
    rows = []
    for val_size in val_sizes:
        for n_images in sizes:
            common = {"proxy": "ridge", "observation": "features", "val_size": val_size, "n_images": n_images}
            row: dict[str, float] = {"n_images": n_images, "val_size": val_size}
            for edit in ("random_real", "noise"):
                env = make(dataset, data_dir, edits=[edit], **common)
                row[f"{edit}_ms"] = 1e3 / steps_per_second(env, [0] * steps)
            rows.append(row)
    return rows


def growth_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the slope of log cost over log size: 1 is linear growth, 3 cubic."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def measure_overhead(dataset: str = "digits", *, n_images: int = 100, steps: int = 300) -> dict[str, float]:
    """Measure what a step costs beside the proxy's score, with the `features` observation.

    The time inside `score` is measured and taken off. Margin and influence come from the ridge bank; under the ridge
    proxy they share its solved system, so what is left is the environment's own.
    """
    env = make(dataset, None, proxy="ridge", observation="features", n_images=n_images)
    proxy = env.unwrapped.task.proxy  # type: ignore[attr-defined]
    inside, score = [0.0], proxy.score

    def timed(episode: Any, synthetic_set: Any) -> Score:
        start = time.perf_counter()
        answer = score(episode, synthetic_set)
        inside[0] += time.perf_counter() - start
        return answer

    proxy.score = timed
    index = env.unwrapped.edit_names.index("random_real")  # type: ignore[attr-defined]
    env.reset(seed=0)
    for _ in range(steps // 10):
        env.step(index)
    inside[0] = 0.0
    start = time.perf_counter()
    for _ in range(steps):
        env.step(index)
    total = time.perf_counter() - start
    return {"step_ms": 1e3 * total / steps, "overhead_ms": 1e3 * (total - inside[0]) / steps}
