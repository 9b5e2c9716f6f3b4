"""How good forecasts were: proper scores, what they are made of, and where they are reliable. Smaller is better unless said.

Binary forecasts are probabilities p [forecast] of outcomes o [forecast], 0 or 1. Continuous ones go to the library `scoringrules` (extra `stats`).

Source: Brier 1950; Murphy 1973; Stephenson, Coelho & Jolliffe 2008 (terms within bins); Gneiting & Raftery 2007; Ferro 2014 (fair scores).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom, rankdata


def log_score(p: np.ndarray, o: np.ndarray) -> float:
    """Mean of −log of the probability given to what happened (natural logarithm); infinite if something held impossible happened."""
    p, o = _pair(p, o)
    with np.errstate(divide="ignore"):
        return float(-np.log(np.where(o > 0.5, p, 1.0 - p)).mean())


def brier(p: np.ndarray, o: np.ndarray) -> float:
    """Mean of (p − o)²."""
    p, o = _pair(p, o)
    return float(((p - o) ** 2).mean())


def spherical(p: np.ndarray, o: np.ndarray) -> float:
    """Mean spherical score; larger is better."""
    p, o = _pair(p, o)
    return float((np.where(o > 0.5, p, 1.0 - p) / np.hypot(p, 1.0 - p)).mean())


def ranked(p: np.ndarray, outcome: np.ndarray) -> float:
    """Mean ranked probability score of ordered outcomes: p [forecast, category], outcome [forecast] the category; not divided by K − 1."""
    p, happened = np.asarray(p, float), _one_hot(p, outcome)
    return float(((np.cumsum(p, axis=1) - np.cumsum(happened, axis=1))[:, :-1] ** 2).sum(axis=1).mean())


def brier_classes(p: np.ndarray, outcome: np.ndarray) -> float:
    """Mean Brier score over several categories, summed over them: p [forecast, category], outcome [forecast]."""
    return float(((np.asarray(p, float) - _one_hot(p, outcome)) ** 2).sum(axis=1).mean())


def log_classes(p: np.ndarray, outcome: np.ndarray) -> float:
    """Mean of −log of the probability of the category that happened."""
    with np.errstate(divide="ignore"):
        return float(-np.log(np.asarray(p, float)[np.arange(len(p)), np.asarray(outcome, int)]).mean())


@dataclass(frozen=True)
class Murphy:
    """Brier = reliability − resolution + uncertainty + within, exactly. `within` is nought when grouped by distinct forecast."""

    reliability: float
    resolution: float
    uncertainty: float
    within: float
    brier: float

    @property
    def skill(self) -> float:
        """Brier skill against the base rate, 1 − Brier/uncertainty."""
        return 1.0 - self.brier / self.uncertainty if self.uncertainty > 0.0 else float("nan")


def murphy(p: np.ndarray, o: np.ndarray, bins: int | None = None) -> Murphy:
    """Murphy's decomposition by distinct forecast, or over equal bins of [0, 1]; then `within` holds what the bins blur."""
    p, o = _pair(p, o)
    group = _groups(p, bins)
    size = np.bincount(group).astype(float)
    size = np.where(size > 0.0, size, 1.0)
    mean_p, mean_o, base = np.bincount(group, p) / size, np.bincount(group, o) / size, o.mean()
    reliability = float(((mean_p - mean_o)[group] ** 2).mean())
    resolution = float(((mean_o[group] - base) ** 2).mean())
    apart = p - mean_p[group]
    within = float((apart**2).mean() - 2.0 * (apart * (o - mean_o[group])).mean())
    return Murphy(reliability, resolution, float(base * (1.0 - base)), within, brier(p, o))


@dataclass(frozen=True)
class Reliability:
    """Observed shares by mean forecast. `low`, `high`: the 95 % range of the share if the forecast were right (binomial)."""

    forecast: np.ndarray
    observed: np.ndarray
    count: np.ndarray
    low: np.ndarray
    high: np.ndarray


def reliability(p: np.ndarray, o: np.ndarray, bins: int | None = 10) -> Reliability:
    """Reliability over equal bins of [0, 1], empty ones left out (None: by distinct forecast)."""
    p, o = _pair(p, o)
    group = _groups(p, bins)
    count = np.bincount(group)
    some = count > 0
    n = count[some]
    mean_p, mean_o = np.bincount(group, p)[some] / n, np.bincount(group, o)[some] / n
    return Reliability(mean_p, mean_o, n, binom.ppf(0.025, n, mean_p) / n, binom.ppf(0.975, n, mean_p) / n)


def area_under_curve(p: np.ndarray, o: np.ndarray) -> float:
    """Chance that a case that happened was given more than one that did not, ties half; larger is better, not a number for one kind only."""
    p, o = _pair(p, o)
    yes = o > 0.5
    if yes.all() or not yes.any():
        return float("nan")
    n, m = int(yes.sum()), int((~yes).sum())
    return float((rankdata(p)[yes].sum() - n * (n + 1) / 2.0) / (n * m))


def _library() -> Any:
    try:
        import scoringrules
    except ImportError:
        raise ModuleNotFoundError("scores of continuous forecasts need scoringrules: install detente[stats]", name="scoringrules") from None
    return scoringrules


def crps_ensemble(y: np.ndarray, ensemble: np.ndarray, fair: bool = False) -> np.ndarray:
    """Continuous ranked probability score [case] of y [case] under an ensemble [case, member].

    `fair`: unbiased for the distribution that the members were drawn from.
    """
    y, members = np.asarray(y, float), np.asarray(ensemble, float)
    return np.asarray(_library().crps_ensemble(y, members, estimator="fair" if fair else "qd"), float)


def crps_normal(y: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """The same under a normal forecast."""
    return np.asarray(_library().crps_normal(np.asarray(y, float), mean, sd), float)


def crps_gamma(y: np.ndarray, shape: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The same under a gamma forecast."""
    return np.asarray(_library().crps_gamma(np.asarray(y, float), shape, rate), float)


def interval(y: np.ndarray, low: np.ndarray, high: np.ndarray, alpha: float) -> np.ndarray:
    """Interval score [case] of a central (1 − alpha) interval: its width, and 2/alpha times what lies outside."""
    return np.asarray(_library().interval_score(np.asarray(y, float), low, high, alpha), float)


def energy(y: np.ndarray, ensemble: np.ndarray) -> np.ndarray:
    """Energy score [case] of vectors y [case, k] under an ensemble [case, member, k]."""
    return np.asarray(_library().es_ensemble(np.asarray(y, float), np.asarray(ensemble, float)), float)


def _pair(p: np.ndarray, o: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p, o = np.asarray(p, float), np.asarray(o, float)
    if p.shape != o.shape or not len(p):
        raise ValueError(f"expected as many outcomes as forecasts, found {o.shape} and {p.shape}")
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise ValueError("expected probabilities between 0 and 1")
    if not np.isin(o, (0.0, 1.0)).all():
        raise ValueError("expected outcomes 0 or 1")
    return p, o


def _one_hot(p: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    return np.eye(np.asarray(p).shape[1])[np.asarray(outcome, int)]


def _groups(p: np.ndarray, bins: int | None) -> np.ndarray:
    if bins is None:
        return np.unique(p, return_inverse=True)[1]
    return np.minimum((p * bins).astype(int), bins - 1)
