"""Judgement on a study of weights: when reweighted particles may stand for another posterior, and whose order stands.

A variation changes a posterior's likelihood; where its particles stand for the changed one well enough, the evidence follows from importance weights,
Z′/Z = E[L′/L]; where they do not, that is refused, and only a crossing (`bridge.py`) tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.engine.assimilate import effective, log_mean_exp, normal

ENOUGH = 100
"""Effective particles below which a reweighted figure is refused."""
FAMILIES = 10
"""Effective families from which on their number is no reason to refuse: kin count once."""
KEPT = 0.5
"""Share of the effective families that must be left where there were few before: a posterior of few families is the health report's affair."""
UNSURE = 1.0
"""Standard error, in nats, above which it is refused."""


@dataclass(frozen=True)
class Reused:
    """Log Z′ − log Z by importance weights: its standard error by families, effective particles and families, families before the weights."""

    gain: float
    error: float
    particles: float
    families: float
    before: float

    @property
    def sound(self) -> bool:
        """Enough effective particles, families not much fewer than before, and an error under one nat."""
        return self.particles >= ENOUGH and self.families >= min(FAMILIES, KEPT * self.before) and self.error <= UNSURE


def reuse(log_weights: np.ndarray, family: np.ndarray) -> Reused:
    """From log L′ − log L [particle]; particles of one family [particle] (kin since the last halves of the annealing) are one witness."""
    share = normal(log_weights)
    _, place = np.unique(family, return_inverse=True)
    mass, size = np.bincount(place, share), np.bincount(place) / len(family)
    count = len(mass)
    error = float(np.sqrt(np.sum((mass - size) ** 2) * count / max(count - 1, 1))) if count > 1 else float("nan")
    return Reused(log_mean_exp(log_weights), error, effective(log_weights), float(1.0 / np.sum(mass**2)), float(1.0 / np.sum(size**2)))


def standing(
    gain: np.ndarray, error: np.ndarray, other: np.ndarray, other_error: np.ndarray, rough: np.ndarray | None = None
) -> np.ndarray:
    """What becomes of each pair's order [theory, theory]: 1 it holds, 0 it is open, −1 it turns.

    gain, error [theory]; other, other_error [variation, theory]; rough [variation, theory] without an error of its own (NaN everywhere: not known, says
    nothing). A pair holds when it is told apart by two standard errors in the main figures and in every variation, on the same side, and no rough figure
    is on the other side; it turns when a variation tells it apart on the other side.
    """
    side = apart(gain, error)
    shape = (-1, *side.shape)
    held = np.array([apart(g, e) for g, e in zip(other, other_error)]).reshape(shape)
    known = np.array([np.isfinite(g[:, None] - g[None, :]) for g in other]).reshape(shape)
    turned = ((held * side == -1) & known).any(axis=0)
    holds = (side != 0) & ((held == side) | ~known).all(axis=0)
    if rough is not None:
        gaps = np.array([np.nan_to_num(g[:, None] - g[None, :]) for g in rough]).reshape(shape)
        holds &= (gaps * side >= 0.0).all(axis=0)
    return np.where(turned, -1, np.where(holds, 1, 0))


def apart(gain: np.ndarray, error: np.ndarray) -> np.ndarray:
    """[theory, theory]: 1 where the first is ahead of the second by more than two standard errors, −1 where behind, else 0."""
    gap = gain[:, None] - gain[None, :]
    unsure = 2.0 * np.hypot(error[:, None], error[None, :])
    return np.where(np.abs(gap) > unsure, np.sign(gap), 0.0).astype(int)
