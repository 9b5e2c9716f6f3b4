"""Choosing without probabilities, and what probabilities would be worth: criteria on a table of payoffs [act, state of the world].

Source: Milnor 1954 (criteria), Savage 1951 (minimax regret). Ties go to the first act.
"""

from __future__ import annotations

import numpy as np


def regret(table: np.ndarray) -> np.ndarray:
    """What an act loses against the best one in each state [act, state]."""
    table = np.asarray(table, float)
    return table.max(axis=0, keepdims=True) - table


def minimax_regret(table: np.ndarray) -> tuple[int, np.ndarray]:
    """Act whose largest regret is least, and the largest regret of each act."""
    most = regret(table).max(axis=1)
    return int(most.argmin()), most


def maximin(table: np.ndarray) -> int:
    """Act whose worst payoff is best (Wald)."""
    return int(np.asarray(table, float).min(axis=1).argmax())


def laplace(table: np.ndarray) -> int:
    """Act of the best mean over states, all alike."""
    return int(np.asarray(table, float).mean(axis=1).argmax())


def hurwicz(table: np.ndarray, optimism: float) -> int:
    """Act of the best mixture of its best (weight `optimism`) and its worst payoff."""
    table = np.asarray(table, float)
    return int((optimism * table.max(axis=1) + (1.0 - optimism) * table.min(axis=1)).argmax())


def perfect_information(table: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Best expected payoff, and how much knowing the state beforehand would add: the least expected regret."""
    p = np.asarray(probabilities, float)
    if not np.isclose(p.sum(), 1.0) or (p < 0.0).any():
        raise ValueError(f"expected probabilities that add to one, found {p.tolist()}")
    return float((np.asarray(table, float) @ p).max()), float((regret(table) @ p).min())
