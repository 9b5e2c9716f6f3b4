"""Durbin & Koopman 2012: the flow of the Nile as a local level, likelihood to the last digit.

Citation    J. Durbin, S. J. Koopman, Time Series Analysis by State Space Methods, 2nd ed. 2012, ch. 2.
Claim       A linear Gaussian state-space model has an exact likelihood by Kalman's recursions; the Nile's variances are 15099 and
            1469.1.
Reproduced  log-likelihood with a proper, a large and an exact diffuse start, in both conventions; the maximum and where it is; the
            concentrated likelihood at four ratios; filtered levels and their steady variance.
Equation    F = P + var_e, K = P/F, a ← a + K(y − a), P ← P(1 − K) + var_h;   log-likelihood Σ −½(log 2πF + (y − a)²/F)
Runs        engine.draws.Chance.noise, the draw by which every measured state of the main job is conditioned and scored.
Known       Data and −633.46 from statsmodels 0.15, estimates also from R's StructTS; the book's figures from memory.
Caveat      The engine runs in float32; here its draw is evaluated in float64.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize, minimize_scalar

from detente.replications._linear import diffuse, filtered
from detente.replications._precision import double
from detente.replications.registry import Check, checks, flat

STATUS = "replication"
NILE = """1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140 1100 1210 1150 1250 1260 1220 1030
1100 774 840 874 694 940 833 701 916 692 1020 1050 969 831 726 456 824 702 1120 1100 832 764 821 768 845 864 862 698 845 744 796 1040 759
781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860 874 848 890 744 749 838 1050 918 986 797 923 975 815 1020 906 901
1170 912 746 919 718 714 740"""
INPUTS: dict[str, Any] = {
    "flow": [float(x) for x in NILE.split()],
    "first_year": 1871,
    "var_e": 15099.0,
    "var_h": 1469.1,
    "proper": {"mean": 1000.0, "variance": 90000.0},
    "large": {"mean": 0.0, "variance": 1e7},
    "ratios": [1.0, 0.036, 0.0745, 0.0973],
}
CHECKS: tuple[Check, ...] = (
    *checks({"proper": -639.256565815}, "B11-nile_proper_prior", rtol=1e-9),
    *checks({"large": -641.585578459}, "B11-nile_big_kappa", origin="published", rtol=1e-8),
    *checks({"diffuse": [-632.545625116, -633.464563649]}, "B11-nile_diffuse", origin="published", rtol=1e-9),
    *checks({"maximum": [15098.5184656, 1469.17641623, -632.545625103]}, "B11-nile_mle", kind="numerical", origin="published", rtol=1e-4),
    *checks({"printed": [15099.0, 1469.1]}, "B11-nile_mle", kind="numerical", origin="published", rtol=0.0, atol=0.6),
    *checks(
        {"concentrated": [-637.078957866, -633.922852033, -633.498438477, -633.464563638]},
        "B11-nile_concentrated",
        kind="numerical",
        rtol=1e-8,
    ),
    *checks({"filtered": [1140.92783993, 1037.22232552, 798.370292608, 4032.15794181]}, "B11-nile_filtered", rtol=1e-8),
)
LEFT_OUT = {
    "B11-hmm_base": "forward recursion over hidden regimes: a record pins the ladder's rung, it is not filtered",
    "B11-stochastic_volatility": "grid filter: no state of the models has a hidden variance",
}
LOG_2PI = float(np.log(2.0 * np.pi))


def maximum(y: np.ndarray) -> list[float]:
    """Both variances and the diffuse log-likelihood at its maximum."""
    both = jax.jit(jax.value_and_grad(lambda t: -diffuse(y, jnp.exp(t[0]), jnp.exp(t[1]))))

    def value(t: np.ndarray) -> tuple[float, np.ndarray]:
        v, slope = both(jnp.asarray(t))
        return float(v), np.asarray(slope)

    found = minimize(value, np.log([y.var() / 2.0, y.var() / 10.0]), jac=True, method="BFGS", options={"gtol": 1e-9})
    return [*np.exp(found.x), -found.fun]


def concentrated(y: np.ndarray, ratio: float) -> float:
    """Largest diffuse log-likelihood (n/2 log 2π) where var_h is `ratio` of var_e."""
    value = jax.jit(lambda t: -diffuse(y, jnp.exp(t), ratio * jnp.exp(t)))
    found = minimize_scalar(lambda t: float(value(t)), bounds=(6.0, 13.0), method="bounded", options={"xatol": 1e-7})
    return -found.fun - 0.5 * LOG_2PI


def levels() -> tuple[np.ndarray, np.ndarray]:
    """Filtered level and variance of 1872 … from an exact diffuse start."""
    y, e, h = np.array(INPUTS["flow"]), INPUTS["var_e"], INPUTS["var_h"]
    with double():
        _, mean, variance = filtered(y[1:], e, h, y[0], e + h)
    return np.asarray(mean), np.asarray(variance)


def run() -> dict[str, float]:
    """Log-likelihoods, maximum, filtered levels."""
    y, e, h = np.array(INPUTS["flow"]), INPUTS["var_e"], INPUTS["var_h"]
    mean, variance = levels()
    with double():
        start = float(diffuse(y, e, h))
        best = maximum(y)
        found = {name: float(filtered(y, e, h, **INPUTS[name])[0].sum()) for name in ("proper", "large")}
        profile = [concentrated(y, q) for q in INPUTS["ratios"]]
    years = [k - INPUTS["first_year"] - 1 for k in (1872, 1899, 1970)]
    return flat(
        "",
        {
            **found,
            "diffuse": [start, start - 0.5 * LOG_2PI],
            "maximum": best,
            "printed": best[:2],
            "concentrated": profile,
            "filtered": [*mean[years], variance[-1]],
        },
    )


def picture() -> Any:
    """Flow, filtered level, and its range of 95 %."""
    import altair as alt
    import pandas as pd

    mean, variance = levels()
    year = np.arange(INPUTS["first_year"] + 1, INPUTS["first_year"] + 1 + len(mean))
    wide = 1.96 * np.sqrt(variance)
    rows = pd.DataFrame({"year": year, "flow": INPUTS["flow"][1:], "level": mean, "low": mean - wide, "high": mean + wide})
    x = alt.X("year:Q", title="year", axis=alt.Axis(format="d"))
    y = alt.Y("low:Q", title=["flow at Aswan, 10⁸ m³ a year", "band: 95 % of the level"], scale=alt.Scale(zero=False))
    band = alt.Chart(rows).mark_area(opacity=0.25, color="#51618f").encode(x=x, y=y, y2="high:Q")
    line = alt.Chart(rows).mark_line(color="#51618f").encode(x=x, y="level:Q")
    dots = alt.Chart(rows).mark_point(size=14, color="#777777").encode(x=x, y="flow:Q")
    return (band + line + dots).properties(title="The Nile's level, as the engine conditions it", width=440, height=280)
