"""Kydd 2005: how much trust cooperation needs, and what acts teach.

Citation    A. Kydd, Trust and Mistrust in International Relations, Princeton University Press 2005.
Claim       A state that would rather reciprocate cooperates only above a minimum trust, which is higher the stronger it is, the
            greater the advantage of striking first and the greater its greed; acts teach by Bayes' rule, and a conflict lowers
            trust although those who are trustworthy may fight.
Reproduced  the minimum trust for given payoffs and for the security dilemma's; comparative statics; the belief after a row of acts;
            what a conflict reveals; the mechanism composed alone cooperates above the minimum and not below.
Equation    m = (P − S)/((P − S) + (R − T)),   T = (π + φ)·g − (1 − π − φ)·l − c, P and S likewise
            here m is where joint_work's gain, benefit − price(fear), is zero at fear = 1 − m
Runs        mechanisms.joint_work.gain and price (its step's will to contribute), mechanisms.challenge.expected_gain (the value of a
            contest that is resisted) and not_waiting (the same minimum trust again, as who is moved by fear reckons it),
            mechanisms.learning.update; joint_work alone through the engine on the scenario collective_risk.
Known       The claims seen in the publisher's first chapter of 2005. The parametrisation of payoffs from memory of the book;
            minimum trust and updating derived. The minimum trust is that of the book's simultaneous moves, not the article's first
            mover.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from detente.mechanisms.challenge import expected_gain, not_waiting
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications._trust import cooperation_gain, learn, minimum_trust
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "payoffs": [{"R": 4, "T": 3, "P": 2, "S": 1}, {"R": 5, "T": 3, "P": 1, "S": -4}, {"R": 0, "T": -0.5, "P": -1.2, "S": -3}],
    "war": {"win": 0.5, "first": 0.1, "gain": 0.3, "loss": 1.0, "cost": 0.2},
    "changed": {"base": {}, "stronger": {"win": 0.6}, "costlier": {"cost": 0.4}, "first_strike": {"first": 0.2}, "greedier": {"gain": 0.5}},
    "acts": {"prior": 0.3, "acts": "CCDC", "p_cooperate": [0.9, 0.4], "start": 0.1, "goal": 0.7},
    "conflict": {"trustworthy": 0.5, "cooperate": 0.4},
    "engine": {"R": 5.0, "T": 3.0, "P": 1.0, "S": -4.0, "precision": 400.0, "margin": 0.02},
}
CHECKS = (
    *checks({"minimum_trust": [0.5, 0.714285714286, 0.782608695652]}, "A02-1", rtol=1e-6),
    *checks(
        {
            "dilemma": {
                "base": 0.236363636364,
                "stronger": 0.309523809524,
                "costlier": 0.173333333333,
                "first_strike": 0.472727272727,
                "greedier": 0.333333333333,
            },
            "greed_that_ends_trustworthiness": 1.0,
        },
        "A02-2",
        rtol=1e-6,
    ),
    *checks(
        {
            "acting": {
                "base": 0.236363636364,
                "stronger": 0.309523809524,
                "costlier": 0.173333333333,
                "first_strike": 0.472727272727,
                "greedier": 0.333333333333,
            }
        },
        "A02-2",
        rtol=1e-6,
    ),
    *checks({"belief_after_acts": 0.448615384615, "acts_needed": 4.0}, "A02-5", rtol=1e-6),
    *checks({"conflict": {"posterior": 0.444444444444, "probability": 0.9, "tragic_share": 0.166666666667}}, "A02-6", rtol=1e-6),
    *statements(names=("strong_need_more_trust", "conflict_lowers_trust"), origin="published"),
    *statements(names=("engine.cooperates_above_only",), kind="numerical"),
)
LEFT_OUT = {
    "A02-3": "the two-round reassurance game: no mechanism sends a costly signal by choice",
    "A02-4": "the same game's size of gesture",
    "A02-9": "the reassurance game of 2000 and the size of its first stake: no mechanism solves a signalling game",
}


def war_payoffs(win: float, first: float, gain: float, loss: float, cost: float) -> dict[str, float]:
    """Payoffs of the security dilemma: peace is zero, a fight is a contest that is resisted for certain."""

    def fight(chance: float) -> float:
        return float(expected_gain(gain + loss, chance, loss + cost, 0.0, 1.0, 0.0))

    return {"R": 0.0, "T": fight(win + first), "P": fight(win), "S": fight(win - first)}


def acting(payoffs: dict[str, float]) -> float:
    """Trust at which the challenge's gain of not waiting is zero: a fight alone is worth T − R, being first in one that comes anyway P − S."""

    def worth(trust: float) -> float:
        return float(not_waiting(payoffs["T"] - payoffs["R"], 1.0 - trust, payoffs["P"] - payoffs["S"]))

    return brentq(worth, 0.0, 1.0, xtol=1e-14)


def acts_needed(start: float, goal: float, ratio: float) -> int:
    """Cooperative acts in a row that lift a belief above a goal."""
    belief, count = start, 0
    while belief <= goal:
        belief, count = learn(belief, ratio), count + 1
    return count


def engine() -> bool:
    """The mechanism composed alone: nearly full joint work just above the minimum trust, hardly any just below."""
    inputs = INPUTS["engine"]
    m, benefit, betrayal = minimum_trust(inputs), inputs["R"] - inputs["T"], inputs["P"] - inputs["S"]
    model = model_of("collective_risk", ["joint_work"], years=30)
    values = {
        "benefit": benefit,
        "risk": 1.0,
        "share": 1.0,
        "joint_cost": 0.0,
        "distrust": benefit + betrayal,
        "joint_rationality": inputs["precision"],
        "joint_speed": 1.0,
    }
    level = [
        history(model, values, 2, ["joint"], start={"threat": 1.0 - m - side * inputs["margin"]})["joint"][-1, 0, 0] for side in (1, -1)
    ]
    return bool(level[0] > 0.99 and level[1] < 0.01)


def run() -> dict[str, float]:
    """Every published value by the mechanisms' functions (double precision; the engine's in float32)."""
    composed = engine()
    with double():
        war, acts, fight = INPUTS["war"], INPUTS["acts"], INPUTS["conflict"]
        good, bad = acts["p_cooperate"]
        ratio = {"C": good / bad, "D": (1.0 - good) / (1.0 - bad)}
        belief = acts["prior"]
        for act in acts["acts"]:
            belief = learn(belief, ratio[act])
        tau, q = fight["trustworthy"], fight["cooperate"]
        after = learn(tau, 1.0 - q * tau)
        dilemma = {name: minimum_trust(war_payoffs(**{**war, **change})) for name, change in INPUTS["changed"].items()}
        chances = [minimum_trust(war_payoffs(**{**war, "win": win})) for win in np.linspace(0.3, 0.75, 10)]
        return flat(
            "",
            {
                "minimum_trust": [minimum_trust(p) for p in INPUTS["payoffs"]],
                "dilemma": dilemma,
                "acting": {name: acting(war_payoffs(**{**war, **change})) for name, change in INPUTS["changed"].items()},
                "greed_that_ends_trustworthiness": brentq(lambda g: war_payoffs(**{**war, "gain": g})["T"], 0.1, 5.0, xtol=1e-14),
                "belief_after_acts": belief,
                "acts_needed": acts_needed(acts["start"], acts["goal"], ratio["C"]),
                "conflict": {"posterior": after, "probability": tau * (1.0 - q * tau) / after, "tragic_share": learn(tau**2, 1.0 - q)},
                "strong_need_more_trust": bool(np.all(np.diff(chances) > 0)),
                "conflict_lowers_trust": all(learn(t, 1.0 - q * t) < t for t in np.linspace(0.05, 0.95, 19)),
                "engine": {"cooperates_above_only": composed},
            },
        )


def picture() -> Any:
    """Gain of cooperating against trust, for the three sets of payoffs; it crosses zero at the minimum trust."""
    import altair as alt
    import pandas as pd

    rows = [
        {"trust": t, "gain": cooperation_gain(t, p), "payoffs": "R {R:g}, T {T:g}, P {P:g}, S {S:g}".format(**p)}
        for p in INPUTS["payoffs"]
        for t in np.linspace(0, 1, 41)
    ]
    lines = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line()
        .encode(
            x=alt.X("trust:Q", title="trust: probability that the other would reciprocate"),
            y=alt.Y("gain:Q", title="gain of cooperating, utility"),
            color=alt.Color("payoffs:N", scale=alt.Scale(range=["#b3782d", "#51618f", "#2f8074"])),
            strokeDash="payoffs:N",
        )
    )
    zero = alt.Chart(pd.DataFrame({"gain": [0.0]})).mark_rule(color="#68707a").encode(y="gain:Q")
    return (zero + lines).properties(title="Cooperation pays above the minimum trust", width=440, height=280)
