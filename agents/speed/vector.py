"""The native vector environment against Gymnasium's own, on the same work: steps per second, and memory."""

from __future__ import annotations

import multiprocessing
from itertools import cycle
from typing import Any, Literal

import gymnasium as gym

import mps_env  # noqa: F401 (registers the environment)
from agents.speed.timing import in_turn

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
        _VectorProcess("native", num_envs, task, steps) as native,
        _VectorProcess(rival, num_envs, task, steps) as other,
    ):
        seconds = in_turn({"native": native, "rival": other}, rounds)
        megabytes = native.megabytes, other.megabytes
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


class _VectorProcess:
    """A vector environment in a process of its own; each call takes a round of steps."""

    def __init__(self, kind: Kind, num_envs: int, task: dict[str, Any], steps: int) -> None:
        self.megabytes: float | None = None
        self._connection, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        # No daemon, because that could not start workers.
        self._process = context.Process(target=_serve_rounds, args=(theirs, kind, num_envs, task, steps))
        self._process.start()
        theirs.close()  # so that a process that fails is noticed

    def __enter__(self) -> _VectorProcess:
        self._connection.recv()  # it is ready
        return self

    def __call__(self) -> None:
        self._connection.send(True)
        self.megabytes = self._connection.recv()

    def __exit__(self, *error: object) -> None:
        if self._process.is_alive():
            self._connection.send(False)
        self._process.join()


def _serve_rounds(connection: Any, kind: Kind, num_envs: int, task: dict[str, Any], steps: int) -> None:
    env = make_vector(kind, num_envs, task)
    env.action_space.seed(0)
    actions = cycle([env.action_space.sample() for _ in range(_ACTIONS)])

    def take(count: int) -> None:
        for _ in range(count):
            env.step(next(actions))

    env.reset(seed=0)
    take(_WARM_UP)
    connection.send(None)
    while connection.recv():
        take(steps)
        connection.send(memory_of_all_mb())
    env.close()


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
