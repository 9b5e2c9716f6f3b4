"""What all would sign: does every party gain, each under the reading that it holds itself?

A party's gain is the worth of the paired differences to no change by its own aims (`agree`). Which reading is whose is for the user to say; a
party of whom nothing is said has to gain under every theory searched. Parties bound without a signature count as signatories unless they are
left out on purpose, over their heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from detente.analysis.agree import parties, party_gain
from detente.analysis.outcomes import Item, evaluate, items
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

SURE = 0.05
"""Level at which a gain counts as sure, before a package may set others aside."""


@dataclass(frozen=True)
class Ask:
    """Whose reading is whose (party → theory), and whether who is bound without signing is left out."""

    own: Mapping[str, str]
    over_heads: bool = False


@dataclass
class Signing:
    """Who is asked, and running sums of the worth to each of the paired differences to no change [party, theory, package]."""

    names: tuple[str, ...]
    wanted: tuple[Item, ...]
    weight: np.ndarray
    """[party, item]"""
    asked: np.ndarray
    """[package, party]: must it sign?"""
    judge: np.ndarray
    """[party, theory]: does it judge by this theory?"""
    theories: tuple[str, ...]
    nobody_knows: tuple[str, ...]
    """Parties without aims: what they would sign cannot be said."""
    count: np.ndarray
    total: np.ndarray
    square: np.ndarray
    refused: np.ndarray
    """[party, package]: did it surely lose, when it was asked?"""

    def add(self, theory: str, place: np.ndarray, worth: np.ndarray) -> None:
        """More futures of the packages `place`, whose first is no change: worth [party, package, future]."""
        t = self.theories.index(theory)
        paired = (worth - worth[:, :1]).astype(np.float64)
        self.count[t, place] += paired.shape[-1]
        self.total[:, t, place] += paired.sum(axis=-1)
        self.square[:, t, place] += (paired**2).sum(axis=-1)

    def gains(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean gain and its standard error [party, theory, package], futures as independent."""
        n = np.maximum(self.count[None][..., place], 1)
        mean = self.total[..., place] / n
        variance = np.maximum(self.square[..., place] / n - mean**2, 0.0) * n / np.maximum(n - 1, 1)
        return mean, np.sqrt(variance / n)

    def verdicts(self, place: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """(somebody surely loses, everybody surely gains) [package]; no change needs nobody."""
        mean, wrong = self.gains(place)
        concerned = self.judge[:, :, None] & self.asked[place].T[:, None, :]
        refuses = (concerned & (mean + norm.isf(level) * wrong < 0.0)).any(axis=1)
        self.refused[:, place] |= refuses
        loses = refuses.any(axis=0)
        gains = (~concerned | (mean - norm.isf(SURE) * wrong > 0.0)).all(axis=(0, 1))
        return loses, gains


def signing(model: Any, member: np.ndarray, chosen: Sequence[Any], theories: Sequence[str], ask: Ask) -> Signing:
    """Who must sign each package [package, measure], by which theory. Raises ScenarioError on a name that does not exist."""
    scenario, own = model.scenario, ask.own
    wanted = items(model)
    for party, theory in own.items():
        if party not in scenario.actors:
            raise ScenarioError(unknown("actor", party, scenario.actors))
        if theory not in theories:
            raise ScenarioError(unknown("theory", theory, theories))
    needed = [_needed(scenario, m, ask.over_heads) for m in chosen]
    everyone = tuple(a for a in scenario.actors if any(a in n for n in needed))
    names = tuple(a for a in everyone if a in scenario.aims)
    unit = np.eye(len(wanted))
    weight = np.array([[party_gain(scenario.aims[a], wanted, row) for row in unit] for a in names]).reshape(len(names), len(wanted))
    used = np.flatnonzero((weight != 0).any(axis=0))
    pulls = np.array([[a in n for a in names] for n in needed]).reshape(len(needed), len(names))
    judge = np.array([[own.get(a, t) == t for t in theories] for a in names]).reshape(len(names), len(theories))
    shape = (len(names), len(theories), len(member))
    return Signing(
        names,
        tuple(wanted[k] for k in used),
        weight[:, used],
        (member.astype(int) @ pulls.astype(int)) > 0,
        judge,
        tuple(theories),
        tuple(a for a in everyone if a not in scenario.aims),
        np.zeros(shape[1:], np.int64),
        np.zeros(shape),
        np.zeros(shape),
        np.zeros((len(names), len(member)), bool),
    )


def _needed(scenario: Any, measure: Any, over_heads: bool) -> tuple[str, ...]:
    from detente.analysis.measures import package

    policy = package([measure])
    if not over_heads:
        policy = policy.model_copy(update={"required": (*policy.required, *policy.bound)})
    return parties(scenario, policy)


def worths(asked: Signing, model: Any, state: Mapping[str, np.ndarray]) -> np.ndarray:
    """Worth [party, future] of the futures' outcomes to each party, on the scale of its aims."""
    return asked.weight @ evaluate(model, state, asked.wanted).astype(np.float64)
