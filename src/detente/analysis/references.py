"""Forecasts that any model must beat: climatology, persistence, a linear trend. Each uses only what was known at its date.

Yes-or-no questions (a value a year, lead in years):
    climatology   share of past years, (yes + ½)/(years + 1)
    persistence   share of past pairs of years as far apart that began like the last one, smoothed in the same way
    trend         least squares on the year, cut to what climatology could say at most
Measured series (points at any times):
    climatology   the past points
    persistence   the last point, plus and minus the past differences over about the same lead
    trend         least squares on time, normal with the error of prediction

The smoothing by one half is Jeffreys' prior for a share.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

REFERENCES = ("climatology", "persistence", "trend")
MEMBERS = 200
FEWEST = 4
"""Past points of a series below which nothing is forecast from it."""


def question(past: np.ndarray, lead: int) -> dict[str, float]:
    """Probability of yes, `lead` years after the last of the past years (1, 0 or not a number) [year], by reference."""
    known = np.flatnonzero(np.isfinite(past))
    x = past[known]
    n = len(x)
    base = (x.sum() + 0.5) / (n + 1.0)
    last = past[known[-1]] if n else np.nan
    began = past[:-lead] if lead < len(past) else past[:0]
    after = past[lead:][: len(began)]
    like = (began == last) & np.isfinite(after)
    persist = (after[like].sum() + 0.5) / (like.sum() + 1.0)
    trend = base
    if n >= 3:
        slope, level = np.polyfit(known, x, 1)
        floor = 0.5 / (n + 1.0)
        trend = float(np.clip(level + slope * (len(past) - 1 + lead), floor, 1.0 - floor))
    return {"climatology": float(base), "persistence": float(persist), "trend": float(trend)}


def series(time: np.ndarray, y: np.ndarray, target: float) -> dict[str, np.ndarray]:
    """Ensembles for a point at time `target` (years) from past points y [point] at `time` [point], by reference."""
    lead = target - time[-1]
    gap = time[None, :] - time[:, None]
    apart = (y[None, :] - y[:, None])[gap > 0.0]
    gap = gap[gap > 0.0]
    near = np.argsort(np.abs(np.log(gap / lead)), kind="stable")
    close = np.abs(np.log(gap / lead)) <= np.log(1.25)
    chosen = apart[close] if close.sum() >= FEWEST else apart[near[:FEWEST]]
    return {
        "climatology": np.asarray(y, float),
        "persistence": np.concatenate([y[-1] + chosen, y[-1] - chosen]),
        "trend": _trend(time, y, target),
    }


def _trend(time: np.ndarray, y: np.ndarray, target: float) -> np.ndarray:
    """Quantiles of the normal of prediction."""
    n, centre = len(time), time.mean()
    spread = ((time - centre) ** 2).sum()
    slope = ((time - centre) * y).sum() / spread if spread > 0.0 else 0.0
    left = y - y.mean() - slope * (time - centre)
    variance = (left**2).sum() / max(n - 2, 1)
    wide = variance * (1.0 + 1.0 / n + ((target - centre) ** 2 / spread if spread > 0.0 else 0.0))
    return y.mean() + slope * (target - centre) + np.sqrt(wide) * ndtri((np.arange(MEMBERS) + 0.5) / MEMBERS)
