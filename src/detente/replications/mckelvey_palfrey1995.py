"""McKelvey & Palfrey 1995: logit quantal response equilibrium.

Citation    R. McKelvey, T. Palfrey, Quantal Response Equilibria for Normal Form Games, Games and Economic Behavior 10, 1995, 6–38.
Claim       Players choose better acts more often, not always; in equilibrium each answers the other's errors. In matching pennies
            with one payoff raised, the own payoff moves own play, which Nash equilibrium denies.
Reproduced  the equilibrium of matching pennies with a payoff of nine at two precisions; uniform play at precision nought; Nash
            equilibrium (½, 1/10) in the limit; own-payoff effect.
Equation    P(act) = σ(λ·gain), all players at once
Runs        contract.quantal through analysis.strategic.mutual_response, with mechanisms.challenge.lottery for the gains.
Known       Equations from memory; the values are computed from the model as published.
Caveat      Mechanisms with a game (challenge, joint work, treaties) use the same response with the same precision; they solve by
            backward induction, not at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.analysis.strategic import mutual_response
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {"payoff": 9.0, "precision": [0.5, 2.0], "row": [[9.0, 0.0], [0.0, 1.0]], "column": [[0.0, 1.0], [1.0, 0.0]]}
CHECKS: tuple[Check, ...] = (
    *checks({"lambda0.5": [0.830670591342, 0.418077466906]}, "B05-qre_lambda_0.5", rtol=1e-7),
    *checks({"lambda2": [0.860754394341, 0.191078494317]}, "B05-qre_lambda_2.0", rtol=1e-7),
    *checks({"lambda0": [0.5, 0.5]}, origin="published", rtol=1e-9),
    *checks({"limit": [0.5, 0.1]}, origin="published", kind="numerical", rtol=0.0, atol=0.01),
    *statements(names=("own_payoff_moves_own_play", "one_equilibrium_each")),
)


def equilibria(precision: float, payoff: float) -> list[tuple[float, float]]:
    """All equilibria with the raised payoff."""
    row = np.array(INPUTS["row"])
    row[0, 0] = payoff
    return mutual_response(precision, row, np.array(INPUTS["column"]))


def run() -> dict[str, float]:
    """(P(up), P(left)) by precision."""
    found = {f"lambda{x:g}": equilibria(x, INPUTS["payoff"]) for x in (0.0, *INPUTS["precision"])}
    limit = equilibria(400.0, INPUTS["payoff"])
    own = [equilibria(1.0, x)[0][0] for x in (1.0, 3.0, 9.0)]
    return flat(
        "",
        {
            **{name: pairs[0] for name, pairs in found.items()},
            "limit": limit[0],
            "own_payoff_moves_own_play": bool(np.all(np.diff(own) > 0.0)),
            "one_equilibrium_each": all(len(pairs) == 1 for pairs in (*found.values(), limit)),
        },
    )


def picture() -> Any:
    """From even play to Nash equilibrium as precision rises."""
    from detente.replications._plots import curves

    precision = np.geomspace(0.01, 60.0, 60)
    play = np.array([equilibria(float(x), INPUTS["payoff"])[0] for x in precision])
    lines = {"P(up)": play[:, 0], "P(left)": play[:, 1]}
    return curves(np.log10(precision), lines, "From even play to Nash equilibrium (0.5, 0.1)", "log10 of the precision λ", "probability")
