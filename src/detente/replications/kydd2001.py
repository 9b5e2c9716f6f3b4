"""After Kydd 2001: trust built inside, broken outside.

Citation    A. Kydd, Trust Building, Trust Breaking, International Organization 55(4), 2001, 801–828.
Claim       An alliance that enlarges to those who cooperate can break the trust of the state outside; the dilemma exists only in
            part of the parameter space.
Reproduced  after the paper, a reconstruction: the outsider's trust after an enlargement, the share of need below which trust
            breaks, and that trust is lost in part of the space only – by Bayes' rule in the mechanism, pure and composed; the trust
            that candidates need without criteria.
Equation    t_E = t·λ/(t·λ + 1 − t),   λ* = m·(1 − t)/(t·(1 − m))
            here fear += log(1/λ) at an accession, with promise_weight = log(1/λ) and no forgetting
Runs        mechanisms.learning.update; mechanisms.joint_work.gain and price for the minimum trust; open_door and learning composed
            through the engine on the scenario enlargement_dilemma.
Known       Abstract and first page only; equations, figures and appendix not seen. The game and its numbers are derived, not
            Kydd's.
Caveat      That trust grows among those who gain membership is not met: in the model fear runs across rivalries only. Nor does the
            alliance weigh gain against loss: open_door has hazards, no choice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications._trust import cooperation_gain, learn, logit, minimum_trust
from detente.replications.registry import checks, flat, statements

STATUS = "after"
INPUTS: dict[str, Any] = {
    "candidates": {"cooperative": 0.5, "payoffs": {"R": 4.0, "T": 3.0, "P": 2.0, "S": 0.5}},
    "cases": {"trust": 0.6, "minimum": 0.5, "need": [0.8, 0.4, 0.4]},
    "trust": [0.55, 0.6, 0.7, 0.8, 0.9],
    "need": 0.5,
    "minimum": 0.5,
}
BELIEFS = [0.379310344828, 0.428571428571, 0.538461538462, 0.666666666667, 0.818181818182]
CHECKS = (
    *checks({"minimum_trust": 0.6, "pair_cooperates": 0.0, "pair_cooperates_with_criteria": 0.25}, "A03-1", rtol=1e-6),
    *checks({"case": {"need_that_keeps_trust": 0.666666666667, "belief": [0.545454545455, 0.375, 0.375]}}, "A03-2", rtol=1e-6),
    *checks({"case": {"trust_kept": [1.0, 0.0, 0.0]}}, "A03-2", rtol=0.0, holds=True),
    *checks(
        {"belief": BELIEFS, "need_that_keeps_trust": [0.818181818182, 0.666666666667, 0.428571428571, 0.25, 0.111111111111]},
        "A03-3",
        rtol=1e-6,
    ),
    *checks({"engine": {"belief": BELIEFS}}, "A03-3", kind="numerical", rtol=1e-5),
    *statements(names=("enlargement_never_raises_outside_trust", "dilemma_in_part_of_the_space_only"), origin="published"),
    *statements(names=("engine.closed_door_keeps_trust",), kind="numerical"),
)
LEFT_OUT = {
    "A03-1 k_min, k_max": "the price of admission that separates candidates: no mechanism sets admission criteria",
    "A03-2 regions by G against w": "whether the alliance enlarges all the same: open_door has hazards and weighs no gain",
}


def need_that_keeps(trust: float, minimum: float) -> float:
    """Share of need at which the belief after an enlargement is just the outsider's minimum trust."""
    return brentq(lambda need: learn(trust, need) - minimum, 1e-9, 1.0, xtol=1e-14)


def engine() -> tuple[np.ndarray, bool]:
    """The mechanisms composed, the candidate promised membership: belief of the outsider after the accession; and with the door closed."""
    trust = np.array(INPUTS["trust"])
    model = model_of("enlargement_dilemma", years=1)
    values = {
        **{f"fear0[{pair}]": -np.array([logit(t) for t in trust]) for pair in model.world.axes["pair"]},
        "promise_weight": -np.log(INPUTS["need"]),
        "provocation": 0.0,
        "forget": 0.0,
        "fear_noise": 0.0,
        "pace": 1e4,
        "ready": 1.0,
        "reversal": 0.0,
    }
    place = model.world.axes["pair"].index("rival>alliance")
    beliefs = []
    for offer in (2.0, 0.0):  # promised; and a door at which nothing is declared
        traces = history(model, values | {"declare0": 0.0}, len(trust), ["threat", "offer"], start={"wish": 1.0, "offer": offer})
        beliefs.append(1.0 - traces["threat"][-1, place])
    return beliefs[0], bool(np.allclose(beliefs[1], trust, atol=1e-6))


def run() -> dict[str, float]:
    """Every value of the reconstruction by the mechanisms' functions (double precision; the engine's in float32)."""
    composed, kept = engine()
    with double():
        pair, case = INPUTS["candidates"], INPUTS["cases"]
        e, known = pair["cooperative"], learn(pair["cooperative"], 1e12)
        beliefs = [learn(case["trust"], need) for need in case["need"]]
        grid = [(t, need) for t in np.linspace(0.55, 0.95, 9) for need in np.linspace(0.05, 0.95, 19)]
        broken = [learn(t, need) < INPUTS["minimum"] for t, need in grid]
        return flat(
            "",
            {
                "minimum_trust": minimum_trust(pair["payoffs"]),
                "pair_cooperates": e**2 * (cooperation_gain(e, pair["payoffs"]) >= 0),
                "pair_cooperates_with_criteria": e**2 * (cooperation_gain(known, pair["payoffs"]) >= 0),
                "case": {
                    "need_that_keeps_trust": need_that_keeps(case["trust"], case["minimum"]),
                    "belief": beliefs,
                    "trust_kept": [b >= case["minimum"] for b in beliefs],
                },
                "belief": [learn(t, INPUTS["need"]) for t in INPUTS["trust"]],
                "need_that_keeps_trust": [need_that_keeps(t, INPUTS["minimum"]) for t in INPUTS["trust"]],
                "enlargement_never_raises_outside_trust": all(learn(t, need) < t for t, need in grid),
                "dilemma_in_part_of_the_space_only": any(broken) and not all(broken),
                "engine": {"belief": composed, "closed_door_keeps_trust": kept},
            },
        )


def picture() -> Any:
    """The outsider's trust after an enlargement, by trust before and by how often there is need."""
    import altair as alt
    import pandas as pd

    rows = [
        {"before": t, "after": learn(t, need), "need": f"{need:.0%} of the time"}
        for need in (0.25, 0.5, 0.75)
        for t in np.linspace(0.01, 0.99, 50)
    ]
    lines = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line()
        .encode(
            x=alt.X("before:Q", title="trust before: probability that the alliance means well"),
            y=alt.Y("after:Q", title="trust after the enlargement"),
            color=alt.Color("need:N", title="need arises", scale=alt.Scale(range=["#b3782d", "#51618f", "#2f8074"])),
            strokeDash=alt.StrokeDash("need:N", title="need arises"),
        )
    )
    kept = alt.Chart(pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})).mark_line(color="#d5d8dc").encode(x="x:Q", y="y:Q")
    return (kept + lines).properties(title="Each enlargement is evidence to the state outside", width=440, height=280)
