"""Data sets by name or path, split into training and validation; the test split is loaded elsewhere."""

from __future__ import annotations

from mps_env.data.dataset import Dataset, Split

__all__ = ["Dataset", "Split"]
