"""The report of a benchmark: what its results say, in Markdown and as a page of its own."""

from agents.benchmark.report.writing import write_report

__all__ = ["write_report"]
