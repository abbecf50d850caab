"""Exit codes and one-line errors."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

WRONG_CALL = 2
FAILED_RUN = 1
INTERRUPTED = 130


class WrongCallError(Exception):
    """The command cannot be done as it was given: exit code 2."""


class InterruptedRunError(Exception):
    """Ctrl-C ended a run that can be continued; the message says how."""


@contextlib.contextmanager
def checking_call() -> Iterator[None]:
    """Turn what is wrong with the user's input, found in the block, into a wrong call.

    Around checks only: the same exceptions raised by the work itself are failures.
    """
    try:
        yield
    except (ValueError, TypeError, OverflowError, OSError, ModuleNotFoundError, AssertionError) as error:
        # Stable-Baselines3 checks its arguments with assertions.
        raise WrongCallError(str(error) or type(error).__name__) from error


def report_errors(command: Callable[[], int]) -> int:
    """Run a command; print what goes wrong as one line on standard error; return the exit code.

    With `MPS_DEBUG=1` in the environment errors keep their traceback.
    """
    try:
        return command()
    except WrongCallError as error:
        _reraise_if_debugging()
        return _say(str(error), WRONG_CALL)
    except InterruptedRunError as error:
        return _say(str(error), INTERRUPTED)
    except KeyboardInterrupt:
        return _say("interrupted.", INTERRUPTED)
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _nobody_reads():
            return 0
        _reraise_if_debugging()
        detail = str(error) or "no message"
        return _say(f"{type(error).__name__}: {detail} (MPS_DEBUG=1 shows where)", FAILED_RUN)


def remark(figures: Mapping[str, Any]) -> str | None:
    """Return what went wrong in a run that ended all the same, in a sentence; None where nothing did.

    Args:
        figures: Of its summary.
    """
    where = figures.get("diverged_at")
    if where is None:
        # A set that is made at once takes no iteration and no score.
        is_idle = not figures["iterations"] and not figures["env_steps"] and figures["proxy_trainings"]
        return "The budget was spent before the first step; a longer one does something." if is_idle else None
    what = f"The loss was not finite at iteration {where}"
    if figures["env_steps"]:
        what = f"The weights of {figures['method']} were not finite after step {where}"
    return f"{what}; the set is the best one before that."


def _nobody_reads() -> bool:
    """Whether whoever read our output has seen enough; if so, keep Python from complaining when it closes it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _reraise_if_debugging() -> None:
    if os.environ.get("MPS_DEBUG"):
        raise


def _say(message: str, code: int) -> int:
    print(f"mps: {' '.join(message.split())}", file=sys.stderr)
    return code
