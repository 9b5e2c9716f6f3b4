"""Threshold cascades by the mechanism's share of followers: what two papers share."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from detente.mechanisms.self_deception import followers

SHARP = 1e-4
"""Spread that makes one person's threshold a step, in shares."""


def persons(in_the_open: float, thresholds: Sequence[float]) -> float:
    """Share of persons whose threshold is reached: the mechanism's followers of one person each, half a person early: equality counts."""
    n = len(thresholds)
    turned = followers(in_the_open, np.asarray(thresholds) - 0.5 / n, SHARP)
    return float(np.round(np.mean(np.asarray(turned)), 12))


def rounds(thresholds: Sequence[float]) -> list[float]:
    """Share in the open, round by round from nobody, until it rests."""
    path = [0.0]
    while (after := persons(path[-1], thresholds)) > path[-1] + 1e-9:
        path.append(after)
    return path


def resting(mean: float, spread: float, start: float = 0.0) -> float:
    """Share in the open where it comes to rest from `start`, thresholds normal."""

    return float(_iterated(jnp.asarray(start, float), jnp.asarray(mean, float), jnp.asarray(spread, float)))


@jax.jit
def _iterated(start: jax.Array, mean: jax.Array, spread: jax.Array) -> jax.Array:
    return jax.lax.fori_loop(0, 20_000, lambda _, s: followers(s, mean, spread), start)


slope = jax.jit(jax.grad(followers))
"""F'(S)."""


def steepest(mean: float, spread: float) -> float:
    """Share at which a follower brings one more, F' = 1, below the mean: where a low resting point vanishes if it does."""
    return brentq(lambda s: float(slope(s, mean, spread)) - 1.0, mean - 8.0 * spread, mean, xtol=1e-15)


def excess(mean: float, spread: float) -> float:
    """F(S) − S at that share: negative while there is a low resting point."""
    s = steepest(mean, spread)
    return float(followers(s, mean, spread)) - s


def critical_spread(mean: float) -> float:
    """Spread at which the low resting point vanishes."""
    return brentq(lambda spread: excess(mean, spread), 0.02, 0.9 * norm.pdf(0.0), xtol=1e-15)


def highest_mean(spread: float) -> float:
    """Mean threshold above which there is no high resting point: found on the high side itself, where again F' = 1."""

    def excess_above(mean: float) -> float:
        s = brentq(lambda s: float(slope(s, mean, spread)) - 1.0, mean, mean + 8.0 * spread, xtol=1e-15)
        return float(followers(s, mean, spread)) - s

    return brentq(excess_above, 0.5, 0.99, xtol=1e-15)


def critical_mean(spread: float) -> float:
    """Mean threshold below which there is no low resting point."""
    return brentq(lambda mean: excess(mean, spread), 0.01, 0.5, xtol=1e-15)
