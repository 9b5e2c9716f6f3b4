"""After Schultz 2005: hawks and doves, moved by the adversary.

Citation    K. A. Schultz, The Politics of Risking Peace: Do Hawks or Doves Deliver the Olive Branch?, International Organization
            59(1), 2005, 1–38.
Claim       The adversary's conduct moves the balance between hawks and doves; doves are better at drawing cooperation in the short
            run.
Reproduced  after the paper: the electorate's trust after a row of the adversary's acts (Bayes' rule); the composed mechanisms:
            hostility raises hawks and cooperation lowers them, a government of doves draws more cooperation.
Equation    hawks moves to hawks0 − sway·(conduct seen); conduct falls with hawks times fear
Runs        mechanisms.learning.update; mechanisms.hawks alone, and conduct and hawks together, through the engine on the scenario
            richardson_1914.
Known       Abstract only; the game behind the numbers is a reduced form derived for this purpose, not Schultz's.
Caveat      That a moderate hawk initiates when trust is low, and that peace made by a hawk lasts, are not met: the mechanism has no
            leader who chooses, no election.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.replications._precision import double
from detente.replications._small import history, model_of
from detente.replications._trust import learn
from detente.replications.registry import checks, flat, statements

STATUS = "after"
INPUTS: dict[str, Any] = {
    "prior": 0.5,
    "p_cooperate": [0.85, 0.3],
    "acts": "CCDDD",
    "engine": {"sway": 1.0, "hawk_return": 0.5, "seen": [-0.6, 0.0, 0.6], "hawks0": [-2.0, 2.0], "threat": 0.5},
}
CHECKS = (
    *checks({"trust": [0.739130434783, 0.889230769231, 0.63238512035, 0.269338303821, 0.0732078020772]}, "A09-4", rtol=1e-6),
    *statements(names=("engine.hostility_raises_hawks", "engine.doves_draw_more_cooperation"), kind="numerical", origin="published"),
)
LEFT_OUT = {
    "A09-1": "trust above which a moderate hawk or dove initiates: no leader chooses in the mechanism",
    "A09-2": "re-election: no elections",
    "A09-3": "who elicits and what endures, in numbers: the same (the sign for doves is met by the composed mechanisms)",
    "A09-4 dove share": "a Beta distribution of voters' thresholds: the mechanism's share is logistic",
}


def swayed() -> list[float]:
    """Hawks after twenty years of an adversary seen as hostile, neutral, cooperative (log-odds)."""
    given = INPUTS["engine"]
    values = {"hawks0": 0.0, "sway": given["sway"], "hawk_return": given["hawk_return"], "domestic": 0.0}
    out = []
    for seen in given["seen"]:
        model = model_of("richardson_1914", ["hawks"], {"seen": seen}, years=20)
        out.append(float(history(model, values, 1, ["hawks"])["hawks"][-1, 0, 0]))
    return out


def drawn() -> np.ndarray:
    """The other side's conduct after two years of a government of doves, and of hawks, at home."""
    given = INPUTS["engine"]
    model = model_of("richardson_1914", ["conduct", "hawks"], {"threat": given["threat"]}, years=2)
    home, other = model.world.axes["actor"]
    values = {
        f"hawks0[{home}]": np.array(given["hawks0"]),
        f"hawks0[{other}]": 0.0,
        "sway": given["sway"],
        "reciprocity": 0.4,
        "hawkishness": 1.0,
        "conduct_speed": 1.2,
        "hawk_return": given["hawk_return"],
        "domestic": 0.0,
        "conduct_noise": 0.0,
    }
    traces = history(model, values, 2, ["conduct"], start={"conduct": 0.0, "seen": 0.0})
    return traces["conduct"][-1, model.world.axes["pair"].index(f"{other}>{home}")]


def run() -> dict[str, float]:
    """Trust by the mechanism's update (double precision); signs by the engine (float32)."""
    hawks, conduct = swayed(), drawn()
    good, bad = INPUTS["p_cooperate"]
    trust, belief = [], INPUTS["prior"]
    with double():
        for act in INPUTS["acts"]:
            belief = learn(belief, good / bad if act == "C" else (1.0 - good) / (1.0 - bad))
            trust.append(belief)
    return flat(
        "",
        {
            "trust": trust,
            "engine": {
                "hawks": hawks,
                "hostility_raises_hawks": hawks[0] > hawks[1] > hawks[2],
                "conduct": conduct,
                "doves_draw_more_cooperation": bool(conduct[0] > conduct[1]),
            },
        },
    )


def picture() -> Any:
    """The electorate's trust act by act."""
    import altair as alt
    import pandas as pd

    values = run()
    acts = ["before", *(f"{k + 1}: {'cooperates' if a == 'C' else 'defects'}" for k, a in enumerate(INPUTS["acts"]))]
    trust = [INPUTS["prior"], *(values[f"trust[{k}]"] for k in range(len(INPUTS["acts"])))]
    return (
        alt.Chart(pd.DataFrame({"act": acts, "trust": trust}))
        .mark_line(point=True, color="#51618f")
        .encode(
            x=alt.X("act:N", sort=acts, title="act of the adversary", axis=alt.Axis(labelAngle=-25)),
            y=alt.Y("trust:Q", title="trust: probability that it is trustworthy", scale=alt.Scale(domain=[0, 1])),
        )
        .properties(title="What an electorate learns from an adversary's acts", width=440, height=280)
    )
