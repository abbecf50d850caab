"""Measurements of the package's own speed, size and fidelity, as ratios taken in one run."""
