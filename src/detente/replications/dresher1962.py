"""Dresher 1962, Avenhaus & Canty 1996: how much inspection keeps a party honest.

Citation    M. Dresher, A Sampling Inspector's Problem in Arms Control Agreements, RAND RM-2972, 1962; R. Avenhaus, M. Canty, Compliance
            Quantified, 1996; B. von Stengel, Recursive Inspection Games, Mathematics of Operations Research 41, 2016.
Claim       Few inspections, spread at random over the periods, deter in proportion to what detection costs; below a certain chance of
            detection no honest conduct can be expected.
Reproduced  the smallest chance of inspection that deters; the value of the recursive game for eight pairs (periods, inspections), its
            first move, and with a penalty for being caught; value rises with inspections and falls with periods; in the mechanism,
            quantal response crosses one half exactly at the threshold.
Equation    honest iff P(inspect) ≥ g/((g + b)(1 − β));   v(n, m) = C(n−1, m)/Σ_{i≤m} C(n, i)·b^(m−i), I(n, m) = −v at b = 1
            recursion: the detection q that leaves the inspectee indifferent, cheat_gain(1, q, b) = lottery(q, v(n−1, m), v(n−1, m−1))
Runs        mechanisms.treaties.cheat_gain, contract.quantal and mechanisms.challenge.lottery.
Known       From memory (Dresher's recursion, the closed form, von Stengel's generalisation), then verified.
Caveat      The mechanism plays one period at a time with a given chance of detection; the recursion over periods is here only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from detente.contract import quantal
from detente.mechanisms.challenge import lottery
from detente.mechanisms.treaties import cheat_gain
from detente.replications._precision import double
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "threshold": [(1.0, 4.0, 0.9), (1.0, 9.0, 0.5), (1.0, 0.5, 0.6)],
    "dresher": [(2, 1), (3, 1), (3, 2), (4, 1), (4, 2), (5, 2), (10, 3), (20, 5)],
    "penalty": [(4, 2, 0.5), (4, 2, 3.0), (6, 3, 2.0), (12, 4, 10.0)],
}
DRESHER = [-0.333333333333, -0.5, -0.142857142857, -0.6, -0.272727272727, -0.375, -0.477272727273, -0.535852534562]
CHECKS: tuple[Check, ...] = (
    *checks({"threshold": [0.222222222222, 0.2, 1.11111111111]}, "B06-deterrence_threshold", rtol=1e-9),
    *checks({"dresher": DRESHER}, "B06-dresher_values", origin="published", rtol=1e-11, atol=1e-12),
    *checks({"first_move": [0.363636363636, 0.151515151515]}, "B06-dresher_first_move", rtol=1e-9),
    *checks({"penalty": [0.363636363636, 0.111111111111, 0.121951219512, 0.0105448154657]}, "B06-penalty_values", rtol=1e-11, atol=1e-12),
    *checks({"cheating_at_threshold": 0.5}, origin="published", rtol=1e-9),
    *statements(names=("rises_with_inspections", "falls_with_periods"), origin="published"),
)
LEFT_OUT = {
    "B06-dresher_normal_form": "the whole normal form by linear programme: a check of the values above, done when they were made",
    "B06-penalty_normal_form": "the same",
    "B06-play_simulation": "both sides playing the recursion: no mechanism plays it",
    "B06-leadership_base": "an inspector who announces his mixture: nobody in the product does",
}


def root(gap: Callable[[float], float]) -> float:
    """Where a falling straight line crosses nought."""
    at0, at1 = float(gap(0.0)), float(gap(1.0))
    return at0 / (at0 - at1)


@cache
def value(periods: int, inspections: int, penalty: float) -> float:
    """Value to the inspectee, by the mechanism's own gain of cheating."""
    if inspections == 0:
        return 1.0
    if inspections >= periods:
        return 0.0
    return float(cheat_gain(1.0, detection(periods, inspections, penalty), penalty))


def detection(periods: int, inspections: int, penalty: float) -> float:
    """Chance of inspection in the first period that leaves the inspectee indifferent between now and later."""
    later, less = value(periods - 1, inspections, penalty), value(periods - 1, inspections - 1, penalty)
    return root(lambda q: float(cheat_gain(1.0, q, penalty) - lottery(q, later, less)))


def violation(periods: int, inspections: int) -> float:
    """Chance of a violation in the first period that leaves the inspector indifferent, penalty one."""
    later, less = value(periods - 1, inspections, 1.0), value(periods - 1, inspections - 1, 1.0)
    return root(lambda y: float(lottery(y, less, -1.0) - lottery(y, later, 1.0)))


def threshold(gain: float, loss: float, power: float) -> float:
    """Smallest chance of inspection at which cheating gains nothing; above one where none deters."""
    return root(lambda inspected: float(cheat_gain(gain, inspected * power, loss)))


def run() -> dict[str, float]:
    """Thresholds, values, first moves."""
    with double():
        at = [threshold(*x) for x in INPUTS["threshold"]]
        g, b, power = INPUTS["threshold"][0]
        return flat(
            "",
            {
                "threshold": at,
                "dresher": [-value(n, m, 1.0) for n, m in INPUTS["dresher"]],
                "first_move": [detection(4, 2, 1.0), violation(4, 2)],
                "penalty": [value(*x) for x in INPUTS["penalty"]],
                "cheating_at_threshold": float(quantal(4.0, cheat_gain(g, at[0] * power, b))),
                "rises_with_inspections": bool(np.all(np.diff([-value(10, m, 1.0) for m in range(11)]) > 0.0)),
                "falls_with_periods": bool(np.all(np.diff([-value(n, 3, 1.0) for n in range(3, 15)]) < 0.0)),
            },
        )


def picture() -> Any:
    """The mechanism's chance of cheating by chance of inspection, and where honesty begins."""
    from detente.replications._plots import curves

    x = np.linspace(0.0, 0.6, 121)
    g, b, power = INPUTS["threshold"][0]
    with double():
        gain = cheat_gain(g, x * power, b)
        lines = {f"precision {r:g}": 100 * np.asarray(quantal(r, gain)) for r in (2.0, 6.0, 40.0)}
    title = "Cheating falls through one half where inspection begins to deter (0.222)"
    return curves(x, lines, title, "chance of inspection", "chance of a violation, %", "choice")
