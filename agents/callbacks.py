"""Callbacks of a run: Stable-Baselines3's objects and plain functions, driven without importing SB3."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Callback = Any  # an SB3 BaseCallback | Callable[[dict, dict], bool | None] | a sequence of these | None


class FunctionCallback:
    """Gives a plain function the methods that a run calls on SB3's `BaseCallback`.

    Args:
        function: Called once per step with (locals, globals); only False stops the run, None does not.
    """

    def __init__(self, function: Callable[[dict[str, Any], dict[str, Any]], bool | None]) -> None:
        self.function = function
        self.locals: dict[str, Any] = {}
        self.globals: dict[str, Any] = {}

    def init_callback(self, model: Any) -> None:
        self.model = model

    def on_training_start(self, locals_: dict[str, Any], globals_: dict[str, Any]) -> None:
        self.locals, self.globals = locals_, globals_

    def update_locals(self, locals_: dict[str, Any]) -> None:
        self.locals.update(locals_)

    def on_step(self) -> bool:
        return self.function(self.locals, self.globals) is not False

    def on_rollout_start(self) -> None: ...

    def on_rollout_end(self) -> None: ...

    def on_training_end(self) -> None: ...


class CallbackList:
    """Several callbacks as one; a run goes on while all of them agree, and each is asked at every step."""

    def __init__(self, callbacks: Sequence[Any]) -> None:
        self.callbacks = list(callbacks)

    def start(self, model: Any, locals_: dict[str, Any]) -> None:
        """Tell every callback that the run begins."""
        for callback in self.callbacks:
            callback.init_callback(model)
            callback.on_training_start(locals_, {})

    def rollout_start(self) -> None:
        """Tell every callback that acting goes on after learning: here a saved agent goes on exactly."""
        for callback in self.callbacks:
            callback.on_rollout_start()

    def step(self, locals_: dict[str, Any]) -> bool:
        """Tell every callback of one step; return whether to go on."""
        go_on = True
        for callback in self.callbacks:
            callback.update_locals(locals_)
            go_on = bool(callback.on_step()) and go_on
        return go_on

    def rollout_end(self) -> None:
        """Tell every callback that acting pauses for learning."""
        for callback in self.callbacks:
            callback.on_rollout_end()

    def end(self) -> None:
        """Tell every callback that the run is over."""
        for callback in self.callbacks:
            callback.on_training_end()


def run_steps(
    agent: Any, total_timesteps: int, callback: Callback, step: Callable[[], dict[str, Any]], *, progress_bar: bool
) -> None:
    """Call `step` until `agent.num_timesteps` has grown by `total_timesteps` or a callback stops the run.

    Each step is a rollout of its own, as it is for SB3's off-policy agents that learn after every step.

    Args:
        agent: What callbacks get as the model; its `num_timesteps` is counted by `step`.
        total_timesteps: Steps at most.
        callback: As given to `learn`.
        step: Takes one step and returns the local variables that callbacks see.
        progress_bar: Draw a progress bar.
    """
    callbacks, last = as_callback_list(callback), agent.num_timesteps + total_timesteps
    callbacks.start(agent, {"self": agent, "total_timesteps": total_timesteps})
    with progress(total_timesteps, shown=progress_bar, label=agent.name) as advance:
        while agent.num_timesteps < last:
            callbacks.rollout_start()
            seen = step()
            advance()
            go_on = callbacks.step(seen)
            callbacks.rollout_end()
            if not go_on:
                break
    callbacks.end()


def as_callback_list(callback: Callback) -> CallbackList:
    """Return a `CallbackList` of whatever `learn` was given.

    Raises:
        TypeError: If something is neither a callback object nor a function.
    """
    if callback is None:
        return CallbackList([])
    if isinstance(callback, CallbackList):
        return callback
    given = list(callback) if isinstance(callback, (list, tuple)) else [callback]
    return CallbackList([_as_callback(one) for one in given])


def _as_callback(one: Any) -> Any:
    if hasattr(one, "on_step") and hasattr(one, "init_callback"):
        return one
    if callable(one):
        return FunctionCallback(one)
    raise TypeError(
        f"callback must be an SB3 BaseCallback, a function of (locals, globals), or a list of these, got"
        f" {type(one).__name__}. Pass a function that returns False to stop."
    )


@contextmanager
def progress(total: int, *, shown: bool, label: str) -> Iterator[Callable[..., Any]]:
    """Yield a function to call after each step, or with a number of steps; it moves a tqdm bar where `shown`."""
    if not shown:
        yield lambda steps=1: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, desc=label, unit="step") as bar:
        yield lambda steps=1: bar.update(steps)


class RunLogger:
    """The part of SB3's logger that callbacks use: the last value recorded under each name."""

    def __init__(self) -> None:
        self.name_to_value: dict[str, Any] = {}

    def record(self, key: str, value: Any, exclude: Any = None) -> None:
        """Keep a value by name."""
        self.name_to_value[key] = value

    record_mean = record

    def dump(self, step: int = 0) -> None:
        """Do nothing: the values stay readable in `name_to_value`."""
