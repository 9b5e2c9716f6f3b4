"""Nalebuff 1986: brinkmanship, and why faster escalation is not more dangerous.

Citation    B. Nalebuff, Brinkmanship and Nuclear Deterrence: The Neutrality of Escalation, CMPS 9(2), 1986, 19–30; critical risk:
            D. Ellsberg, The Crude Analysis of Strategic Choices, AER 51, 1961; T. C. Schelling, The Strategy of Conflict, 1960, ch. 8.
Claim       A side runs a risk up to its resolve; in a contest of nerves the chance of disaster does not depend on how fast risk grows,
            because both yield sooner when it grows faster.
Reproduced  resolve of two sides and which dominates; the chance of disaster and of prevailing in the mixed equilibrium, two games;
            neutrality at three hazards; shares of a million crises by the engine's draw.
Equation    R = (w − s)/(w − d);   1 yields at hazard h·D2/W2, 2 at h·D1/W1;   P(disaster) = 1/(1 + D1/W1 + D2/W2)
            here resolve is where mechanisms.challenge.lottery equals submission; who comes first, `Chance.choice`
Runs        mechanisms.challenge.lottery, engine.draws.Chance.choice (competing hazards, as the ladder draws its rung).
Known       From memory (none of the texts at hand); equations re-derived and checked.
Caveat      The ladder's hazards do not answer one another: neutrality holds for these hazards because they are an equilibrium, and is
            no property of the mechanism's own.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from detente.contract import DT
from detente.engine import chance
from detente.engine.draws import Chance
from detente.mechanisms.challenge import lottery
from detente.replications._precision import double
from detente.replications.registry import Check, checks, flat, statements

STATUS = "replication"
INPUTS: dict[str, Any] = {
    "resolve": [(1.0, 0.0, -9.0), (1.0, -0.5, -9.0)],
    "base": {"win": [1.0, 1.0], "disaster": [10.0, 10.0]},
    "asym": {"win": [1.0, 2.0], "disaster": [10.0, 8.0]},
    "hazards": [0.01, 0.1, 1.0],
    "crises": 1_000_000,
}
ASYM = [0.0666666666667, 0.666666666667, 0.266666666667]
CHECKS: tuple[Check, ...] = (
    *checks({"resolve": [0.1, 0.15]}, "B04-resolve", rtol=1e-9),
    *checks({"base": [0.047619047619, 0.47619047619, 0.47619047619]}, "B04-attrition_mixed_base", rtol=1e-6),
    *checks({"asym": ASYM}, "B04-attrition_mixed_asym", rtol=1e-6),
    *checks({"neutral": [ASYM[0]] * 3}, "B04-neutrality", rtol=1e-9, atol=1e-12),
    *checks({"drawn": ASYM}, "B04-attrition_mixed_asym", kind="statistical"),
    *statements("B04-resolve", names=("larger_resolve_dominates",)),
)
LEFT_OUT = {
    "B04-sequential_*": "a finite game of alternating steps: the ladder has no turns",
    "B04-private_values_*": "yielding times of private stakes: nobody in the product waits out another",
    "B04-assurance_threshold": "met under Kydd 2005, where it belongs",
    "B04-firmness_discriminator": "a linear mean of two assumed responses, no mechanism: see jervis1976 for the composed sign",
}


def resolve(win: float, submit: float, disaster: float) -> float:
    """Risk of disaster at which running it is worth exactly as much as submitting (bisection on the mechanism's payoff)."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if lottery(middle, win, disaster) > submit else (low, middle)
    return 0.5 * (low + high)


def hazards(win: list[float], disaster: list[float], growth: float) -> list[float]:
    """Hazards of disaster, of 2 yielding (1 prevails) and of 1 yielding. Each yields at the rate that leaves the other indifferent.

    To hold out, i meets disaster before the other yields with probability h/(h + y): indifferent where that is its resolve.
    """
    out = [growth]
    for w, d in zip(win, disaster, strict=True):
        risk = resolve(w, 0.0, -d)
        out.append(growth * (1.0 - risk) / risk)
    return out


def ends(rates: list[float]) -> list[float]:
    """Shares of disaster, of 1 and of 2 prevailing, given that something happened (the engine's competing hazards)."""
    draw = Chance(jnp.zeros((2, 1), jnp.uint32), {"end": ("", np.zeros(1, np.uint32))}, {}, None)
    _, probability = draw.choice("end", jnp.asarray(rates)[:, None], jnp.full(1, -1.0))
    share = np.asarray(probability, float)[:, 0]
    return list(share / share.sum())


def drawn(rates: list[float], crises: int) -> np.ndarray:
    """The same by the draw itself; hazards so large that a quarter decides."""
    key = chance.step_key(chance.luck_keys(1986, jnp.arange(crises, dtype=jnp.uint32), 0), 0)
    draw = Chance(key, {"end": ("", np.array([chance.site("end")], np.uint32))}, {}, None)
    scale = 40.0 / (DT * sum(rates))
    rows = jnp.broadcast_to(jnp.asarray(rates, jnp.float32)[:, None] * scale, (3, crises))
    index, _ = draw.choice("end", rows, jnp.full(crises, -1.0))
    return np.bincount(np.asarray(index, int), minlength=3) / crises


def run() -> dict[str, float]:
    """Resolves and shares of ends."""
    with double():
        both = [resolve(*x) for x in INPUTS["resolve"]]
        found = {name: ends(hazards(**INPUTS[name], growth=0.1)) for name in ("base", "asym")}
        neutral = [ends(hazards(**INPUTS["asym"], growth=h))[0] for h in INPUTS["hazards"]]
    n = INPUTS["crises"]
    out = flat("", {"resolve": both, **found, "neutral": neutral, "larger_resolve_dominates": both[1] > both[0]})
    with double():
        rates = hazards(**INPUTS["asym"], growth=0.1)
    for i, share in enumerate(drawn(rates, n)):
        out |= {f"drawn[{i}]": share, f"drawn[{i}].se": np.sqrt(share * (1 - share) / n), f"drawn[{i}].draws": n}
    return out


def picture() -> Any:
    """Chance of disaster against the cost of disaster, whatever the speed."""
    from detente.replications._plots import curves

    costs = np.linspace(2.0, 40.0, 39)
    with double():
        lines = {f"hazard {h:g} a year": [100 * ends(hazards([1.0, 1.0], [c, c], h))[0] for c in costs] for h in (0.01, 1.0)}
    title = "Worse disasters are met less often; faster escalation changes nothing"
    return curves(
        costs, lines, title, "cost of disaster, in units of winning", "chance of disaster, %", "growth of risk (both lines coincide)"
    )
