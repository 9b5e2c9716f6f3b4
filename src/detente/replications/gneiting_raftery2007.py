"""Gneiting & Raftery 2007: proper scores of whole distributions.

Citation    T. Gneiting, A. Raftery, Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102, 2007, 359–378; C. Ferro, Fair Scores
            for Ensemble Forecasts, QJRMS 140, 2014; A. Jordan, F. Krüger, S. Lerch, Journal of Statistical Software 90(12), 2019.
Claim       A distribution can be scored so that saying what one believes is best: CRPS for numbers, the energy score for vectors, the
            interval score for intervals.
Reproduced  CRPS of normal, gamma and ensemble forecasts, the fair ensemble score, the interval and the energy score; ensemble CRPS
            equals the integral of the squared difference of steps; the fair score is unbiased where the plain one is not.
Equation    CRPS = ∫(F(x) − 1{y ≤ x})² dx;   ensemble: mean|x − y| − Σ|x_i − x_j|/(2n²), fair: /(2n(n − 1))
Runs        analysis.scores (the library scoringrules).
Known       From memory (standard); normal and ensemble also against the package properscoring 0.1, run when the numbers were made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.scores import crps_ensemble, crps_gamma, crps_normal, energy, interval
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "normal": [(0.3, 0.1, 1.2), (-2.0, 0.5, 0.7)],
    "gamma": {"shape": 2.5, "rate": 1.5, "y": 1.1},
    "ensembles": [([1, 2, 4, 5.5], 2.5), ([3, 3, 7, 1, 9], 10.0)],
    "interval": {"low": 1.0, "high": 4.0, "y": [2.0, 5.0, 0.5], "alpha": 0.1},
    "vectors": {"members": [[0, 0], [3, 4], [0, 4]], "y": [0.0, 1.0]},
    "draws": 40_000,
}
CHECKS: tuple[Check, ...] = (
    *checks({"normal": [0.293701351432, 2.1051287732]}, "B12-crps_normal_*", rtol=1e-9),
    *checks({"gamma": 0.282107547466}, "B12-crps_gamma", rtol=1e-9),
    *checks({"ensemble": [[0.65625, 0.333333333333], [3.8, 3.4]]}, "B12-crps_ensemble_*", rtol=1e-9),
    *checks({"interval": 13.0}, "B12-interval_score", rtol=1e-9),
    *checks({"energy": 1.41421356237}, "B12-energy_score", rtol=1e-9),
    *checks({"fair_mean": 0.293701351432}, "B12-crps_normal_0.3", kind="statistical"),
    *statements(names=("ensemble_is_the_integral",), origin="published"),
)


def integral(members: np.ndarray, y: float) -> float:
    """Integral of the squared difference between the members' distribution and the step at y, piece by piece."""
    points = np.sort(np.append(members, y))
    left = points[:-1]
    f = (members[None] <= left[:, None]).mean(axis=1)
    return float(((f - (y <= left)) ** 2 * np.diff(points)).sum())


def run() -> dict[str, float]:
    """Scores of the examples."""
    pairs = [(np.array(members, float), y) for members, y in INPUTS["ensembles"]]
    band, vectors, gamma = INPUTS["interval"], INPUTS["vectors"], INPUTS["gamma"]
    y, mean, sd = INPUTS["normal"][0]
    drawn = np.random.default_rng(2007).normal(mean, sd, (INPUTS["draws"], 5))
    fair = crps_ensemble(np.full(len(drawn), y), drawn, fair=True)
    return {"fair_mean": fair.mean(), "fair_mean.se": fair.std() / np.sqrt(len(fair)), "fair_mean.draws": len(fair)} | flat(
        "",
        {
            "normal": [crps_normal(np.array(a), np.array(m), np.array(s)) for a, m, s in INPUTS["normal"]],
            "gamma": crps_gamma(np.array(gamma["y"]), np.array(gamma["shape"]), np.array(gamma["rate"])),
            "ensemble": [[crps_ensemble(np.array(b), x), crps_ensemble(np.array(b), x, fair=True)] for x, b in pairs],
            "interval": interval(np.array(band["y"]), np.full(3, band["low"]), np.full(3, band["high"]), band["alpha"]).mean(),
            "energy": energy(np.array(vectors["y"]), np.array(vectors["members"], float)),
            "ensemble_is_the_integral": all(abs(integral(x, b) - float(crps_ensemble(np.array(b), x))) < 1e-12 for x, b in pairs),
        },
    )


def picture() -> Any:
    """CRPS of a normal forecast by where the outcome falls, sharp and wide."""
    from detente.replications._plots import curves

    y = np.linspace(-4.0, 4.0, 161)
    lines = {f"standard deviation {s:g}": crps_normal(y, np.zeros_like(y), np.full_like(y, s)) for s in (0.5, 1.0, 2.0)}
    return curves(
        y, lines, "Sharp forecasts win near and lose far", "outcome, forecast mean at nought", "CRPS (smaller is better)", "forecast"
    )
