"""After Bendor 1987: strict reciprocity drifts, generosity holds the level up.

Citation    J. Bendor, In Good Times and Bad: Reciprocity in an Uncertain World, AJPS 31(3), 1987, 531–558; J. Bendor, R. Kramer, S.
            Stout, When in Doubt… Cooperation in a Noisy Prisoner's Dilemma, Journal of Conflict Resolution 35(4), 1991, 691–719.
Claim       Under noise, rules that return a little more than they saw beat strict tit for tat.
Reproduced  after the papers: the long-run level of two sides on a scale of 0 to 100 that return what they saw with an error of 8,
            and 0, 2 or 5 more.
Equation    x_i ← clip(x_j + N(0, 8) + δ, 0, 100)
            here conduct alone with reciprocity one, a speed that leaves no routine, base δ/50 and noise 8/50 on its scale of −1 to 1
Runs        mechanisms.conduct alone through the engine on the scenario richardson_1914, with its noise and its bounds.
Known       The finding from memory; the continuous version and its levels (quadrature) are ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.replications._small import history, model_of
from detente.replications.registry import checks, flat, statements

STATUS = "after"
INPUTS: dict[str, Any] = {"error": 8.0, "generosity": [0.0, 2.0, 5.0], "futures": 256, "years": 150, "warm_up_years": 50}
CHECKS = (
    *checks({"mean": {"delta0": 50.0, "delta2": 88.29956716, "delta5": 97.1398439886}}, "A06-6", kind="statistical", origin="model"),
    *statements(names=("generosity_holds_the_level_up",), kind="numerical", origin="published"),
)
SCALE = 50.0


def levels() -> np.ndarray:
    """Mean level of each future after the warm-up, on the scale of 0 to 100 [generosity, future]."""
    deltas, n = INPUTS["generosity"], INPUTS["futures"]
    model = model_of("richardson_1914", ["conduct"], {"hawks": 0.0}, years=INPUTS["years"])
    values = {
        "reciprocity": 1.0,
        "conduct_speed": 1000.0,
        "base": np.repeat(np.array(deltas) / SCALE, n),
        "conduct_noise": 2.0 * INPUTS["error"] / SCALE,  # per square root of a year; a step is a quarter
    }
    found = history(model, values, n * len(deltas), ["conduct"], start={"conduct": 0.0})["conduct"]
    kept = found[4 * INPUTS["warm_up_years"] :].mean(axis=(0, 1), dtype=np.float64)
    return SCALE * (1.0 + kept.reshape(len(deltas), n))


def run() -> dict[str, float]:
    """Long-run mean levels, with standard errors over independent futures."""
    level = levels()
    mean, n = level.mean(axis=1), level.shape[1]
    out: dict[str, float] = {}
    for delta, value, row in zip(INPUTS["generosity"], mean, level, strict=True):
        name = f"mean.delta{delta:g}"
        out |= {name: value, f"{name}.se": row.std(ddof=1) / np.sqrt(n), f"{name}.draws": n}
    return out | flat("", {"generosity_holds_the_level_up": bool(np.all(np.diff(mean) > 0))})


def picture() -> Any:
    """Distribution of a future's mean level, by generosity."""
    import altair as alt
    import pandas as pd

    rows = [
        {"level": float(x), "returns": f"{delta:g} more than seen"}
        for delta, row in zip(INPUTS["generosity"], levels(), strict=True)
        for x in row
    ]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(opacity=0.75)
        .encode(
            x=alt.X("level:Q", title="mean level of cooperation over a century, 0 to 100", bin=alt.Bin(step=1)),
            y=alt.Y("count():Q", title="futures"),
            color=alt.Color("returns:N", title="each side returns", scale=alt.Scale(range=["#b3782d", "#51618f", "#2f8074"])),
        )
        .properties(title="Strict reciprocity drifts; a little more holds the level up", width=440, height=280)
    )
