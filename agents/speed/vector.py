"""The native vector environment against Gymnasium's own, on the same work: steps per second, and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import cycle
from typing import Any, Literal

import gymnasium as gym

import mps_env  # noqa: F401 (registers the environment)
from agents.speed.timing import in_turn
from agents.speed.worker import Worker

Kind = Literal["native", "sync", "async"]

_WARM_UP = 5  # steps
_ACTIONS = 1_000  # drawn once, and taken again from the first on


def measure_vector(
    rival: Kind, proxy: str, *, num_envs: int = 8, steps: int = 100, rounds: int = 3, **kwargs: Any
) -> dict[str, Any]:
    """Time random actions in both environments in turn, each in a process of its own that was warmed up before.

    Args:
        rival: `sync` or `async` (workers are spawned), over as many single environments.
        proxy: The proxy, on digits with 100 images and the `features` observation unless `kwargs` say otherwise.
        num_envs: Environments in each.
        steps: Vector steps of a round.
        rounds: Of which the median counts.
        kwargs: Further arguments of the environments.

    Returns:
        Environment steps per second of both, their ratio, and the megabytes of all processes of each: memory that
        several share is split among them (USS where the system does not tell); None without psutil.
    """
    task = {"proxy": proxy, "observation": "features", **kwargs}
    with (
        Worker(_rounds, "native", num_envs, task, steps) as native,
        Worker(_rounds, rival, num_envs, task, steps) as other,
    ):
        seconds = in_turn({"native": native, "rival": other}, rounds)
        megabytes = native.answer, other.answer
    work = num_envs * steps
    return {
        "proxy": proxy,
        "rival": rival,
        "num_envs": num_envs,
        "native_steps_per_second": work / seconds["native"],
        "rival_steps_per_second": work / seconds["rival"],
        "times_as_fast": seconds["rival"] / seconds["native"],
        "native_mb": megabytes[0],
        "rival_mb": megabytes[1],
    }


@contextmanager
def _rounds(kind: Kind, num_envs: int, task: dict[str, Any], steps: int) -> Iterator[Callable[[], float | None]]:
    """Give a round of steps in an environment that was warmed up; it returns the megabytes in use."""
    env = make_vector(kind, num_envs, task)
    env.action_space.seed(0)
    actions = cycle([env.action_space.sample() for _ in range(_ACTIONS)])

    def take(count: int) -> float | None:
        for _ in range(count):
            env.step(next(actions))
        return memory_of_all_mb()

    env.reset(seed=0)
    take(_WARM_UP)
    with closing(env):
        yield partial(take, steps)


def make_vector(kind: Kind, num_envs: int, task: dict[str, Any]) -> gym.vector.VectorEnv:
    """Make a vector environment, Gymnasium's over single ones without its checking wrapper."""
    if kind == "native":
        return gym.make_vec("MPSDistill-v0", num_envs=num_envs, **task)

    def make() -> gym.Env:
        return gym.make("mps_env:MPSDistill-v0", disable_env_checker=True, **task)

    if kind == "sync":
        return gym.vector.SyncVectorEnv([make] * num_envs)
    return gym.vector.AsyncVectorEnv([make] * num_envs, context="spawn")


def memory_of_all_mb() -> float | None:
    """Return the megabytes of this process and those it started; None without psutil."""
    try:
        import psutil
    except ModuleNotFoundError:
        return None
    own = psutil.Process()
    found = [process.memory_full_info() for process in (own, *own.children(recursive=True))]
    return sum(getattr(info, "pss", info.uss) for info in found) / 2**20
