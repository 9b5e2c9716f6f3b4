"""Santos & Pacheco 2011: risk as an escape from the tragedy of the commons.

Citation    F. C. Santos, J. M. Pacheco, Risk of Collective Failure Provides an Escape from the Tragedy of the Commons, PNAS
            108(26), 2011, 10421–10425.
Claim       Groups of N need M givers or lose what is left with probability r: below a critical risk giving has no resting point;
            high risk, small groups and strict thresholds raise the chance of escape.
Reproduced  the resting points of the replicator equation, the smallest risk that has any and where; five sizes of group and
            threshold; a finite population under imitation and mutation: gradient of selection, share of groups that succeed, mean
            share of givers.
Equation    dx/dt = x·(1 − x)·b·[r·Γ(x) − c],   Γ(x) = C(N−1, M−1)·x^(M−1)·(1−x)^(N−M)
            here dx/dt = x·(1 − x)·gain(b, r, Γ(x), c·b);   imitation with contribute(β, b, r, Γ, c·b)
Runs        mechanisms.joint_work.gain and contribute, with the share that own work secures = the chance Γ that one more giver
            decides.
Known       Abstract seen; payoffs in the documentation of a public library that cites the paper; resting points and finite-
            population numbers derived. The paper's figures were not seen.
Caveat      In euro_atlantic the share is a constant one half, so the mechanism as composed there has one resting point.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import hypergeom

from detente.mechanisms.joint_work import contribute, gain
from detente.replications._precision import double
from detente.replications.registry import checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "endowment": 1.0,
    "cost": 0.1,
    "group": (6, 3),
    "risks": [0.2, 0.5, 1.0],
    "sizes": {"N4_M2": (4, 2), "N6_M2": (6, 2), "N6_M4": (6, 4), "N6_M6": (6, 6), "N12_M6": (12, 6)},
    "risk_of_sizes": 0.8,
    "finite": {"population": 50, "precision": 5.0, "mutation": 0.005, "risk": {"r0.2": 0.2, "r0.5": 0.5, "r0.9": 0.9}},
}
FINITE = {
    "r0.2": {"group_achievement": 0.00337654470262, "mean_givers": 0.0236627693689, "G10": -0.0259655917557, "G25": -0.0257890332843},
    "r0.5": {
        "group_achievement": 0.576278593202,
        "mean_givers": 0.436896612496,
        "sign_changes_after": [11.0, 30.0],
        "G10": -0.00549086712995,
        "G25": 0.0289172476054,
    },
    "r0.9": {
        "group_achievement": 0.932978032144,
        "mean_givers": 0.712283297362,
        "sign_changes_after": [7.0, 34.0],
        "G10": 0.0219728389974,
        "G25": 0.0969356084553,
    },
}
ROOTS = {
    "N4_M2": [0.0457585441165, 0.766910925966],
    "N6_M2": [0.0280085211154, 0.535077137035],
    "N6_M4": [0.292214934363, 0.859752625244],
    "N6_M6": [0.659753955386],
    "N12_M6": [0.293379990207, 0.622479636807],
}
SMALLEST = {"N4_M2": 0.225, "N6_M2": 0.244140625, "N6_M4": 0.289351851852, "N6_M6": 0.1, "N12_M6": 0.423564971602}
CHECKS = (
    *checks(
        {
            "roots": {"number": [0.0, 2.0, 2.0], "r0.5": [0.196267009575, 0.631050042008], "r1.0": [0.121433333578, 0.735618092318]},
            "smallest_risk": 0.289351851852,
            "where": 0.4,
        },
        "A10-3",
        kind="numerical",
        rtol=1e-6,
    ),
    *checks({"sizes": {"roots": ROOTS, "smallest_risk": SMALLEST}}, "A10-4", kind="numerical", rtol=1e-6),
    *checks({"finite": FINITE}, "A10-5", rtol=1e-6),
    *statements(
        names=("no_change_of_sign_at_low_risk", "risk_raises_success", "small_groups_escape_more", "left_resting_point_repels"),
        origin="published",
    ),
)
GRID = np.linspace(1e-6, 1.0 - 1e-6, 2001)


def decisive(x: Any, size: int, needed: int) -> Any:
    """Γ: chance that exactly one giver is missing among the others, a share x of whom gives."""
    return comb(size - 1, needed - 1) * x ** (needed - 1) * (1.0 - x) ** (size - needed)


def advantage(x: Any, risk: float, size: int, needed: int) -> Any:
    """Payoff of givers less that of others, by the mechanism."""
    b = INPUTS["endowment"]
    return np.asarray(gain(b, risk, decisive(x, size, needed), INPUTS["cost"] * b))


def roots(risk: float, size: int, needed: int) -> list[float]:
    """Interior resting points of the replicator equation, ascending."""
    value = advantage(GRID, risk, size, needed)
    turns = np.flatnonzero(np.sign(value[1:]) != np.sign(value[:-1]))
    return [brentq(lambda x: float(advantage(x, risk, size, needed)), GRID[k], GRID[k + 1], xtol=1e-13) for k in turns]


def smallest_risk(size: int, needed: int) -> tuple[float, float]:
    """(risk below which giving has no resting point, the share of givers where it first has one)."""
    top = minimize_scalar(lambda x: -float(advantage(x, 1.0, size, needed)), bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-12})
    return brentq(lambda r: float(advantage(top.x, r, size, needed)), 1e-9, 1.0, xtol=1e-14), float(top.x)


def finite(risk: float) -> dict[str, Any]:
    """Imitation in a finite population: gradient of selection, stationary distribution with mutation, success of groups."""
    size, needed = INPUTS["group"]
    z, b, mu = INPUTS["finite"]["population"], INPUTS["endowment"], INPUTS["finite"]["mutation"]
    i = np.arange(z + 1)

    # A giver meets i − 1 other givers, one who keeps meets i, so the share that giving secures is not Γ at one i.
    as_giver = hypergeom.sf(needed - 2, z - 1, np.clip(i - 1, 0, z - 1), size - 1)
    as_keeper = hypergeom.sf(needed - 1, z - 1, np.clip(i, 0, z - 1), size - 1)
    share = as_giver - as_keeper
    up = np.asarray(contribute(INPUTS["finite"]["precision"], b, risk, share, INPUTS["cost"] * b))
    meet = i / z * (z - i) / z
    plus, minus = meet * up, meet * (1.0 - up)
    gradient = plus - minus
    plus, minus = (1.0 - mu) * plus + mu * (z - i) / z, (1.0 - mu) * minus + mu * i / z
    logs = np.concatenate([[0.0], np.cumsum(np.log(plus[:-1]) - np.log(minus[1:]))])
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    inner = np.sign(gradient[1:-1])
    return {
        "group_achievement": weight @ hypergeom.sf(needed - 1, z, i, size),
        "mean_givers": weight @ i / z,
        "sign_changes_after": (np.flatnonzero(inner[1:] != inner[:-1]) + 1).tolist(),
        "G10": gradient[10],
        "G25": gradient[25],
    }


def run() -> dict[str, float]:
    """Every value by the mechanism's gain and choice, in double precision."""
    size, needed = INPUTS["group"]
    with double():
        found = {f"r{r}": roots(r, size, needed) for r in INPUTS["risks"]}
        least, where = smallest_risk(size, needed)
        wide = {name: roots(INPUTS["risk_of_sizes"], *group) for name, group in INPUTS["sizes"].items()}
        risks = {name: smallest_risk(*group)[0] for name, group in INPUTS["sizes"].items()}
        population = {name: finite(risk) for name, risk in INPUTS["finite"]["risk"].items()}
        left = found["r1.0"][0]
        success = [p["group_achievement"] for p in population.values()]
        out = {
            "roots": {"number": [len(v) for v in found.values()], **found},
            "smallest_risk": least,
            "where": where,
            "sizes": {"roots": wide, "smallest_risk": risks},
            "finite": population,
            "no_change_of_sign_at_low_risk": not population["r0.2"]["sign_changes_after"],
            "risk_raises_success": bool(np.all(np.diff(success) > 0)),
            "small_groups_escape_more": risks["N4_M2"] < risks["N12_M6"] and wide["N4_M2"][0] < wide["N12_M6"][0],
            "left_resting_point_repels": bool(advantage(left - 0.01, 1.0, size, needed) < 0 < advantage(left + 0.01, 1.0, size, needed)),
        }
        return flat("", out)


def picture() -> Any:
    """Gradient of selection by share of givers, at three risks."""
    import altair as alt
    import pandas as pd

    size, needed = INPUTS["group"]
    x = np.linspace(0.0, 1.0, 101)
    rows = pd.DataFrame(
        [
            {"givers": a, "gradient": a * (1 - a) * float(advantage(a, r, size, needed)), "risk": f"{r:g}"}
            for r in INPUTS["risks"]
            for a in x
        ]
    )
    lines = (
        alt.Chart(rows)
        .mark_line()
        .encode(
            x=alt.X("givers:Q", title="share of givers"),
            y=alt.Y("gradient:Q", title="gradient of selection"),
            color=alt.Color("risk:N", title="risk", scale=alt.Scale(range=["#b3782d", "#51618f", "#2f8074"])),
            strokeDash=alt.StrokeDash("risk:N", title="risk"),
        )
    )
    zero = alt.Chart(pd.DataFrame({"gradient": [0.0]})).mark_rule(color="#68707a").encode(y="gradient:Q")
    return (zero + lines).properties(title="Groups of six, three needed: where giving grows", width=440, height=280)
