"""Errors and spreads of means over futures, when futures come in clusters that share their parameters.

    error        cluster-robust standard error of a mean: C/(C−1)·Σ_c (Σ_{f in c} (x_f − mean))² / F²
    parameters   variance between clusters by the law of total variance: (MSB − MSW)/n0, one-way analysis of variance
    luck         variance within clusters, MSW

Source   Searle, Casella & McCulloch 1992 (variance components, unequal groups); the beta interval below is a match of two moments, ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
Z90 = 1.6448536269514722
"""Half width, in standard errors, of a 90 % interval."""


@dataclass(frozen=True)
class Clusters:
    """Futures in order of their cluster; `start` the first place of each, `size` [cluster] how many futures it has."""

    order: np.ndarray
    start: np.ndarray
    size: np.ndarray

    @property
    def futures(self) -> int:
        return len(self.order)

    @property
    def count(self) -> int:
        return len(self.size)

    def sums(self, x: np.ndarray) -> np.ndarray:
        """[..., future] → sums [..., cluster], float64."""
        return np.add.reduceat(x[..., self.order].astype(np.float64), self.start, axis=-1)


def clusters(labels: np.ndarray) -> Clusters:
    """Clusters of futures with equal labels [future]."""
    order = np.argsort(labels, kind="stable")
    _, start, size = np.unique(labels[order], return_index=True, return_counts=True)
    return Clusters(order, start, size.astype(np.float64))


def error(x: np.ndarray, c: Clusters) -> np.ndarray:
    """Standard error of the mean of x [..., future]; infinite when all futures are one cluster."""
    return residual_error(c.sums(x) - c.size * x.mean(axis=-1, dtype=np.float64)[..., None], c)


def residual_error(residuals: np.ndarray, c: Clusters) -> np.ndarray:
    """Standard error of (a linearised statistic) from residual sums per cluster [..., cluster]."""
    if c.count < 2:
        return np.full(residuals.shape[:-1], np.inf)
    return np.sqrt(c.count / (c.count - 1) * (residuals**2).sum(axis=-1)) / c.futures


def components(x: np.ndarray, c: Clusters) -> tuple[np.ndarray, np.ndarray]:
    """(variance by parameters, variance by luck) of x [..., future]; not a number where no cluster has two futures."""
    mean = x.mean(axis=-1, dtype=np.float64)[..., None]
    of_cluster = c.sums(x) / c.size
    between = (c.size * (of_cluster - mean) ** 2).sum(axis=-1)
    total = ((x - mean) ** 2).sum(axis=-1)
    if c.futures == c.count or c.count < 2:
        blank = np.full(x.shape[:-1], np.nan)
        return blank, blank
    within = np.maximum(total - between, 0.0) / (c.futures - c.count)
    typical = (c.futures - (c.size**2).sum() / c.futures) / (c.count - 1)
    return np.maximum((between / (c.count - 1) - within) / typical, 0.0), within


def quantiles(x: np.ndarray, levels: Sequence[float] = LEVELS) -> np.ndarray:
    """Quantiles [..., level] over futures of x [..., future], by linear interpolation; sorting is faster than partitioning here."""
    ordered = np.sort(x, axis=-1)
    place = np.asarray(levels) * (x.shape[-1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, x.shape[-1] - 1)
    part = (place - below).astype(x.dtype)
    return ordered[..., below] * (1 - part) + ordered[..., above] * part


def share_interval(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """5 % and 95 % points of a probability that varies with the parameters: the beta distribution of this mean and variance.

    A point where the variance is zero or the mean is (all but) 0 or 1; not a number where the variance is unknown.
    """
    from scipy.special import betaincinv

    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    inside = (mean > 1e-9) & (mean < 1 - 1e-9)  # beyond, a beta has no room in double precision
    room = np.where(inside, mean * (1 - mean), 1.0)
    spread = np.clip(np.where(inside, variance, 0.0), 0.0, 0.98 * room)
    proper = inside & (spread > 1e-7 * room)
    size = np.where(proper, room / np.where(proper, spread, 1.0) - 1.0, 1.0)
    a, b = np.where(proper, mean * size, 1.0), np.where(proper, (1 - mean) * size, 1.0)
    low, high = (np.where(proper, betaincinv(a, b, level), mean) for level in (0.05, 0.95))
    unknown = np.isnan(variance) & inside
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def jeffreys(hits: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share from a count, with Jeffreys' prior."""
    from scipy.stats import beta

    tail = (1 - level) / 2
    low, high = beta.ppf((tail, 1 - tail), hits + 0.5, trials - hits + 0.5)
    return (0.0 if hits == 0 else float(low)), (1.0 if hits == trials else float(high))
