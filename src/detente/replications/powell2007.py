"""After Powell 2007: two theatres, one budget.

Citation    R. Powell, Defending against Terrorist Attacks with Limited Resources, American Political Science Review 101(3), 2007, 527–541;
            background: G. Snyder, Deterrence and Defense, 1961.
Claim       More at stake in a place draws resources to it and away from the other; deterring two adversaries at once takes the sum of
            what each takes alone.
Reproduced  after the paper: the sign of the first; the budget of double deterrence, as the leader's forces below which the composed
            mechanism finds itself overstretched.
Equation    R ≥ Σ_i ln(g_i/c_i)/a_i;   here need·threat_i stands for each term, and overstretch is nought from there on
            overstretch = Σ (need·threat_i − present_i)⁺/A
Runs        mechanisms.theatres by one step of the engine on the scenario euro_atlantic, and mechanisms.theatres.allocation.
Known       Abstract for the settings; the characterisation from memory, re-derived; the exponential form is ours.
Caveat      Powell's split equalises what an attacker gains and leaves small places bare; the mechanism splits in proportion to threat
            and leaves none bare. Its numbers are therefore not his, and are not checked. The two terms of the budget are the paper's
            algebra, given to the mechanism as threats; the mechanism's part is that it asks for their sum, no more and no less.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.mechanisms.theatres import allocation
from detente.replications._small import model_of
from detente.replications._step import quarter
from detente.replications.registry import Check, checks, flat, statements

STATUS = "after"
INPUTS: dict[str, Any] = {"gain": [10.0, 16.0], "cost": [4.0, 4.0], "effectiveness": [0.8, 0.5], "budget": 3.0}
CHECKS: tuple[Check, ...] = (
    # The engine is float32, and the least budget is read off a grid of 4096.
    *checks({"budget": 3.91795213708}, "B09-double_deterrence_budget", kind="numerical", rtol=1e-5, atol=0.002),
    *statements(names=("more_at_stake_draws_more", "overstretched_below", "at_ease_above"), kind="numerical", origin="published"),
)
LEFT_OUT = {
    "B09-double_deterrence_budget, the two terms": "ln(g/c)/a of each adversary is an input here: the mechanism's threat has another form",
    "B09-powell_*": "the minmax split and the common measure: the mechanism splits in proportion to threat (friedman1958)",
    "B09-both_attack_split": "equal marginal losses: the same",
    "B09-blotto_*": "Roberson's shares: no adversary splits in the mechanism",
}


def needs() -> np.ndarray:
    """What deters each adversary alone."""
    g, c, a = (np.array(INPUTS[k]) for k in ("gain", "cost", "effectiveness"))
    return np.log(g / c) / a


def overstretch(budgets: np.ndarray) -> np.ndarray:
    """The mechanism's overstretch for these forces of the leader, the rivals' threats being the needs."""
    model = model_of("euro_atlantic", ["theatres"])
    world, cases = model.world, len(budgets)
    arms = np.ones((world.size("actor"), cases))
    arms[world.rival_of_theatre] = needs()[:, None]
    arms[world.leader_of_theatre[0]] = budgets
    values = {"pivot_speed": 1e3, "pacific_weight": 1.0, "tech_weight": 0.0, "nuke_value": 0.0, "lift": 1.0, "need": 1.0}
    return quarter(model, values, {"arms": arms, "threat": 1.0, "warheads": 0.0}, cases)["overstretch"]


def run() -> dict[str, float]:
    """Least forces without overstretch; signs."""
    budgets = np.linspace(2.0, 6.0, 4096)
    lacking = overstretch(budgets) > 1e-6
    least = budgets[~lacking].min()
    raised = [float(allocation(10.0, x)) for x in (8.0, 12.0, 16.0, 32.0)]
    return flat(
        "",
        {
            "budget": least,
            "more_at_stake_draws_more": bool(np.all(np.diff(raised) > 0.0)),
            "overstretched_below": bool(lacking[budgets < least].all()),
            "at_ease_above": bool(~lacking[budgets >= least].any()),
        },
    )


def picture() -> Any:
    """Overstretch by the leader's forces."""
    from detente.replications._plots import curves

    budgets = np.linspace(1.0, 6.0, 101)
    title = "Double deterrence takes the sum of what each adversary takes (3.918)"
    return curves(
        budgets, {"overstretch": overstretch(budgets)}, title, "leader's forces", "what threat asks for and is lacking, over its forces"
    )
