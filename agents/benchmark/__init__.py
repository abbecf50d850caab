"""Benchmarks: agents and distillers over a grid of tasks and seeds, each cell one run, and what they tell together."""

from agents.benchmark.config import BenchmarkConfig
from agents.benchmark.engines import ENGINES
from agents.benchmark.entries import Entry
from agents.benchmark.running import Progress, run_benchmark

__all__ = ["ENGINES", "BenchmarkConfig", "Entry", "Progress", "run_benchmark"]
