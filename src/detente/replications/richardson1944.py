"""Richardson 1944: outbreaks of war as events at a constant rate.

Citation    L. F. Richardson, The Distribution of Wars in Time, Journal of the Royal Statistical Society 107(3/4), 1944, 242–250.
Claim       The number of wars that began in a year, 1500 to 1931, is distributed as Poisson's law would have it: 432 years, 299 wars.
Reproduced  the law's printed column, years with 0, 1, 2, 3 and 4 outbreaks, by the engine's counts; the years without any by the
            mechanism's strikes.
Equation    P(k outbreaks in a year) = exp(−m)·m^k/k!,  m = 299/432;   a quarter passes without one with chance exp(−m/4)
Runs        mechanisms.shocks alone through the engine on the scenario collective_risk; engine.draws.Chance.count, by which
            mechanisms.incidents counts encounters.
Known       From memory of the table (223, 142, 48, 15 and 4 years; fitted 216.2, 149.7, 51.8, 12.0 and 2.1); the printed column is what the
            law gives for the mean of the table.
Caveat      The mechanism strikes at most once a quarter, so years with several strikes are rarer in it than in Poisson's law: only
            years without any are held to the paper. That one law fits says nothing of causes.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from detente.engine import chance
from detente.engine.draws import Chance
from detente.replications._small import history, model_of
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
OBSERVED = [223, 142, 48, 15, 4]
WORDS = ("none", "one", "two", "three", "four")
INPUTS: dict[str, Any] = {"years": 432, "observed": OBSERVED, "draws": 200_000, "futures": 4000, "length": 25}
MEAN = sum(k * n for k, n in enumerate(OBSERVED)) / INPUTS["years"]
CHECKS: tuple[Check, ...] = (
    *checks({"wars": 299.0}, rtol=0.0, origin="published"),
    *checks({"law": dict(zip(WORDS, [216.2, 149.7, 51.8, 12.0, 2.1], strict=True))}, kind="statistical", origin="published"),
    *checks({"strikes": {"years_without": 216.2}}, kind="statistical", origin="published"),
    *statements(names=("several_in_a_year_are_rarer_than_by_the_law",), origin="model", kind="numerical"),
)


def counted() -> np.ndarray:
    """Outbreaks in each of many years, by the engine's counter."""
    n = INPUTS["draws"]
    key = chance.step_key(chance.luck_keys(1944, jnp.arange(n, dtype=jnp.uint32), 0), 0)
    draw = Chance(key, {"outbreaks": ("", np.array([chance.site("outbreaks")], np.uint32))}, {}, None)
    return np.asarray(draw.count("outbreaks", jnp.full(n, MEAN)))


def struck() -> np.ndarray:
    """Strikes a year [year, future] of the mechanism alone at the table's rate."""
    model = model_of("collective_risk", ["shocks"], years=INPUTS["length"])
    strike = history(model, {"strike_rate": MEAN}, INPUTS["futures"], ["strike"])["strike"][:, 0]
    return strike.reshape(-1, 4, strike.shape[-1]).sum(axis=1)


def run() -> dict[str, float]:
    """Expected years of 432, with standard errors."""
    years, counts, strikes = INPUTS["years"], counted(), struck()
    out: dict[str, float] = {"wars": MEAN * years}
    found = {f"law.{word}": counts == k for k, word in enumerate(WORDS)} | {"strikes.years_without": strikes.ravel() == 0}
    for name, hit in found.items():
        share = hit.mean()
        out |= {name: years * share, f"{name}.se": years * np.sqrt(share * (1.0 - share) / hit.size), f"{name}.draws": hit.size}
    rarer = (strikes >= 2).mean() < (counts >= 2).mean()
    return out | flat("", {"several_in_a_year_are_rarer_than_by_the_law": bool(rarer)})


def picture() -> Any:
    """Years by number of outbreaks: the table, the engine's law, the mechanism's strikes."""
    import altair as alt
    import pandas as pd

    counts, strikes = counted(), struck().ravel()
    kinds = {
        "the table, 1500–1931": np.array(OBSERVED, float),
        "the engine's counts": np.array([INPUTS["years"] * (counts == k).mean() for k in range(len(OBSERVED))]),
        "the mechanism's strikes": np.array([INPUTS["years"] * (strikes == k).mean() for k in range(len(OBSERVED))]),
    }
    rows = pd.DataFrame([{"outbreaks": k, "years": v, "what": what} for what, values in kinds.items() for k, v in enumerate(values)])
    return (
        alt.Chart(rows)
        .mark_point(filled=True, size=80)
        .encode(
            x=alt.X("outbreaks:O", title="outbreaks in a year", axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("what:N", sort=list(kinds)),
            y=alt.Y("years:Q", title="years of 432"),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=list(kinds), range=["#b3782d", "#51618f", "#2f8074"])),
            shape=alt.Shape("what:N", title=None, scale=alt.Scale(domain=list(kinds))),
        )
        .properties(title="Outbreaks of war come as Poisson's law has it", width=440, height=280)
    )
