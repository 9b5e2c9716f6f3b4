"""Brier 1950, Murphy 1973: scoring probabilities, and what the score is made of.

Citation    G. W. Brier, Verification of Forecasts Expressed in Terms of Probability, MWR 78, 1950; A. H. Murphy, A New Vector Partition of the
            Probability Score, Journal of Applied Meteorology 12, 1973.
Claim       The score of probabilities divides into how far they are from what then happened (reliability), how far they tell cases
            apart (resolution), and what nobody could help (uncertainty).
Reproduced  twelve forecasts: Brier, logarithmic, spherical score; the three parts and the skill; the area under the curve; ordered
            outcomes; both scores are least in expectation at the truth; the parts add up in bins too, with the terms within.
Equation    Brier = Σn_k(p_k − ō_k)²/N − Σn_k(ō_k − ō)²/N + ō(1 − ō)
Runs        analysis.scores.
Known       From memory (standard), each verified by another form.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.scores import area_under_curve, brier, brier_classes, log_classes, log_score, murphy, ranked, reliability, spherical
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "p": [0.1, 0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.6, 0.6, 0.6, 0.9, 0.9],
    "o": [0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1],
    "ordered": {"p": [[0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.6, 0.3, 0.1]], "outcome": [1, 2, 1]},
    "truth": 0.37,
}
CHECKS: tuple[Check, ...] = (
    *checks({"score": {"brier": 0.184166666667, "log": 0.557054361908, "spherical": 0.794238361913}}, "B12-binary_scores", rtol=1e-9),
    *checks(
        {"part": [0.0105555555556, 0.0763888888889, 0.25, 0.184166666667, 0.263333333333]}, "B12-murphy", origin="published", rtol=1e-9
    ),
    *checks({"auc": 0.791666666667}, "B12-auc", rtol=1e-11),
    *checks({"ordered": [0.2, 0.46, 0.751264976275]}, "B12-ordered_outcomes", rtol=1e-9),
    *checks({"least_at": [0.37, 0.37]}, "B12-propriety", origin="published", rtol=1e-9),
    *statements("B12-murphy", ("parts_add_up", "parts_add_up_in_bins"), origin="published"),
)
LEFT_OUT = {"B12-binary_scores zero-one error": "no score of the product: it is not proper"}


def least_at(score: Any) -> float:
    """Where the expected score is least on a grid of hundredths, if the event has probability `truth`."""
    grid, truth = np.arange(1, 100) / 100.0, INPUTS["truth"]
    both = [truth * score(np.array([p]), np.array([1.0])) + (1.0 - truth) * score(np.array([p]), np.array([0.0])) for p in grid]
    return float(grid[int(np.argmin(both))])


def run() -> dict[str, float]:
    """Scores and parts."""
    p, o = np.array(INPUTS["p"]), np.array(INPUTS["o"], float)
    parts = murphy(p, o)
    rng = np.random.default_rng(1973)
    q = rng.random(500)
    binned = murphy(q, (rng.random(500) < q).astype(float), bins=10)
    classes, outcome = np.array(INPUTS["ordered"]["p"]), np.array(INPUTS["ordered"]["outcome"])
    return flat(
        "",
        {
            "score": {"brier": brier(p, o), "log": log_score(p, o), "spherical": spherical(p, o)},
            "part": [parts.reliability, parts.resolution, parts.uncertainty, parts.brier, parts.skill],
            "auc": area_under_curve(p, o),
            "ordered": [ranked(classes, outcome), brier_classes(classes, outcome), log_classes(classes, outcome)],
            "least_at": [least_at(brier), least_at(log_score)],
            "parts_add_up": abs(parts.reliability - parts.resolution + parts.uncertainty - parts.brier) < 1e-15
            and abs(parts.within) < 1e-15,
            "parts_add_up_in_bins": abs(binned.reliability - binned.resolution + binned.uncertainty + binned.within - binned.brier) < 1e-14,
        },
    )


def picture() -> Any:
    """Reliability of the twelve forecasts, with the range that luck allows."""
    import altair as alt
    import pandas as pd

    found = reliability(np.array(INPUTS["p"]), np.array(INPUTS["o"], float), bins=None)
    rows = pd.DataFrame({"forecast": found.forecast, "observed": found.observed, "low": found.low, "high": found.high})
    x = alt.X("forecast:Q", title="forecast probability", scale=alt.Scale(domain=[0, 1]))
    line = alt.Chart(pd.DataFrame({"forecast": [0, 1], "observed": [0, 1]})).mark_line(color="#999999", strokeDash=[4, 3])
    title = ["share that happened", "bar: 95 % range if the forecast is right"]
    bars = alt.Chart(rows).mark_rule(color="#51618f", strokeWidth=5, opacity=0.35).encode(x=x, y=alt.Y("low:Q", title=title), y2="high:Q")
    points = alt.Chart(rows).mark_point(filled=True, size=70, color="#b3782d").encode(x=x, y="observed:Q")
    return (line.encode(x=x, y="observed:Q") + bars + points).properties(title="Twelve forecasts cannot show much", width=340, height=300)
