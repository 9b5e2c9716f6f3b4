"""Olson & Zeckhauser 1966: the large are exploited by the small.

Citation    M. Olson, R. Zeckhauser, An Economic Theory of Alliances, Review of Economics and Statistics 48(3), 1966, 266–279.
Claim       When defence is a public good of an alliance, burdens rise with size, small allies may give nothing, and too little is
            provided; in the alliance of 1964 the rank correlation of size and burden was 0.490.
Reproduced  the rank correlation; contributions, burdens and shortfall of the pure public good for three sets of incomes, the
            alliance's of 1964 among them; neutrality to transfers; that the disproportion fades as less is left to the allies.
Equation    z_i = max(0, α·I_i − (1 − α)·Z_−i);   here z_i = own(α·I_i, free riding 1, cover (1 − α)·Z_−i/(α·I_i))
Runs        mechanisms.arms.own (its step's own means after what allies provide), as best replies to rest; analysis.compare.orders
            for the rank correlation.
Known       First page seen; table and 0.490 from memory, and the table gives that figure; formulas derived for the Cobb-Douglas
            case.
Caveat      In euro_atlantic cover is the leader's presence over its forces and free riding at most 0.4: a reduced form of this
            reply. Rank correlation on 14 points is fragile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis.compare import orders
from detente.mechanisms.arms import own
from detente.replications._data import table
from detente.replications._precision import double
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "allies_1964": table("allies_1964"),  # output in billions of dollars, defence in per cent of it
    "three": {"incomes": [100.0, 80.0, 30.0], "alpha": 0.5},
    "four": {"incomes": [60.0, 55.0, 50.0, 45.0], "alpha": 0.6, "transfer": 5.0},
    "alpha_1964": 0.09,
}
CHECKS = (
    *checks({"spearman": 0.490}, origin="published", kind="analytic", rtol=0.0, atol=0.0005),
    *checks({"rank_correlation": 0.49010989011, "sum_of_squared_rank_differences": 232.0}, "A08-1", origin="published+computed", rtol=1e-6),
    *checks(
        {
            "three": {
                "contribution": [40.0, 20.0, 0.0],
                "burden": [0.4, 0.25, 0.0],
                "total": 60.0,
                "optimum": 105.0,
                "ratio": 0.571428571429,
            }
        },
        "A08-2",
        kind="numerical",
        rtol=1e-6,
    ),
    *checks(
        {
            "four": {
                "contribution": [21.8181818182, 16.8181818182, 11.8181818182, 6.81818181818],
                "burden": [0.363636363636, 0.305785123967, 0.236363636364, 0.151515151515],
                "total": 57.2727272727,
                "ratio": 0.454545454545,
                "total_after_transfer": 57.2727272727,
            }
        },
        "A08-3",
        kind="numerical",
        rtol=1e-6,
    ),
    *checks({"allies_1964": {"largest_share": 0.09, "others": 0.0}}, "A08-5", kind="numerical", rtol=1e-6),
    *statements(names=("burden_rises_with_size", "too_little_is_provided", "disproportion_fades"), origin="published"),
)
LEFT_OUT = {
    "burdens of 2011–2017 (Sandler and others 2019)": "nothing numeric was seen, and no table of those years is shipped",
    "A08-1 Kendall, permutation p": "no analysis of the product uses them",
    "A08-4": "joint products: the reply is a root of a quadratic; the mechanism's free riding is linear (sign met: disproportion_fades)",
    "A08-5 joint products": "the same",
}


def rest(incomes: Sequence[float], alpha: float, free_riding: float = 1.0) -> np.ndarray:
    """Contributions at which every ally's is the mechanism's reply to the others' (replies in turn, until they rest)."""
    z = np.zeros(len(incomes))
    for _ in range(10_000):
        before = z.copy()
        for i, income in enumerate(incomes):
            cover = np.asarray((1.0 - alpha) * (z.sum() - z[i]) / (alpha * income))
            z[i] = float(own(alpha * income, free_riding, cover))
        if np.abs(z - before).max() < 1e-13 * max(incomes):
            break
    return z


def rank_correlation(data: Any) -> float:
    """Spearman's rank correlation of the table's two columns, by the function that compares the order of packages between theories."""
    columns = np.array([data["output_bn_usd"], data["defence_percent"]])
    names = ["size", "burden"]
    result = xr.Dataset({"mean": (("item", "theory", "policy"), columns[None])}, coords={"item": ["burden"], "theory": names})
    return float(orders(result)[0, 0, 1])


def run() -> dict[str, float]:
    """Every value by the mechanism's own means, in double precision."""
    with double():
        rho, n = rank_correlation(INPUTS["allies_1964"]), len(INPUTS["allies_1964"]["ally"])
        three, four = INPUTS["three"], INPUTS["four"]
        z3, z4 = rest(**three), rest(four["incomes"], four["alpha"])
        moved = np.array(four["incomes"]) + four["transfer"] * np.array([-1.0, 0.0, 0.0, 1.0])
        gnp = list(INPUTS["allies_1964"]["output_bn_usd"])
        z64 = rest(gnp, INPUTS["alpha_1964"])
        spans = [np.ptp(rest(three["incomes"], three["alpha"], f) / np.array(three["incomes"])) for f in (1.0, 0.7, 0.4, 0.0)]
        burden3, burden4 = z3 / np.array(three["incomes"]), z4 / np.array(four["incomes"])
        best3, best4 = three["alpha"] * sum(three["incomes"]), four["alpha"] * sum(four["incomes"])
        return flat(
            "",
            {
                "spearman": rho,
                "rank_correlation": rho,
                "sum_of_squared_rank_differences": (1.0 - rho) * (n**3 - n) / 6.0,
                "three": {"contribution": z3, "burden": burden3, "total": z3.sum(), "optimum": best3, "ratio": z3.sum() / best3},
                "four": {
                    "contribution": z4,
                    "burden": burden4,
                    "total": z4.sum(),
                    "ratio": z4.sum() / best4,
                    "total_after_transfer": rest(moved, four["alpha"]).sum(),
                },
                "allies_1964": {"largest_share": z64[0] / gnp[0], "others": z64[1:].sum()},
                "burden_rises_with_size": bool(np.all(np.diff(burden3) < 0) and np.all(np.diff(burden4) < 0)),
                "too_little_is_provided": bool(z3.sum() < best3 and z4.sum() < best4),
                "disproportion_fades": bool(np.all(np.diff(spans) < 0) and abs(spans[-1]) < 1e-12),
            },
        )


def picture() -> Any:
    """Burden against output in 1964, with the rank correlation."""
    import altair as alt
    import pandas as pd

    data = INPUTS["allies_1964"]
    rows = pd.DataFrame({"ally": data["ally"], "output": data["output_bn_usd"], "burden": data["defence_percent"]})
    x = alt.X("output:Q", title="output, billions of dollars", scale=alt.Scale(type="log", domain=[0.3, 3000]))
    y = alt.Y("burden:Q", title="defence, per cent of output", scale=alt.Scale(domain=[0, 10]))
    points = alt.Chart(rows).mark_point(filled=True, size=60, color="#b3782d").encode(x=x, y=y)
    words = alt.Chart(rows).mark_text(align="left", dx=8, fontSize=10).encode(x=x, y=y, text="ally")
    rho = rank_correlation(INPUTS["allies_1964"])
    return (points + words).properties(title=f"Size and burden, 1964: rank correlation {rho:.2f}", width=500, height=320)
