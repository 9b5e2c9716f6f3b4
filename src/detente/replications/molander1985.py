"""Molander 1985: how generous to be when acts go wrong.

Citation    P. Molander, The Optimal Level of Generosity in a Selfish, Uncertain Environment, Journal of Conflict Resolution 29(4),
            1985, 611–618; M. Nowak, K. Sigmund, Tit for Tat in Heterogeneous Populations, Nature 355, 1992; J. Wu, R. Axelrod, How
            to Cope with Noise in the Iterated Prisoner's Dilemma, Journal of Conflict Resolution 39(1), 1995, 183–189.
Claim       Any noise, however small, brings two players of tit for tat to the average of the four payoffs; generosity restores
            cooperation, up to a level at which it pays to exploit it.
Reproduced  the best generosity for four sets of payoffs; cooperation and payoff of strict and of generous pairs at four levels of
            noise; the table of payoffs among reactive rules; that the average of four holds at any noise; rounds out of deadlock, and
            that a series of announced steps ends it where one does not (after Osgood's GRIT, 1962; the numbers are ours).
Equation    s_i = q' + r·s_j, r = (1 − 2ε)(p − q), q' = q(1 − 2ε) + ε;   q* = min{1 − (T − R)/(R − S), (R − P)/(T − P)}
            here s_i = base + answer(s_j, reciprocity): generosity is the base, strictness the reciprocity
Runs        mechanisms.conduct.answer: the long-run share of cooperation is the resting point of conduct's level, for reactive rules
            exactly, and the chance of each single act; analysis.ladder.absorb for the rounds.
Known       q* and 1/3 seen in public implementations that cite Nowak & Sigmund and derived; the average of four payoffs from
            memory; Wu & Axelrod's abstract seen; the table derived.
Caveat      The mechanism holds mean conduct, so rules that need both sides' last acts together (win-stay lose-shift, contrition)
            are beyond it. q* is a limit of small noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import brentq

from detente.analysis.ladder import absorb
from detente.mechanisms.conduct import answer
from detente.replications._precision import double
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
PAYOFFS = {"R": 3.0, "S": 0.0, "T": 5.0, "P": 1.0}
INPUTS: dict[str, Any] = {
    "payoffs": PAYOFFS,
    "other_payoffs": [PAYOFFS, {"R": 4, "S": 0, "T": 5, "P": 1}, {"R": 3, "S": 1, "T": 4, "P": 2}, {"R": 0.8, "S": 0, "T": 1, "P": 0.1}],
    "rules": {"TFT": (1.0, 0.0), "GTFT": (1.0, 1 / 3), "ALLD": (0.0, 0.0), "ALLC": (1.0, 1.0)},
    "noise": [0.001, 0.01, 0.05, 0.1],
    "noise_of_table": 0.01,
    "deadlock": {"noise": 0.02, "announced": [1, 2, 3]},
}
TABLE = {
    "TFT": [2.25, 2.96967195864, 1.020002, 3.009402],
    "GTFT": [2.92426795567, 2.97032174556, 0.693368, 3.00290133333],
    "ALLD": [1.069002, 2.359368, 1.0299, 4.9401],
    "ALLC": [2.960402, 2.97023466667, 0.0401, 2.9899],
}
ROUNDS = {"TFT": 100.0, "GTFT": 7.74064822234, "GRIT": [75.5102040816, 6.35180408163, 3.61313144163]}
CHECKS = (
    *checks({"generosity": [0.333333333333, 0.75, 0.5, 0.75]}, "A06-1", origin="published+computed", rtol=1e-6),
    *checks(
        {
            "TFT": {"cooperation": [0.5] * 4, "payoff": [2.25] * 4},
            "GTFT": {
                "cooperation": [0.997011952191, 0.971153846154, 0.875, 0.785714285714],
                "payoff": [2.99700302376, 2.97032174556, 2.859375, 2.73979591837],
            },
        },
        "A06-2",
        origin="published+computed",
        rtol=1e-6,
    ),
    *checks({"table": TABLE}, "A06-3", rtol=1e-6),
    *checks({"rounds": ROUNDS}, "A06-5", rtol=1e-6),
    *statements(names=("a_series_works_where_one_step_does_not",), origin="published"),
    *statements(names=("average_of_four_at_any_noise", "generous_pairs_beat_strict_ones"), origin="published"),
)
LEFT_OUT = {
    "A06-3 WSLS": "win-stay lose-shift needs both sides' last acts together; conduct answers the other's only",
    "A06-4": "contrite tit for tat keeps a standing: no mechanism has one",
}
Rule = tuple[float, float]
"""Chance of cooperating after the other's cooperation, and after the other's defection."""


def noisy(rule: Rule, noise: float) -> tuple[float, float]:
    """(reciprocity, base) of a rule whose acts go wrong with chance `noise`."""
    p, q = (x * (1.0 - 2.0 * noise) + noise for x in rule)
    return p - q, q


def resting(one: Rule, other: Rule, noise: float) -> np.ndarray:
    """Long-run cooperation of both, where conduct's level rests (a Newton step is exact: it is linear)."""
    (r1, b1), (r2, b2) = noisy(one, noise), noisy(other, noise)

    def level(s: Any) -> jax.Array:
        return jnp.stack([b1 + answer(s[1], r1), b2 + answer(s[0], r2)]) - s

    start = jnp.zeros(2)
    return np.asarray(-jnp.linalg.solve(jax.jacfwd(level)(start), level(start)))


def payoff(one: Rule, other: Rule, noise: float, game: Mapping[str, float] = PAYOFFS) -> float:
    """Long-run payoff of `one`: reactive rules' acts are independent at rest."""
    s, z = resting(one, other, noise)
    return float(game["R"] * s * z + game["S"] * s * (1 - z) + game["T"] * (1 - s) * z + game["P"] * (1 - s) * (1 - z))


def best_generosity(game: Mapping[str, float]) -> float:
    """Largest generosity at which neither defecting always nor defecting once and again beats mutual cooperation."""

    def always(q: float) -> float:
        return payoff((0.0, 0.0), (1.0, q), 0.0, game) - game["R"]

    def once(q: float) -> float:
        punished = float(answer(1.0, noisy((1.0, q), 0.0)[0]))  # share of one defection that is answered
        return (game["T"] - game["R"]) - (game["R"] - game["S"]) * punished

    return min(brentq(f, 0.0, 1.0, xtol=1e-14) for f in (always, once))


ACTS = np.array([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
"""Acts of a round, one's own and the other's; the last is deadlock."""


def acts(one: Rule, other: Rule, noise: float) -> np.ndarray:
    """Chances of the four outcomes of a round after each [last, next]: each cooperates with the chance that is its answer."""
    (r1, b1), (r2, b2) = noisy(one, noise), noisy(other, noise)
    first, second = np.asarray(b1 + answer(ACTS[:, 1], r1)), np.asarray(b2 + answer(ACTS[:, 0], r2))
    return np.stack([np.where(a, first, 1.0 - first) * np.where(b, second, 1.0 - second) for a, b in ACTS], axis=1)


def rounds(rule: Rule, noise: float, announced: int = 0) -> float:
    """Expected rounds from deadlock with a strict reciprocator to the first mutual cooperation; `announced`: as many unconditional steps first."""
    strict = INPUTS["rules"]["TFT"]

    def until(one: Rule) -> np.ndarray:
        chain = acts(one, strict, noise)
        chain[0] = [1.0, 0.0, 0.0, 0.0]
        return chain

    now, waited = np.array([0.0, 0.0, 0.0, 1.0]), 0.0
    for _ in range(announced):
        waited, now = waited + now[1:].sum(), now @ until(INPUTS["rules"]["ALLC"])
    return float(waited + now[1:] @ absorb(until(rule)).time)


def run() -> dict[str, float]:
    """Every value by the mechanism's answer, in double precision."""
    rules, noise = INPUTS["rules"], INPUTS["noise"]
    average = sum(PAYOFFS.values()) / 4.0
    with double():
        out: dict[str, Any] = {"generosity": [best_generosity(game) for game in INPUTS["other_payoffs"]]}
        for name in ("TFT", "GTFT"):
            rule = rules[name]
            out[name] = {"cooperation": [resting(rule, rule, e)[0] for e in noise], "payoff": [payoff(rule, rule, e) for e in noise]}
        out["table"] = {a: [payoff(rules[a], rules[b], INPUTS["noise_of_table"]) for b in rules] for a in rules}
        stuck = INPUTS["deadlock"]
        series = [rounds(rules["TFT"], stuck["noise"], n) for n in stuck["announced"]]
        out["rounds"] = {name: rounds(rules[name], stuck["noise"]) for name in ("TFT", "GTFT")} | {"GRIT": series}
        out["a_series_works_where_one_step_does_not"] = series[0] > 0.5 * out["rounds"]["TFT"] and series[1] < 0.1 * out["rounds"]["TFT"]
        out["average_of_four_at_any_noise"] = all(abs(payoff((1.0, 0.0), (1.0, 0.0), e) - average) < 1e-9 for e in (1e-6, 1e-3, 0.2, 0.45))
        out["generous_pairs_beat_strict_ones"] = all(g > s for g, s in zip(out["GTFT"]["payoff"], out["TFT"]["payoff"], strict=True))
    return flat("", out)


def picture() -> Any:
    """Payoff of a pair by generosity, at four levels of noise."""
    import altair as alt
    import pandas as pd

    rows = [
        {"generosity": q, "payoff": payoff((1.0, q), (1.0, q), e), "noise": f"{e:g}"}
        for e in INPUTS["noise"]
        for q in np.linspace(0, 1, 61) ** 2
    ]
    lines = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line()
        .encode(
            x=alt.X("generosity:Q", title="generosity: chance of cooperating after a defection"),
            y=alt.Y("payoff:Q", title="payoff per round of a pair", scale=alt.Scale(zero=False)),
            color=alt.Color("noise:N", title="chance of error", scale=alt.Scale(range=["#b3782d", "#51618f", "#2f8074", "#8f5a86"])),
            strokeDash=alt.StrokeDash("noise:N", title="chance of error"),
        )
    )
    best = pd.DataFrame({"generosity": [best_generosity(PAYOFFS)], "words": ["above, exploiters gain"]})
    mark = alt.Chart(best).mark_rule(color="#68707a").encode(x="generosity:Q")
    words = alt.Chart(best).mark_text(align="left", dx=5, y=270).encode(x="generosity:Q", text="words")
    return (lines + mark + words).properties(title="A little forgiveness restores cooperation", width=440, height=280)
