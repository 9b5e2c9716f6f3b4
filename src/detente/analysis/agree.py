"""Chance of being agreed within two years, and what is to be expected of a package then.

A required party signs in a round with probability σ(precision·(gain − reluctance)): quantal response to its gain under the theory, where
gain = Σ_aims weight·(better direction)·(mean outcome under the package − under no change). All must sign in the same round.

Nobody has measured precision or reluctance, nor how far the wills of parties go together, so the chance is a range: over the corners of
both ranges, and from independent wills (the product over parties) to wills moved by one cause (the least willing decides). Within R
rounds: 1 − (1 − p)^R. A package without required parties, such as no change, is in force as it is: chance 1.

Source   quantal response: McKelvey & Palfrey 1995; bounds of a joint probability: Fréchet 1951.
Assumed  aims, precision, reluctance and rounds, in the scenario.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from detente.analysis.outcomes import Item, places


@dataclass(frozen=True)
class Agreement:
    """Chance of being agreed: lowest, middle, highest; `gains` of each required party in the scenario's unit, and who is least willing."""

    low: float
    middle: float
    high: float
    gains: dict[str, float]

    @property
    def least(self) -> str:
        """The required party that gains least; empty where nobody has to sign or no aims are known."""
        return min(self.gains, key=lambda name: self.gains[name]) if self.gains else ""


UNKNOWN = Agreement(float("nan"), float("nan"), float("nan"), {})


def parties(scenario: Any, policy: Any) -> tuple[str, ...]:
    """Actors that must sign: a bloc without aims of its own stands for its founders."""
    out: list[str] = []
    for name in policy.required:
        bloc = scenario.blocs.get(name) if name not in scenario.aims else None
        out += bloc.founders if bloc is not None else (name,)
    return tuple(dict.fromkeys(out))


def party_gain(aims: Sequence[Any], wanted: Sequence[Item], difference: np.ndarray) -> float:
    """Worth of a difference [item] of mean outcomes to a party; an aim without elements takes the mean over the outcome's elements."""
    worth = 0.0
    for aim in aims:
        found = places(wanted, aim.outcome, aim.elements)
        if found:
            change = float(difference[found].sum() if aim.elements else difference[found].mean())
            worth += aim.weight * (change if aim.direction == "above" else -change)
    return worth


def chance(gains: Sequence[float], precision: float, reluctance: float, rounds: int, together: bool) -> float:
    """Chance that all sign in one of the rounds; `together`: wills moved by one cause, else independent."""
    if not len(gains):
        return 1.0
    willing = expit(precision * (np.asarray(gains) - reluctance))
    each = float(willing.min() if together else willing.prod())
    return 1.0 - (1.0 - each) ** rounds


def agreement(scenario: Any, policy: Any, wanted: Sequence[Item], difference: np.ndarray) -> Agreement:
    """The chance of one package under one theory, from the differences [item] of mean outcomes to no change.

    A chance that the package's own file states goes before; without it, and without aims of a required party, the chance is unknown.
    """
    if policy.agreement is not None:
        low, high = policy.agreement
        return Agreement(low, (low + high) / 2, high, {})
    names = parties(scenario, policy)
    if not names:
        return Agreement(1.0, 1.0, 1.0, {})
    if any(name not in scenario.aims for name in names):
        return UNKNOWN
    gains = {name: party_gain(scenario.aims[name], wanted, difference) for name in names}
    b = scenario.bargaining
    values = list(gains.values())
    corners = [chance(values, p, r, b.rounds, together) for p, r, together in itertools.product(b.precision, b.reluctance, (False, True))]
    middle = [chance(values, sum(b.precision) / 2, sum(b.reluctance) / 2, b.rounds, together) for together in (False, True)]
    return Agreement(min(corners), sum(middle) / 2, max(corners), gains)


def expected(agreed: np.ndarray, adopted: np.ndarray, unchanged: np.ndarray) -> np.ndarray:
    """agreed·adopted + (1 − agreed)·no change; agreed [...] against adopted and unchanged [..., item]."""
    share = np.asarray(agreed)[..., None]
    return share * adopted + (1.0 - share) * unchanged
