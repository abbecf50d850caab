"""Data sets by name or path, split into training and validation; the test split is loaded elsewhere."""

from __future__ import annotations

from mps_env.data.catalogue import DATASETS, register_dataset
from mps_env.data.dataset import Dataset, Split
from mps_env.data.loading import load_dataset
from mps_env.data.source import Source
from mps_env.data.status import DatasetStatus, dataset_status

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetStatus",
    "Source",
    "Split",
    "dataset_status",
    "load_dataset",
    "register_dataset",
]
