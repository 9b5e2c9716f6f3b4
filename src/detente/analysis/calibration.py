"""Is a sampler right? Simulation-based calibration: parameters recovered from simulated data must have uniform ranks.

Draw a parameter from its prior and data from the parameter, let the sampler say L draws of the parameter given the data: the rank of the truth
among them is uniform on 0…L for every prior if and only if the sampler is right. A posterior too narrow piles ranks up at both ends.

Source: Talts, Betancourt, Simpson, Vehtari & Gelman 2018.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, chi2

Prior = Callable[[np.random.Generator], np.ndarray]
Simulate = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Posterior = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Uniformity:
    """Ranks in bins: shares [bin], the 95 % range of a bin's share if uniform, chi-square with its p."""

    share: np.ndarray
    low: float
    high: float
    statistic: float
    p: float
    runs: int


def rank(truth: np.ndarray, draws: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """Rank of the truth [...] among draws [draw, ...]: how many are below, ties broken at random (without `rng`: counted as above)."""
    truth, draws = np.asarray(truth), np.asarray(draws)
    below = (draws < truth).sum(axis=0)
    if rng is None:
        return below
    return below + rng.integers(0, (draws == truth).sum(axis=0) + 1)


def recover(prior: Prior, simulate: Simulate, posterior: Posterior, runs: int, seed: int = 1) -> np.ndarray:
    """Ranks [run, parameter] of as many simulations.

    prior(rng) → parameters [k]; simulate(parameters, rng) → data; posterior(data, rng) → independent draws [L, k].
    """
    rng = np.random.default_rng([seed, 0x5BC])
    out = []
    for _ in range(runs):
        truth = np.atleast_1d(prior(rng))
        draws = np.asarray(posterior(simulate(truth, rng), rng))
        out.append(rank(truth, draws.reshape(len(draws), -1), rng))
    return np.stack(out)


def uniform(ranks: np.ndarray, draws: int, bins: int = 10) -> Uniformity:
    """Are ranks [run] uniform on 0…draws? Raises ValueError where the draws + 1 ranks do not fill the bins evenly."""
    if (draws + 1) % bins:
        raise ValueError(
            f"expected draws + 1 to be a multiple of {bins} bins, found {draws} draws: thin to {(draws + 1) // bins * bins - 1}"
        )
    ranks = np.asarray(ranks, int)
    if ranks.min() < 0 or ranks.max() > draws:
        raise ValueError(f"expected ranks from 0 to {draws}, found {ranks.min()} to {ranks.max()}")
    count = np.bincount(ranks * bins // (draws + 1), minlength=bins)
    n = len(ranks)
    statistic = float(((count - n / bins) ** 2).sum() / (n / bins))
    low, high = binom.ppf([0.025, 0.975], n, 1.0 / bins) / n
    return Uniformity(count / n, float(low), float(high), statistic, float(chi2.sf(statistic, bins - 1)), n)
