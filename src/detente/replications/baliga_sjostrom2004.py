"""Baliga & Sjöström 2004: an arms race from fear alone.

Citation    S. Baliga, T. Sjöström, Arms Races and Negotiations, Review of Economic Studies 71(2), 2004, 351–369; and, after A.
            Acharya, K. W. Ramsay, The Calculus of the Security Dilemma, Quarterly Journal of Political Science 8(2), 2013, 183–203.
Claim       With an arbitrarily small share of types for whom arming is dominant, and the multiplier condition F(c)·d ≥ c, the only
            equilibrium has everybody arming; small doubts of one another can do the same.
Reproduced  the theorem on fear: the rounds of contagion until all arm; the contained case; contagion with nearly common costs and
            its limit; that the race needs the multiplier condition.
Equation    a side arms iff c ≤ μ + p·(d − μ), p the chance that the other arms;   c_{n+1} = μ + F(c_n)·(d − μ)
            here c_{n+1} = target(own means μ, reaction d − μ, feared F(c_n))
Runs        mechanisms.arms.target, iterated: what is wanted whatever the other does, and the part that answers what is feared of
            him.
Known       Abstracts seen; payoffs and multiplier condition from memory; cutoffs derived. The version with correlated costs is the
            standard global-games limit and not Acharya & Ramsay's own model, which was not seen: after them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from detente.mechanisms.arms import target
from detente.replications._precision import double
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "dominant": 0.05,  # μ
    "loss": 1.1,  # d
    "highest_cost": {"contagion": 1.0, "contained": 1.5},
    "correlated": {"dominant": 0.1, "loss": 1.0, "noise": 0.05},
}
CHECKS = (
    *checks(
        {
            "contagion": {
                "cutoffs": [0.05, 0.1025, 0.157625, 0.21550625, 0.2762815625, 0.340095640625],
                "rounds": 14.0,
                "dominant_share": 0.05,
                "arms": 1.0,
            }
        },
        "A04-1",
        rtol=1e-6,
    ),
    *checks({"contained": {"cutoff": 0.166666666667, "arms": 0.111111111111, "both_arm": 0.0123456790123}}, "A04-2", rtol=1e-6),
    *checks(
        {"correlated": {"cutoffs": [0.135881215194, 0.166640048592, 0.193810867954, 0.21818679164, 0.24027113178]}}, "A04-5", rtol=1e-6
    ),
    *checks({"correlated": {"limit": 0.55}}, "A04-5", kind="numerical", rtol=1e-5),
    *checks({"correlated": {"rounds_to_1e6": 236.0}}, "A04-5", rtol=0.0, atol=0.5),
    *statements(names=("race_whatever_the_dominant_share", "no_race_without_the_multiplier"), origin="published"),
)
LEFT_OUT = {
    "A04-3": "the equilibrium with talk: no mechanism has costless messages",
    "A04-4": "the gain of a false announcement: the same",
}
Distribution = Callable[[float], float]


def uniform(highest: float) -> Distribution:
    """Costs uniform up to `highest`."""
    return lambda c: float(np.clip(c / highest, 0.0, 1.0))


def answer(feared: float, dominant: float, loss: float) -> float:
    """Cost up to which a side arms when the other arms with chance `feared`."""
    return float(target(dominant, loss - dominant, feared))


def contagion(share: Distribution, dominant: float, loss: float, highest: float, limit: int = 10_000) -> list[float]:
    """Cutoffs by rounds of dominated play, until all arm or they no longer move."""
    cutoffs = [dominant]
    while cutoffs[-1] < highest and len(cutoffs) < limit:
        cutoffs.append(answer(share(cutoffs[-1]), dominant, loss))
        if cutoffs[-1] - cutoffs[-2] < 1e-12:
            break
    return cutoffs


def triangular(x: float) -> float:
    """Distribution of the difference of two errors, uniform on ±½."""
    x = float(np.clip(x, -1.0, 1.0))
    return 0.5 * (1.0 + x) ** 2 if x < 0.0 else 1.0 - 0.5 * (1.0 - x) ** 2


def correlated(dominant: float, loss: float, noise: float) -> list[float]:
    """Cutoffs with nearly common costs: each solves x = answer(P(the other is below the last cutoff | own cost x)), to the limit."""
    cutoffs = [dominant]
    while len(cutoffs) < 5000:
        last = cutoffs[-1]
        cutoffs.append(
            brentq(lambda x, last=last: x - answer(triangular((last - x) / noise), dominant, loss), dominant - 1e-9, loss, xtol=1e-15)
        )
        if cutoffs[-1] - last < 1e-13:
            break
    return cutoffs


def run() -> dict[str, float]:
    """Every value by the mechanism's target, in double precision."""
    mu, d, high = INPUTS["dominant"], INPUTS["loss"], INPUTS["highest_cost"]
    with double():
        rounds = contagion(uniform(high["contagion"]), mu, d, high["contagion"])
        wide = uniform(high["contained"])
        rest = brentq(lambda c: c - answer(wide(c), mu, d), 0.0, high["contained"], xtol=1e-15)
        common = INPUTS["correlated"]
        cutoffs = correlated(**common)
        limit = 0.5 * (common["dominant"] + common["loss"])
        small = [contagion(uniform(1.0), share, d, 1.0)[-1] >= 1.0 for share in (1e-4, 1e-3, 1e-2, 0.1)]
        calm = [contagion(uniform(h), mu, d, h)[-1] < h for h in (1.2, 1.5, 2.0)]
        return flat(
            "",
            {
                "contagion": {
                    "cutoffs": rounds[:6],
                    "rounds": len(rounds) - 1,
                    "dominant_share": uniform(high["contagion"])(mu),
                    "arms": uniform(high["contagion"])(rounds[-1]),
                },
                "contained": {"cutoff": rest, "arms": wide(rest), "both_arm": wide(rest) ** 2},
                "correlated": {
                    "cutoffs": cutoffs[1:6],
                    "limit": cutoffs[-1],
                    "rounds_to_1e6": int(np.argmax(np.abs(np.array(cutoffs) - limit) < 1e-6)),
                },
                "race_whatever_the_dominant_share": all(small),
                "no_race_without_the_multiplier": all(calm),
            },
        )


def picture() -> Any:
    """Cost up to which a side arms, round by round, with the multiplier condition and without."""
    import altair as alt
    import pandas as pd

    mu, d = INPUTS["dominant"], INPUTS["loss"]
    rows = []
    for words, high in (("costs up to 1: condition met", 1.0), ("costs up to 1.5: not met", 1.5)):
        cutoffs = contagion(uniform(high), mu, d, high, limit=25)
        rows += [{"round": n, "arms": uniform(high)(c), "case": words} for n, c in enumerate(cutoffs[:25])]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("round:Q", title="round of reasoning"),
            y=alt.Y("arms:Q", title="share of types that arm"),
            color=alt.Color("case:N", title=None, scale=alt.Scale(range=["#b3782d", "#51618f"])),
            strokeDash=alt.StrokeDash("case:N", title=None),
        )
        .properties(title="Fear of a few spreads to all, or is contained", width=440, height=280)
    )
