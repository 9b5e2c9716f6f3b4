"""Hellman 2008: the failure rate of nuclear deterrence as a chain of conditional steps.

Citation    M. E. Hellman, Risk Analysis of Nuclear Deterrence, The Bent of Tau Beta Pi, Spring 2008, 14–22.
Claim       A rare disaster can be estimated from its partial failures: initiating events, one of three of which becomes a crisis, some of
            which end in use of a weapon, some of which become full war: 0.02 to 0.5 % a year.
Reproduced  both ends of his range, the rate at uniform P2 and P3, the chance within fifty years, and the two statements about the
            78 years of a child's life.
Equation    λ = λ_initiating·P1·P2·P3;   P(T) = 1 − exp(−λT)
            here dangerous incidents·up1 enter a crisis; harden against settling is P2, war_share P3; what ends at war, times λ_crisis
Runs        analysis.ladder, which takes the hazards from mechanisms.escalation itself on the scenario ladder.
Known       Three initiating events in 50 years and one in three: IEEE Spectrum, 31 March 2008; the ranges of P2 and P3 from memory;
            78 years: Hellman's optional reading on the Cuban crisis; worse than even: his essay in the Bulletin, quoted elsewhere.
Caveat      The composed mechanism has more roads than this one (mistakes above the crisis, spill-over); here they are set to nought.
            Hellman's P2 is use of a weapon, here an armed clash or worse: the chain is the same, the names of its rungs are not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from detente.analysis import ladder
from detente.engine.compose import Model
from detente.replications._small import model_of
from detente.replications.registry import checks, flat

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "initiating": 3 / 50,
    "p1": 1 / 3,
    "p2": [0.1, 0.5],
    "p3": [0.1, 0.5],
    "years": 50,
    "child": 78,
    "yearly": [0.001, 0.01],
}
CHECKS = (
    *checks({"rate": {"low": 0.0002}}, "B01-hellman_low", origin="published", rtol=1e-9, atol=1e-12),
    *checks({"rate": {"high": 0.005}}, "B01-hellman_high", origin="published", rtol=1e-9, atol=1e-12),
    *checks({"rate": {"mean_of_uniform": 0.0018}}, "B01-hellman_mean_uniform", rtol=1e-6),
    *checks({"within_50_years": 0.221199216929}, "B01-hellman_high_50y", rtol=1e-6),
    *checks({"child": {"at_0.1_percent": 0.0750716704319}}, "B01-hellman_child_0.1pct_78y", origin="published+computed", rtol=1e-6),
    *checks({"child": {"at_1_percent": 0.543390252256}}, "B01-hellman_child_1pct_78y", origin="published+computed", rtol=1e-6),
)
LEFT_OUT = {
    "B01-alarm_rates": "counts of alarms over months: arithmetic that no mechanism does",
    "B01-lognormal_product": "products of lognormal inputs: ranges here are uniform or log-uniform",
}
STILL = dict.fromkeys(("brake", "mistake", "spill", "reentry", "warning", "sobriety", "settle", "heat", "fast", "up2", "up3", "up4"), 0.0)
CLASH, WAR, CRISIS = 3, 4, 2


@cache
def system() -> Model:
    """The scenario `ladder` as it is composed."""
    return model_of("ladder")


def rates(p2: np.ndarray, p3: np.ndarray) -> np.ndarray:
    """λ [case] of the chain with these chances: the rate of crises times the chance that one ends at war."""
    settling = 2.0
    values = STILL | {"up1": INPUTS["p1"], "harden": settling * p2 / (1.0 - p2), "war_share": p3, "down2": settling}
    # A resolve of nought makes 2σ(resolve) one; incidents are counted by the quarter.
    found = ladder.hazards(system(), values, {"dangerous": INPUTS["initiating"] / 4, "resolve": 0.0})
    ends = [ladder.absorb(ladder.jumps(found[:, :, k], (0, CLASH, WAR, 5))).end(CRISIS, WAR) for k in range(found.shape[-1])]
    return found[0, CRISIS] * np.array(ends)


def run() -> dict[str, float]:
    """Rates per year and probabilities."""
    ends = rates(np.array(INPUTS["p2"]), np.array(INPUTS["p3"]))
    # Two nodes of Gauss and Legendre are exact for a product of two uniforms.
    nodes = 0.3 + 0.2 * np.array([-1.0, 1.0]) / np.sqrt(3.0)
    p2, p3 = (x.ravel() for x in np.meshgrid(nodes, nodes))
    line = np.zeros((2, 2))
    line[0, 1] = ends[1]
    child = {}
    for label, yearly in zip(("at_0.1_percent", "at_1_percent"), INPUTS["yearly"], strict=True):
        child[label] = ladder.after(np.array([[1.0 - yearly, yearly], [0.0, 1.0]]), INPUTS["child"], 0, 1)
    return flat(
        "",
        {
            "rate": {"low": ends[0], "high": ends[1], "mean_of_uniform": rates(p2, p3).mean()},
            "within_50_years": ladder.within(ladder.generator(line), INPUTS["years"], 0, 1),
            "child": child,
        },
    )


def picture() -> Any:
    """Chance of war within so many years, at both ends of the range and its middle."""
    from detente.replications._plots import curves

    years = np.arange(0, 101)
    shown = {"0.5 % a year": 0.005, "0.18 % (mean)": 0.0018, "0.02 % a year": 0.0002}
    matrices = {name: ladder.generator(np.array([[0.0, rate], [0.0, 0.0]])) for name, rate in shown.items()}
    lines = {name: [100 * ladder.within(m, float(t), 0, 1) for t in years] for name, m in matrices.items()}
    return curves(years, lines, "A small yearly risk over a life", "years", "chance that deterrence has failed, %", "failure rate")
