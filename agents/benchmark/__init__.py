"""Benchmarks: a grid of runs, their statistics, and a report that people want to read."""
