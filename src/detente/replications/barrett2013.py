"""After Barrett, Baum & Hostetler 2013: inadvertent nuclear war, in a crisis and at any time.

Citation    A. M. Barrett, S. D. Baum, K. Hostetler, Analyzing and Reducing the Risks of Inadvertent Nuclear War […], Science & Global
            Security 21(2), 2013, 106–133.
Claim       False alarms arrive all the time; in a crisis one is far likelier to be believed. The yearly chance is of the order of one
            per cent, with an interval over two or more orders of magnitude.
Reproduced  after the paper: the rate of the fault tree for launch only in a crisis and at any time, and the chance of a year; by
            Monte Carlo over uncertain inputs, both bands (mean, 5 %, median, 95 %) and their order.
Equation    λ = Σ_i a_i·(π·q_i + (1 − π)·n_i),  π = cD/(1 + cD)
            here crises enter at rate c and settle at 1/D; mistakes climb from calm with hazard Σ a_i n_i, from a crisis with Σ a_i q_i
Runs        analysis.ladder, which takes the hazards from mechanisms.escalation itself on the scenario ladder.
Known       Abstract, and output numbers at second hand (median 0.9 %, 0.02 to 7 %; crisis only about 1 %, 0.001 to 5 %). The paper's
            table of inputs was not available: the inputs of the Monte Carlo are ours, so are the values checked.
Caveat      One rung, the armed clash, stands for launch. Our bands overlap the published ones; they do not replicate them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from detente.analysis import ladder
from detente.replications.hellman2008 import CLASH, STILL, system
from detente.replications.registry import Check, checks, flat, statements

STATUS = "after"
INPUTS: dict[str, Any] = {
    "case": {"crisis_rate": 0.02, "crisis_years": 1 / 12, "alarms": 2 * 8 / 3, "launch_crisis": 0.05, "launch_calm": 0.0005},
    "crisis_rate": {"gamma_shape": 1.5, "gamma_rate": 50.0},
    "crisis_years": {"lognormal_median": 0.08, "error_factor": 2.5},
    "alarms_per_side": {"lognormal_median": 4.0, "error_factor": 3.0},
    "launch_crisis": {"beta": [0.5, 1.0]},
    "calm_over_crisis": {"log_uniform": [1e-4, 1e-2]},
    "draws": 40_000,
    "published": {"crisis": [1e-5, 0.05], "any": [2e-4, 0.07]},
}
BANDS = {
    "crisis": [0.00905680448208, 2.40811790599e-05, 0.00300380869935, 0.0377357211423],
    "any": [0.0159299757243, 6.0322183898e-05, 0.00655077838941, 0.0633568493658],
}
CHECKS: tuple[Check, ...] = (
    *checks({"rate": {"crisis": 0.000443704936217}}, "B01-fault_tree_crisis_only_rate", rtol=1e-9, atol=1e-12),
    *checks({"rate": {"any": 0.00310593455352}}, "B01-fault_tree_any_rate", rtol=1e-9, atol=1e-12),
    *checks({"year": {"any": 0.00310111612866}}, "B01-fault_tree_any_1y", rtol=1e-6),
    *checks({"band": {"crisis": BANDS["crisis"]}}, "B01-band_crisis_only", kind="statistical", origin="sim"),
    *checks({"band": {"any": BANDS["any"]}}, "B01-band_any", kind="statistical", origin="sim"),
    *statements(
        names=("any_time_above_crisis_only", "crisis_band_overlaps_published", "any_band_overlaps_published"),
        origin="published",
        kind="numerical",
    ),
)
ERROR_FACTOR = 1.6448536269514722
"""An error factor is the 95 % point over the median of a lognormal."""


def failure(crisis_rate: Any, crisis_years: Any, alarms: Any, launch_crisis: Any, launch_calm: Any) -> np.ndarray:
    """Long-run rate of launch per year [case]; `alarms` a year on both sides together."""
    crisis_rate, calm = np.atleast_1d(crisis_rate), np.atleast_1d(alarms) * launch_calm
    entering = crisis_rate + calm
    values = STILL | {
        "harden": 0.0,
        "up1": 1.0,
        "fast": calm / entering,
        "up2": alarms * launch_crisis,
        "down2": 1.0 / np.asarray(crisis_years),
    }
    found = ladder.hazards(system(), values, {"dangerous": entering[None] / 4, "decision": 0.0})
    return ladder.mean_rate(found[:4, :4], (CLASH,))


@cache
def drawn() -> dict[str, np.ndarray]:
    """Chance of a year [draw] in both variants."""
    rng, n = np.random.default_rng(20130101), INPUTS["draws"]

    def lognormal(name: str) -> np.ndarray:
        given = INPUTS[name]
        return given["lognormal_median"] * np.exp(np.log(given["error_factor"]) / ERROR_FACTOR * rng.standard_normal(n))

    crisis = rng.gamma(INPUTS["crisis_rate"]["gamma_shape"], 1.0 / INPUTS["crisis_rate"]["gamma_rate"], n)
    years = lognormal("crisis_years")
    alarms = lognormal("alarms_per_side") + lognormal("alarms_per_side")
    first, second = INPUTS["launch_crisis"]["beta"]
    launch = rng.beta(first, second, n)
    low, high = np.log(INPUTS["calm_over_crisis"]["log_uniform"])
    calm = launch * np.exp(rng.uniform(low, high, n))
    return {name: -np.expm1(-failure(crisis, years, alarms, launch, c)) for name, c in (("crisis", 0.0 * calm), ("any", calm))}


def band(sample: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean, 5 %, median, 95 % with standard errors (quantiles: from the density of order statistics)."""
    n, ordered = len(sample), np.sort(sample)
    value, error = [float(sample.mean())], [float(sample.std() / np.sqrt(n))]
    for q in (0.05, 0.5, 0.95):
        half = np.sqrt(n * q * (1.0 - q))
        low, high = (ordered[int(np.clip(n * q + s * half, 0, n - 1))] for s in (-1, 1))
        value.append(float(np.quantile(sample, q)))
        error.append(float((high - low) / 2.0))
    return value, error


def run() -> dict[str, float]:
    """Rates, the chance of a year, both bands."""
    case = INPUTS["case"]
    rate = {"crisis": failure(**{**case, "launch_calm": 0.0})[0], "any": failure(**case)[0]}
    out = flat("", {"rate": rate, "year": {"any": -np.expm1(-rate["any"])}})
    bands = {name: band(sample) for name, sample in drawn().items()}
    for name, (value, error) in bands.items():
        for i, (v, e) in enumerate(zip(value, error, strict=True)):
            out |= {f"band.{name}[{i}]": v, f"band.{name}[{i}].se": e, f"band.{name}[{i}].draws": INPUTS["draws"]}
    said = {"any_time_above_crisis_only": all(a > c for a, c in zip(bands["any"][0], bands["crisis"][0], strict=True))}
    for name, (low, high) in INPUTS["published"].items():
        value = bands[name][0]
        said[f"{name}_band_overlaps_published"] = value[1] < high and value[3] > low
    return out | flat("", said)


def picture() -> Any:
    """Distribution of the chance of a year, on a logarithmic axis."""
    import altair as alt
    import pandas as pd

    edges = np.linspace(-6, 0, 61)
    label = {"crisis": "only in a crisis", "any": "at any time"}
    rows = pd.concat(
        [
            pd.DataFrame({"p": 100 * 10 ** edges[:-1], "share": 100 * np.histogram(np.log10(x), edges)[0] / len(x), "launch": label[name]})
            for name, x in drawn().items()
        ]
    )
    colour = alt.Color("launch:N", title="launch possible", scale=alt.Scale(range=["#51618f", "#b3782d"]))
    x = alt.X("p:Q", scale=alt.Scale(type="log"), title="chance of a year, % (logarithmic)", axis=alt.Axis(format="~g"))
    return (
        alt.Chart(rows)
        .mark_line(interpolate="step-after")
        .encode(x=x, y=alt.Y("share:Q", title="share of draws of the inputs, %"), color=colour)
        .properties(title="Inadvertent war: the inputs leave orders of magnitude open", width=440, height=280)
    )
