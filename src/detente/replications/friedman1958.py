"""Friedman 1958: effort split over fields in proportion to their value.

Citation    L. Friedman, Game-Theory Models in the Allocation of Advertising Expenditures, Operations Research 6(5), 1958, 699–709.
Claim       Two sides that split budgets over fields, each field won with a chance equal to one's share of the effort spent on it, both
            split in proportion to the fields' values, whatever the budgets.
Reproduced  the equilibrium split of two fields and its value; that no other split is a better reply, at three pairs of budgets; that
            the composed mechanism's presence comes to rest there.
Equation    max Σ v_j·x_j/(x_j + y_j);   x_j = X·v_j/Σv;   value Σv·X/(X + Y)
Runs        mechanisms.theatres.allocation (the mechanism's rule), best replies by analysis.strategic.best; mechanisms.theatres itself by one
            step of the engine on the scenario euro_atlantic.
Known       From memory; the equilibrium is re-derived (first-order conditions) and its best replies are searched numerically here.
Caveat      This is the game that the mechanism's proportional rule solves. Powell's minmax split and the Blotto game are not: see
            powell2007.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.strategic import best
from detente.mechanisms.theatres import allocation
from detente.replications._precision import double
from detente.replications._small import model_of
from detente.replications._step import quarter
from detente.replications.registry import Check, checks, flat

STATUS = "replication"
INPUTS: dict[str, Any] = {"values": [10.0, 16.0], "budgets": [[3.0, 3.0], [3.0, 9.0], [5.0, 1.0]]}
SHARE = 16 / 26
CHECKS: tuple[Check, ...] = (
    # The rule divides by the sum plus 1e-6, so that no theatre at all is no error.
    *checks({"share": SHARE}, origin="published", rtol=1e-6),
    *checks({"best_reply": [SHARE] * 3}, origin="published", kind="numerical", rtol=1e-6),
    *checks({"value": [13.0, 6.5, 26 * 5 / 6]}, origin="published", kind="numerical", rtol=1e-9),
    *checks({"engine": SHARE}, origin="published", kind="numerical", rtol=1e-5),
)


def reply(own: float, other: float) -> tuple[float, float]:
    """Best share for the second field, and its payoff, against an adversary who splits by the mechanism's rule."""
    v1, v2 = INPUTS["values"]
    theirs = float(allocation(v1, v2))

    def payoff(share: np.ndarray) -> np.ndarray:
        x1, x2 = own * (1.0 - share), own * share
        return v1 * x1 / (x1 + other * (1.0 - theirs)) + v2 * x2 / (x2 + other * theirs)

    return best(payoff, 0.0, 1.0)


def presence(threats: np.ndarray) -> np.ndarray:
    """Share of the leader's presence in the second theatre, by the mechanism, when it follows at once; threats [theatre, case]."""
    model = model_of("euro_atlantic", ["theatres"])
    world, cases = model.world, threats.shape[1]
    arms = np.ones((world.size("actor"), cases))
    arms[world.rival_of_theatre] = threats
    arms[world.leader_of_theatre[0]] = 100.0
    values = {"pivot_speed": 1e3, "pacific_weight": 1.0, "tech_weight": 0.0, "nuke_value": 0.0}
    return quarter(model, values, {"arms": arms, "threat": 1.0, "warheads": 0.0}, cases)["pivot"]


def run() -> dict[str, float]:
    """The split, best replies, their value."""
    with double():
        share = float(allocation(*INPUTS["values"]))
        found = [reply(*pair) for pair in INPUTS["budgets"]]
    moved = presence(np.array(INPUTS["values"])[:, None])
    return flat("", {"share": share, "best_reply": [x for x, _ in found], "value": [v for _, v in found], "engine": moved[0]})


def picture() -> Any:
    """Payoff of every split against the rule: the rule is the best reply, whatever the budgets."""
    from detente.replications._plots import curves

    v1, v2 = INPUTS["values"]
    share = np.linspace(0.0, 1.0, 101)
    lines = {}
    for own, other in INPUTS["budgets"]:
        x1, x2, y1, y2 = own * (1 - share), own * share, other * v1 / (v1 + v2), other * v2 / (v1 + v2)
        lines[f"{own:g} against {other:g}"] = v1 * x1 / (x1 + y1) + v2 * x2 / (x2 + y2)
    return curves(
        share, lines, "Proportional split (0.615) is the best reply to itself", "share to the second field", "expected value won", "budgets"
    )
