"""The versions that a result depends on."""

from __future__ import annotations

import platform
from importlib import metadata

_PACKAGES = ("mps-distill", "gymnasium", "numpy", "scikit-learn", "stable-baselines3", "tensorflow", "torch")


def versions(*more: str) -> dict[str, str]:
    """Return the installed versions of this package and of what it computes with.

    Args:
        more: Packages besides those that every result depends on.
    """
    found = {"python": platform.python_version()}
    for package in (*_PACKAGES, *more):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
