"""Memory growth over many steps, and what importing the environment costs."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from agents.speed.steps import make

HEAVY_MODULES = ("tensorflow", "keras", "torch", "sklearn", "matplotlib", "optuna", "ray", "pandas")

_IMPORT_PROBE = """
import json, sys, time
start = time.perf_counter()
import mps_env
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "heavy": [name for name in %r if name in sys.modules]}))
"""


def measure_memory(proxy: str, *, steps: int = 1_000, warm_up: int = 300) -> dict[str, float]:
    """Return the resident megabytes that an environment on digits grew by over `steps` after the warm-up."""
    env = make("digits", None, proxy=proxy, ipc=2, observation="features", edits=["noise", "random_real", "shift"])
    env.reset(seed=0)
    for step in range(warm_up):
        env.step(step % 3)
    before = _resident_mb()
    for step in range(steps):
        env.step(step % 3)
    return {"steps": steps, "growth_mb": _resident_mb() - before}


def measure_import(repeats: int = 3) -> dict[str, Any]:
    """Return the seconds of `import mps_env` in a fresh interpreter (the best of a few), and what heavy came along."""
    found = [_probe_import() for _ in range(repeats)]
    return {"seconds": min(probe["seconds"] for probe in found), "heavy_modules": found[0]["heavy"]}


def _probe_import() -> dict[str, Any]:
    command = [sys.executable, "-c", _IMPORT_PROBE % (HEAVY_MODULES,)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _resident_mb() -> float:
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    # Elsewhere only the peak is to be had without another package; its unit is bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
