"""Fearon 1995: the trade-off between risk and return, and why complete information leaves no war.

Citation    J. D. Fearon, Rationalist Explanations for War, International Organization 49(3), 1995, 379–414.
Claim       There is always a division that both prefer to war; war comes when what the other would bear is private: asking for more
            is worth some risk.
Reproduced  the optimal demand, the chance of war and the payoff with the other's cost uniform (interior, both corners) and normal;
            the bargaining range; no war under complete information; the chance of war falls with one's own cost and does not depend
            on the balance; a million draws of the other's cost.
Equation    max_x (1 − F(x − p))·x + F(x − p)·(p − c_A);   interior x* = p + (hi − c_A)/2, P(war) = (hi − c_A − 2·lo)/(2(hi − lo))
Runs        mechanisms.challenge.expected_gain and lottery, maximised by analysis.strategic.best.
Known       From memory of the article, then derived and checked.
Caveat      In the mechanism the stake is given and the choice is whether to challenge; here the same payoff is maximised over the
            demand. The mechanism's defender errs by a logistic, not a uniform: the corners are the paper's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import truncnorm

from detente.analysis.strategic import best
from detente.mechanisms.challenge import expected_gain, lottery
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "uniform": {
        "base": (0.5, 0.1, 0.0, 0.3),
        "interior": (0.6, 0.05, 0.0, 0.25),
        "no_war_corner": (0.5, 0.35, 0.2, 0.4),
        "all_corner": (0.9, 0.02, 0.0, 0.5),
    },
    "normal": {"p": 0.5, "own_cost": 0.05, "mean": 0.2, "sd": 0.08},
    "range": {"p": 0.55, "own_cost": 0.12, "other_cost": 0.2},
    "draws": 1_000_000,
}
UNIFORM = {
    "base": [0.6, 1 / 3, 0.533333333333],
    "interior": [0.7, 0.4, 0.64],
    "no_war_corner": [0.7, 0.0, 0.7],
    "all_corner": [1.0, 0.2, 0.976],
}
CHECKS: tuple[Check, ...] = (
    *checks({"uniform": UNIFORM}, "B03-risk_return_*", rtol=1e-9, atol=2e-9),
    *checks({"normal": [0.644056852285, 0.237450434181, 0.597977968454]}, "B03-risk_return_normal_costs", kind="numerical", rtol=1e-6),
    *checks({"range": [0.43, 0.75, 0.32]}, "B03-bargaining_range", rtol=1e-12, atol=1e-12),
    *checks({"share_of_wars": 1 / 3}, "B03-risk_return_simulation", kind="statistical"),
    *statements(
        "B03-no_war_condition",
        names=("no_war_under_complete_information", "war_falls_with_own_cost", "war_does_not_depend_on_balance"),
        kind="numerical",
    ),
)
Law = Callable[[Any], Any]


def uniform(low: float, high: float) -> Law:
    """Distribution function of the other's cost."""
    return lambda cost: np.clip((cost - low) / (high - low), 0.0, 1.0)


def certain(at: float) -> Law:
    """The same of a cost that is known; who is asked for exactly that much still gives way."""
    return lambda cost: np.asarray(cost > at + 1e-12, float)


def demand(p: float, own_cost: float, law: Law, most: float) -> tuple[float, float, float]:
    """Optimal demand, chance of war, payoff: all that is not below the war value is a candidate."""

    def payoff(x: Any) -> Any:
        return lottery(law(x - p), x, war(p, own_cost))

    x, value = best(payoff, 0.0, min(1.0, most))
    return x, float(law(x - p)), value


def war(p: float, cost: float) -> float:
    """What war is worth to the challenger: the mechanism's gain when the defender resists for certain and nobody helps."""
    return float(expected_gain(1.0, p, cost, 0.0, 1.0, 0.0))


def bargaining_range(p: float, own_cost: float, other_cost: float) -> list[float]:
    """Lowest and highest demand that both prefer to war, and the width."""
    low, high = war(p, own_cost), 1.0 - war(1.0 - p, other_cost)
    return [low, high, high - low]


def run() -> dict[str, float]:
    """Demands, chances, payoffs."""
    cases = {k: demand(p, c, uniform(lo, hi), p + hi) for k, (p, c, lo, hi) in INPUTS["uniform"].items()}
    given = INPUTS["normal"]
    low = (0.0 - given["mean"]) / given["sd"]
    normal = demand(given["p"], given["own_cost"], partial(truncnorm.cdf, a=low, b=np.inf, loc=given["mean"], scale=given["sd"]), 1.0)
    p, c, lo, hi = INPUTS["uniform"]["base"]
    n, rng = INPUTS["draws"], np.random.default_rng(1995)
    share = float((rng.uniform(lo, hi, n) < cases["base"][0] - p).mean())
    costs = [demand(p, own, uniform(lo, hi), p + hi)[1] for own in (0.02, 0.06, 0.1, 0.14)]
    balances = [demand(q, c, uniform(lo, hi), q + hi)[1] for q in (0.3, 0.4, 0.5, 0.6)]
    # Complete information: the cost is known, so what is asked is the whole of the range and no more.
    known = [demand(p, c, certain(at), p + hi) for at in (0.05, 0.15, 0.25)]
    return {"share_of_wars": share, "share_of_wars.se": np.sqrt(share * (1 - share) / n), "share_of_wars.draws": n} | flat(
        "",
        {
            "uniform": cases,
            "normal": normal,
            "range": bargaining_range(**INPUTS["range"]),
            "no_war_under_complete_information": all(k[1] == 0.0 for k in known),
            "war_falls_with_own_cost": bool(np.all(np.diff(costs) < 0.0)),
            "war_does_not_depend_on_balance": bool(np.ptp(balances) < 1e-9),
        },
    )


def picture() -> Any:
    """Payoff of a demand: what is gained by asking, what is lost by war."""
    from detente.replications._plots import curves

    p, c, lo, hi = INPUTS["uniform"]["base"]
    law = uniform(lo, hi)
    x = np.linspace(0.4, 0.9, 101)
    lines = {"expected payoff": np.asarray(lottery(law(x - p), x, war(p, c))), "chance of war": law(x - p)}
    return curves(x, lines, "Asking for more is worth a risk of war", "share demanded", "share of the whole, or probability")
