"""Honest figures from few runs: interquartile means, bootstrap intervals, profiles, probabilities of improvement.

After Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (NeurIPS 2021), and equal
to its library `rliable` up to the luck of the resampling. Two things are wider here: tasks may have unequal numbers of
runs, and many statistics (the points of a curve, the thresholds of a profile) are resampled together.

A *stratum* is the array of one task's runs, (..., n), runs last; what is resampled is runs within a stratum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Strata = Sequence[np.ndarray]
Statistic = Callable[[Strata], np.ndarray]

ENOUGH_RUNS = 5
CONFIDENCE = 0.95
RESAMPLES = 9_999
_BAND_RESAMPLES = 2_000  # for curves: a band is looked at, not quoted
_BATCH = 500  # resamples held in memory at once
_CUT = 0.25
_SEED = 0  # so that a report written twice is the same


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval.

    Args:
        value: The figure, NaN if there are no runs.
        low: Lower end of the 95 % interval, NaN where no stratum has two runs.
        high: Upper end.
        runs: Runs of the stratum that has the fewest.
    """

    value: float
    low: float
    high: float
    runs: int

    @property
    def has_interval(self) -> bool:
        """Whether there was anything to resample."""
        return bool(np.isfinite(self.low))

    @property
    def is_weak(self) -> bool:
        """Whether a warning belongs beside the figure: fewer than five runs of some task."""
        return self.runs < ENOUGH_RUNS


# --- statistics of strata: runs are the last axis, which they reduce ---


def interquartile_mean(strata: Strata) -> np.ndarray:
    """Return the mean of the middle half of all runs of all tasks, (...)."""
    from scipy.stats import trim_mean

    return np.asarray(trim_mean(np.concatenate(strata, axis=-1), _CUT, axis=-1))


def mean(strata: Strata) -> np.ndarray:
    """Return the mean of all runs of all tasks, (...)."""
    return np.concatenate(strata, axis=-1).mean(axis=-1)


def optimality_gap(strata: Strata, target: float = 1.0) -> np.ndarray:
    """Return by how much runs fall short of `target` on average, those above it counted as equal to it."""
    return target - np.minimum(np.concatenate(strata, axis=-1), target).mean(axis=-1)


def probability_of_improvement(strata: Strata) -> np.ndarray:
    """Return the probability that a run of X beats one of Y on the same task, a tie counting half, over all tasks.

    It is the Mann-Whitney statistic over the number of pairs; its p-value, which scipy's function would work out for
    every resample, is not wanted.

    Args:
        strata: X's runs of each task, then Y's of each, in the same order of tasks.
    """
    half = len(strata) // 2
    pairs = [np.sign(x[..., :, None] - y[..., None, :]) for x, y in zip(strata[:half], strata[half:], strict=True)]
    return np.mean([(1 + signs.mean(axis=(-2, -1))) / 2 for signs in pairs], axis=0)


# --- estimates ---


def estimate(strata: Strata, statistic: Statistic = interquartile_mean) -> Estimate:
    """Return a statistic of strata with its 95 % stratified-bootstrap interval.

    Args:
        strata: (n_i,) each; empty ones have no say.
        statistic: Of the runs.
    """
    runs = min((len(stratum) for stratum in strata), default=0)
    filled = [stratum for stratum in strata if len(stratum)]
    if not filled or (statistic is probability_of_improvement and len(filled) < len(strata)):
        return Estimate(np.nan, np.nan, np.nan, runs)
    low, high = interval(filled, statistic)
    return Estimate(float(statistic(filled)), float(low), float(high), runs)


def interval(
    strata: Strata, statistic: Statistic = interquartile_mean, *, resamples: int = RESAMPLES
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % percentile interval, runs resampled within each stratum.

    A stratum of one run cannot be resampled and stays as it is, so that the interval is too narrow there; it is one
    of the cases in which a warning stands beside the figure.

    Args:
        strata: (..., n_i) each, n_i >= 1.
        statistic: Of the runs.
        resamples: How many.

    Returns:
        Two arrays (...), NaN if no stratum has two runs.
    """
    from scipy.stats import bootstrap

    moving = [place for place, stratum in enumerate(strata) if stratum.shape[-1] > 1]
    if not moving:
        nothing = np.full(strata[0].shape[:-1], np.nan)
        return nothing, nothing

    def of_resampled(*samples: np.ndarray, axis: int = -1) -> np.ndarray:
        drawn = dict(zip(moving, samples, strict=True))
        return statistic([drawn.get(place, repeated(alone, samples[0])) for place, alone in enumerate(strata)])

    def repeated(alone: np.ndarray, sample: np.ndarray) -> np.ndarray:
        """Give a stratum that stays as it is the resamples' axis where `sample` has it."""
        spread = alone if alone.ndim == sample.ndim else alone[..., None, :]
        return np.broadcast_to(spread, (*sample.shape[:-1], alone.shape[-1]))

    found = bootstrap(
        [strata[place] for place in moving],
        of_resampled,
        n_resamples=resamples,
        batch=_BATCH,
        vectorized=True,
        axis=-1,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    )
    return found.confidence_interval.low, found.confidence_interval.high


def performance_profile(strata: Strata, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share of runs that score above each threshold, and the band around it.

    Args:
        strata: (n_i,) each.
        thresholds: (T,).

    Returns:
        Share, lower and upper end, (T,) each.
    """
    above = [(stratum > thresholds[:, None]).astype(float) for stratum in strata]
    return (mean(above), *interval(above, mean, resamples=_BAND_RESAMPLES))


def curve(strata: Strata) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the interquartile mean of curves and the band around it.

    Args:
        strata: (P, n_i) each: the same P points of every run; NaN where a run has nothing to show yet.

    Returns:
        Mean, lower and upper end, (P,) each, NaN where any run has nothing to show.
    """
    known = np.isfinite(np.concatenate(strata, axis=-1)).all(axis=-1)
    found = np.full((3, len(known)), np.nan)
    if known.any():
        shown = [stratum[known] for stratum in strata]
        found[:, known] = interquartile_mean(shown), *interval(shown, resamples=_BAND_RESAMPLES)
    return found[0], found[1], found[2]


# --- scores ---


def normalise(scores: np.ndarray, *, zero: float, one: float) -> np.ndarray:
    """Return scores on a scale on which `zero` is 0 and `one` is 1.

    Raises:
        ValueError: If `one` is not above `zero`.
    """
    if not one > zero:
        raise ValueError(f"one must be above zero, got {one:.4g} and {zero:.4g}. Choose a reference that beats it.")
    return (scores - zero) / (one - zero)


def hold(places: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return a run's value at other places: the last one it had; NaN before its first.

    Args:
        places: (n,) ascending.
        values: (n,) at those places.
        at: (P,).
    """
    index = np.searchsorted(places, at, side="right") - 1
    return np.where(index < 0, np.nan, values[np.maximum(index, 0)])
