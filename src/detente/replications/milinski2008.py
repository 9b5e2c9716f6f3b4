"""Milinski 2008: the collective-risk dilemma.

Citation    M. Milinski, R. Sommerfeld, H.-J. Krambeck, F. Reed, J. Marotzke, The Collective-Risk Social Dilemma and the Prevention
            of Simulated Dangerous Climate Change, PNAS 105(7), 2008, 2291–2294.
Claim       Six players with 40 euros each must give 120 together or each loses the rest with probability p; when the risk is only
            as high as the necessary average investment or lower, groups fail.
Reproduced  the most that an equilibrium of success can ask of a player, the number of success profiles that are equilibria, the
            fair share against nothing, the risk p* = 20/40 below which the fair share does not pay; that work under way rises with
            the risk in the composed mechanism, as it did in the groups (5, 1 and 0 of 10).
Equation    a player gives c, when that decides, iff 40·p − c ≥ 0
            here gain(benefit 40, risk p, share 1, cost c) ≥ 0
Runs        mechanisms.joint_work.gain and contribute; joint_work alone through the engine on the scenario collective_risk.
Known       Abstract seen; design and results at second hand, as constants of public replication code that cites the paper; counts
            derived.
Caveat      Theory does not give 5, 1 and 0: at p = 0.9 success and failure are both equilibria. Those numbers are data; of them
            only the order is asked of the mechanism, which has one will for the common project and not six players.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from detente.mechanisms.joint_work import gain
from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "players": 6,
    "endowment": 40.0,
    "target": 120.0,
    "step": 2.0,
    "risk": {"p0.9": 0.9, "p0.5": 0.5, "p0.1": 0.1},
    "groups_that_reached_the_target": {"p0.9": 5, "p0.5": 1, "p0.1": 0},
}
CHECKS = (
    *checks(
        {
            "p0.9": {"max_contribution": 36.0, "success_profiles": 1245194.0, "zero_payoff": 4.0},
            "p0.5": {"max_contribution": 20.0, "success_profiles": 1.0, "zero_payoff": 20.0},
            "p0.1": {"max_contribution": 4.0, "success_profiles": 0.0, "zero_payoff": 36.0},
        },
        "A10-1",
        rtol=1e-6,
    ),
    *checks({f"{p}.fair_is_equilibrium": yes for p, yes in (("p0.9", 1), ("p0.5", 1), ("p0.1", 0))}, "A10-1", rtol=0.0, holds=True),
    *checks({"risk_that_fair_share_needs": 0.5}, origin="published", rtol=1e-6),
    *statements(names=("engine.order_of_groups",), kind="numerical"),
)
LEFT_OUT = {
    "A10-2": "Fisher's exact test of 5, 1 and 0 of 10: a test on the paper's data that no analysis of the product makes of experiments",
    "mean totals 118.2, 92.2, 73.0": "data on six players; the mechanism has one will and no totals in euros",
}
TIE = 1e-9


def pays(risk: float, cost: float) -> float:
    """Gain of giving `cost` when that decides, euros."""
    return float(gain(INPUTS["endowment"], risk, 1.0, cost))


def success_profiles(risk: float) -> int:
    """Profiles of total contributions that add up to the target and in which everybody's share pays (counted by convolution)."""
    levels = np.arange(0.0, INPUTS["endowment"] + 1.0, INPUTS["step"])
    one = np.array([int(pays(risk, c) >= -TIE) for c in levels], dtype=object)
    ways = np.array([1], dtype=object)
    for _ in range(INPUTS["players"]):
        ways = np.convolve(ways, one)
    return int(ways[int(INPUTS["target"] / INPUTS["step"])])


def engine() -> np.ndarray:
    """Joint work under way after thirty years of the composed mechanism, by group [risk]."""
    model = model_of("collective_risk", years=30)
    values = {"benefit": 2.0, "joint_cost": 1.0, "share": 1.0, "joint_rationality": 4.0, "joint_speed": 0.6}
    risks = np.array(list(INPUTS["risk"].values()))
    return history(model, values | {"risk": risks}, len(risks), ["joint"])["joint"][-1, 0]


def run() -> dict[str, float]:
    """Every value by the mechanism's gain (double precision; the engine's in float32)."""
    level = engine()
    groups = list(INPUTS["groups_that_reached_the_target"].values())
    fair, all_lost = INPUTS["target"] / INPUTS["players"], INPUTS["endowment"]
    out: dict[str, Any] = {}
    with double():
        for name, risk in INPUTS["risk"].items():
            kept = all_lost - fair
            out[name] = {
                "max_contribution": brentq(lambda c, risk=risk: pays(risk, c), 0.0, all_lost, xtol=1e-12),
                "success_profiles": success_profiles(risk),
                "zero_payoff": kept - pays(risk, fair),
                "fair_is_equilibrium": pays(risk, fair) >= -TIE,
            }
        out["risk_that_fair_share_needs"] = brentq(lambda risk: pays(risk, fair), 0.0, 1.0, xtol=1e-14)
    out["engine"] = {"joint": level, "order_of_groups": bool(np.all(np.argsort(level) == np.argsort(groups)))}
    return flat("", out)


def picture() -> Any:
    """Gain of the fair share by risk, with the three groups and how many of ten reached the target."""
    import altair as alt
    import pandas as pd

    fair = INPUTS["target"] / INPUTS["players"]
    line = pd.DataFrame([{"risk": r, "gain": pays(r, fair)} for r in np.linspace(0, 1, 21)])
    groups = INPUTS["groups_that_reached_the_target"]
    points = pd.DataFrame([{"risk": r, "gain": pays(r, fair), "words": f"{groups[name]} of 10"} for name, r in INPUTS["risk"].items()])
    x = alt.X("risk:Q", title="risk of losing what was kept")
    y = alt.Y("gain:Q", title="gain of the fair share when it decides, euros")
    zero = alt.Chart(pd.DataFrame({"gain": [0.0]})).mark_rule(color="#68707a").encode(y="gain:Q")
    drawn = alt.Chart(line).mark_line(color="#51618f").encode(x=x, y=y)
    seen = alt.Chart(points).mark_point(filled=True, size=70, color="#b3782d").encode(x=x, y=y)
    words = alt.Chart(points).mark_text(align="center", dy=-14).encode(x=x, y=y, text="words")
    title = "Giving pays above one chance in two; groups that reached the target"
    return (zero + drawn + seen + words).properties(title=title, width=440, height=280)
