"""Powell 2006: war as a commitment problem, and preventive war under shifting power.

Citation    R. Powell, War as a Commitment Problem, International Organization 60(1), 2006, 169–203; the preventive case also in J. D.
            Fearon, Rationalist Explanations for War, International Organization 49(3), 1995.
Claim       A declining side attacks when the riser's claim grows faster than what peace could buy: promises about tomorrow do not bind.
Reproduced  value of attacking now and best value of peace, the largest power left at which the decliner attacks, Fearon's threshold
            with a cost per period and paid once, Powell's form and its agreement with the decliner's over 20 000 games; attack more
            likely the larger the shift and the more patient the decliner.
Equation    attack iff d·P2 − P1 > c·(1 − d)^k for the riser's P1, P2 (k = 1 cost per period, k = 2 once)
            here window = max(0, gain now − gain after), positive exactly then
Runs        mechanisms.challenge.window and expected_gain, thresholds by its sign.
Known       From memory of both papers, then derived and checked. (1 − d)² is from memory of Fearon's text; it follows from a cost
            paid once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.mechanisms.challenge import expected_gain, window
from detente.replications._precision import double
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "attack": {"p1": 0.7, "p2": 0.3, "cost": 0.1, "discount": 0.9},
    "peace": {"p1": 0.7, "p2": 0.68, "cost": 0.1, "discount": 0.9},
    "riser": {"p1": 0.3, "cost": 0.1, "discount": 0.9},
    "games": 20_000,
}
CHECKS: tuple[Check, ...] = (
    *checks({"attack": [6.0, 2.8, 1.0, 0.655555555556]}, "B03-preventive_attack", rtol=1e-9),
    *checks({"peace": [6.0, 6.22, 0.0, 0.655555555556]}, "B03-preventive_peace", rtol=1e-9),
    *checks({"threshold": {"once": 0.334444444444}}, "B03-fearon_threshold_once", rtol=1e-9),
    *checks({"threshold": {"per_period": 0.344444444444}}, "B03-fearon_threshold_per_period", rtol=1e-9),
    *checks({"powell_form": [5.2, 2.0]}, "B03-powell_form", rtol=1e-9),
    *checks({"forms_disagree": 0.0}, "B03-forms_agree", rtol=0.0, atol=0.0),
    *statements(names=("larger_shift_more_attack", "patience_more_attack"), kind="numerical"),
)
FOREVER = 1e9
"""A horizon so long that the window weighs in full."""


def values(p1: Any, p2: Any, cost: Any, discount: Any, once: bool = False) -> tuple[Any, Any]:
    """The decliner's value of fighting now, and of the best peace: the whole pie today, its war value from tomorrow on."""
    d = discount
    lasts = np.ones_like(np.asarray(d)) if once else 1.0 / (1.0 - d)
    now = expected_gain(1.0 / (1.0 - d), p1, cost * lasts, 0.0, 1.0, 0.0)
    after = 1.0 + d * expected_gain(1.0 / (1.0 - d), p2, cost * lasts, 0.0, 1.0, 0.0)
    return now, after


def opening(p1: Any, p2: Any, cost: Any, discount: Any, once: bool = False) -> Any:
    """The mechanism's window at full weight: the gain of striking before the shift."""
    now, after = values(p1, p2, cost, discount, once)
    return np.asarray(window(1.0, now, after, 1.0, FOREVER))


def edge(p1: float, cost: float, discount: float, once: bool = False) -> float:
    """Largest power left to the decliner at which the window is open (bisection)."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if opening(p1, middle, cost, discount, once) > 0.0 else (low, middle)
    return 0.5 * (low + high)


def case(p1: float, p2: float, cost: float, discount: float) -> list[float]:
    """Fighting now, best peace, attack (1 or 0), edge."""
    now, after = values(p1, p2, cost, discount)
    return [float(now), float(after), float(opening(p1, p2, cost, discount) > 0.0), edge(p1, cost, discount)]


def claims(p1: Any, p2: Any, own: Any, other: Any, discount: Any) -> tuple[Any, Any]:
    """Powell's form: growth of what the riser can lock in, and the surplus of bargaining."""
    d, whole = discount, 1.0 / (1.0 - discount)
    locked = expected_gain(whole, 1.0 - p1, other * whole, 0.0, 1.0, 0.0)
    tomorrow = whole - expected_gain(whole, p2, own * whole, 0.0, 1.0, 0.0)
    mine = expected_gain(whole, p1, own * whole, 0.0, 1.0, 0.0)
    return d * tomorrow - locked, whole - mine - locked


def run() -> dict[str, float]:
    """Values, thresholds, agreement of the two forms."""
    with double():
        rng, n = np.random.default_rng(2006), INPUTS["games"]
        p1 = rng.uniform(0.1, 1.0, n)
        p2, d = rng.uniform(0.0, p1), rng.uniform(0.3, 0.99, n)
        own, other = rng.uniform(0.0, 0.3, (2, n))
        growth, surplus = claims(p1, p2, own, other, d)
        given, riser = INPUTS["attack"], INPUTS["riser"]
        shifts = [float(opening(0.7, p, 0.1, 0.9)) for p in (0.6, 0.5, 0.4, 0.3)]
        patience = [edge(0.7, 0.1, x) for x in (0.5, 0.7, 0.9, 0.99)]
        form = claims(given["p1"], given["p2"], given["cost"], given["cost"], given["discount"])
        return flat(
            "",
            {
                "attack": case(**given),
                "peace": case(**INPUTS["peace"]),
                "threshold": {
                    name: 1.0 - edge(1.0 - riser["p1"], riser["cost"], riser["discount"], once=name == "once")
                    for name in ("once", "per_period")
                },
                "powell_form": [float(x) for x in form],
                "forms_disagree": int(((growth > surplus) != (opening(p1, p2, own, d) > 0.0)).sum()),
                "larger_shift_more_attack": bool(np.all(np.diff(shifts) > 0.0)),
                "patience_more_attack": bool(np.all(np.diff(patience) > 0.0)),
            },
        )


def picture() -> Any:
    """Power left tomorrow at which the decliner attacks, by patience."""
    from detente.replications._plots import curves

    d = np.linspace(0.4, 0.98, 59)
    with double():
        lines = {f"cost {c:g}": [edge(0.7, c, float(x)) for x in d] for c in (0.02, 0.1, 0.2)}
    title = "A side that declines from 0.7 attacks below the line"
    return curves(d, lines, title, "discount factor of a period", "its power from tomorrow on", "cost of war a period")
