"""Successive elimination of many options on common luck: which can be set aside, by whom they are matched, at which confidence.

An option is set aside when another one, no costlier, is at least as good under every criterion within a tolerance, and surely better under one:
the lower end of each paired difference lies above −tolerance, and one of them above zero. The ends are one-sided t bounds, clusters of futures
kept whole, at level α/(pairs·rounds): over all pairs and all rounds together, the chance that an option is set aside although no option that is
kept matches it is at most about α. (About: t bounds are exact for normal differences only.) Only options that nobody sets aside set others aside,
so that within a round nothing is lost by a chain of tolerances.

Source   racing and successive elimination: Maron & Moore 1994; Even-Dar, Mannor & Mansour 2006; common random numbers: Nelson & Matejcik 1995; all from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from detente.analysis.spread import Clusters

BLOCK = 256
"""Options compared with all others at a time: bounds the memory."""


@dataclass(frozen=True)
class Criterion:
    """Scores under one criterion, more is better: `mean` [option], `sums` [option, cluster] of residuals, futures, tolerance."""

    mean: np.ndarray
    sums: np.ndarray
    futures: int
    tolerance: float

    @property
    def clusters(self) -> int:
        """Independent groups of futures."""
        return self.sums.shape[-1]


def criterion(score: np.ndarray, kin: Clusters, tolerance: float) -> Criterion:
    """Of scores [option, future]."""
    mean = score.mean(axis=-1, dtype=np.float64)
    return Criterion(mean, kin.sums(score) - kin.size * mean[:, None], score.shape[-1], tolerance)


def difference(c: Criterion, one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of one − other and its standard error [one, other], paired by futures."""
    a, b = c.sums[one], c.sums[other]
    square = (a**2).sum(-1)[:, None] + (b**2).sum(-1)[None] - 2.0 * a @ b.T
    wrong = np.sqrt(np.maximum(square, 0.0) * c.clusters / max(c.clusters - 1, 1)) / c.futures
    return c.mean[one][:, None] - c.mean[other][None], wrong


def bound(level: float, clusters: int) -> float:
    """One-sided t quantile: how many standard errors lie between an estimate and the end that it passes with chance `level`."""
    return float(student.isf(level, max(clusters - 1, 1)))


def matches(criteria: Sequence[Criterion], cost: np.ndarray, one: np.ndarray, other: np.ndarray, level: float) -> np.ndarray:
    """Margin [one, other] by which `other` matches `one`: over the criteria the least lower end of its lead, plus the tolerance.

    Positive: it may set `one` aside. −inf where it is costlier, or surely better under no criterion.
    """
    margin = np.full((len(one), len(other)), np.inf)
    better = np.zeros(margin.shape, bool)
    for c in criteria:
        behind, wrong = difference(c, one, other)
        low = -behind - bound(level, c.clusters) * wrong
        better |= low > 0.0
        margin = np.minimum(margin, (low + c.tolerance) / c.tolerance)
    cheaper = cost[other][None] < cost[one][:, None]
    # Matching within the tolerance at a lower cost is better too.
    allowed = (better & (cost[other][None] <= cost[one][:, None])) | cheaper
    return np.where(allowed & (one[:, None] != other[None]), margin, -np.inf)


@dataclass(frozen=True)
class Round:
    """One round: `kept` options (a mask), by whom each option was set aside now (−1: it was not) and with which margin, in tolerances."""

    kept: np.ndarray
    beaten_by: np.ndarray
    margin: np.ndarray


def eliminate(
    criteria: Sequence[Criterion], cost: np.ndarray, level: float, spare: np.ndarray | None = None, able: np.ndarray | None = None
) -> Round:
    """One round over all options of the criteria. `spare` are never set aside; only the `able` may set others aside."""
    count = len(cost)
    spare = np.zeros(count, bool) if spare is None else spare
    able = np.ones(count, bool) if able is None else able
    everyone = np.arange(count)
    beaten = np.zeros(count, bool)
    for rows in _blocks(everyone):
        beaten[rows] = (matches(criteria, cost, rows, np.flatnonzero(able), level) > 0.0).any(axis=1)
    free = np.flatnonzero(~beaten & able)
    by, margin = np.full(count, -1), np.full(count, -np.inf)
    for rows in _blocks(np.flatnonzero(beaten & ~spare)):
        if not len(free) or not len(rows):
            continue
        found = matches(criteria, cost, rows, free, level)
        best = found.argmax(axis=1)
        most = found[np.arange(len(rows)), best]
        won = most > 0.0
        by[rows[won]], margin[rows[won]] = free[best[won]], most[won]
    return Round(by < 0, by, margin)


def _blocks(items: np.ndarray) -> list[np.ndarray]:
    return [items[k : k + BLOCK] for k in range(0, len(items), BLOCK)]


def front(score: np.ndarray, tolerance: float | np.ndarray = 0.0) -> np.ndarray:
    """Options [mask] that no other one matches under every criterion and beats under one by more than the tolerance; score [option, criterion]."""
    out = np.ones(len(score), bool)
    for k, mine in enumerate(score):
        gap = score - mine
        out[k] = not ((gap >= 0.0).all(axis=1) & (gap > tolerance).any(axis=1)).any()
    return out
