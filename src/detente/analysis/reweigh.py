"""A theory whose ranges moved a little: its particles again, with other weights, instead of learning anew.

A particle is (u, luck): its place in the ranges and its luck. Two ways lead to new ranges, and both are importance sampling without bias:

- `kept`: the parameter's value stays. The likelihood stays with it, so the weight is the ratio of prior densities and nothing is simulated. Sound only
  where the new ranges lie inside the old ones: what the old prior never drew cannot be weighed.
- `moved`: the place in the range stays (the tenth part of the old range becomes the tenth part of the new one). The prior cancels, the weight is the
  ratio of likelihoods, for which the record is told once again.

Either is refused, with the reason, when too few particles would carry the answer: by effective sample size, by effective families (kin count once),
by the tail of the weights (Pareto k̂ of Vehtari, Simpson, Gelman, Yao & Gabry 2024), or by the error of the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.engine.assimilate import Posterior, effective, log_mean_exp
from detente.engine.record import Record, build_record
from detente.engine.simulate import Runner, to_theta

PARTICLES = 100.0
"""Fewest effective particles that may carry an answer."""
FAMILIES = 10.0
"""Fewest effective families: particles with one ancestor since the last halves of the annealing are one witness."""
UNSURE = 1.0
"""Largest standard error of the log evidence, in nats."""
EDGE = 1e-5
"""Share of a range's width by which a value in float32 may seem to lie outside of it."""
BROKEN = -1e6
"""Log-likelihood of a history that is not finite."""
Way = Literal["kept", "moved"]


@dataclass(frozen=True)
class Reweighed:
    """A posterior under other ranges.

    weights [particle] sum to one; theta [row, particle] the values they belong to. `gain`: log evidence under the new ranges less that under the old,
    with its standard error by families; `ess` effective particles, `families` effective families, `k` the Pareto shape of the largest weights
    (−∞ where they are bounded). `ok`: all of it is good enough; else `reason` says in one sentence what is not.
    """

    weights: np.ndarray
    theta: np.ndarray
    gain: float
    error: float
    ess: float
    families: float
    k: float
    way: Way
    reason: str = ""

    @property
    def ok(self) -> bool:
        """May it be used?"""
        return not self.reason

    @property
    def log_evidence_difference(self) -> float:
        """The same as `gain`."""
        return self.gain


def reweigh(runner: Runner, posterior: Posterior, ranges: np.ndarray, record: Record | None = None, way: Way | None = None) -> Reweighed:
    """The posterior under new ranges [row, 3] (low, high, log).

    Without `way` values are kept where that is sound, else places; `moved` asks for one telling of the record (by default the scenario's own).
    """
    kept = None if way == "moved" else keep(posterior, ranges)
    if kept is not None and (kept.ok or way == "kept"):
        return kept
    moved = move(runner, posterior, ranges, record if record is not None else build_record(runner.model))
    return moved if kept is None or moved.ok or moved.ess >= kept.ess else kept


def keep(posterior: Posterior, ranges: np.ndarray) -> Reweighed:
    """Weights by the ratio of prior densities at the particles' own values."""
    theta = posterior.theta.astype(np.float64)
    log_weights = np.zeros(posterior.size)
    outside = 0
    for k in np.flatnonzero((ranges != posterior.ranges).any(axis=1)):
        new, old = ranges[k], posterior.ranges[k]
        outside += not (_inside(new, old))
        log_weights += _log_density(theta[k], new) - _log_density(theta[k], old)
    if outside or not np.isfinite(log_weights).any():
        why = (
            f"{outside} of the new ranges reach beyond the old ones, where no particle ever was"
            if outside
            else "no particle lies inside the new ranges"
        )
        nothing = np.full(posterior.size, 1.0 / posterior.size)
        return Reweighed(nothing, posterior.theta, float("nan"), float("nan"), 0.0, 0.0, float("nan"), "kept", why)
    return weighed(log_weights, posterior.ancestor, posterior.theta, "kept", bounded=True)


def move(runner: Runner, posterior: Posterior, ranges: np.ndarray, record: Record) -> Reweighed:
    """Weights by the ratio of likelihoods, each particle at the same place of its new ranges."""
    theta = to_theta(posterior.z, ranges)
    value = runner.history(theta, posterior.luck, record).weights.astype(np.float64).sum(axis=0)
    value = np.where(np.isfinite(value), value, BROKEN)
    return weighed(value - posterior.log_likelihood, posterior.ancestor, theta, "moved")


def weighed(log_weights: np.ndarray, family: np.ndarray, theta: np.ndarray, way: Way, bounded: bool = False) -> Reweighed:
    """What log-weights [particle] of particles with families [particle] are worth."""
    share = np.exp(log_weights - log_weights.max())
    share = share / share.sum()
    _, place = np.unique(family, return_inverse=True)
    mass, size = np.bincount(place, share), np.bincount(place) / len(family)
    count = len(mass)
    error = float(np.sqrt(np.sum((mass - size) ** 2) * count / (count - 1))) if count > 1 else float("inf")
    ess, families = effective(log_weights), float(1.0 / np.sum(mass**2))
    k = float("-inf") if bounded else pareto(log_weights, count / len(family))
    reason = _reason(ess, families, error, k, len(log_weights))
    return Reweighed(share, theta, log_mean_exp(log_weights), error, ess, families, k, way, reason)


def pareto(log_weights: np.ndarray, independent: float = 1.0) -> float:
    """Shape k̂ of the tail of the weights; −∞ where all of the tail is alike. `independent`: effective share of the particles."""
    from arviz_stats.base import array_stats

    some = log_weights[np.isfinite(log_weights)]
    tail = int(np.ceil(min(0.2 * len(some), 3.0 * np.sqrt(len(some) / independent))))
    if np.ptp(np.sort(some)[-tail:]) < 1e-6:
        return float("-inf")
    with np.errstate(all="ignore"):
        return float(array_stats.psislw(-some, r_eff=independent)[1])


def tolerable(count: int) -> float:
    """Largest k̂ at which `count` weights still give a usable mean."""
    return min(1.0 - 1.0 / np.log10(count), 0.7)


def _reason(ess: float, families: float, error: float, k: float, count: int) -> str:
    if ess < PARTICLES:
        return f"only {ess:.0f} effective particles of {count}; at least {PARTICLES:.0f} are needed"
    if families < FAMILIES:
        return f"only {families:.0f} effective families of particles; at least {FAMILIES:.0f} are needed"
    if not k <= tolerable(count):
        return f"the largest weights have too heavy a tail (Pareto k {k:.2g}, at most {tolerable(count):.2g})"
    if not error <= UNSURE:
        return f"the error of the log evidence is {error:.1f}, more than {UNSURE:.0f}"
    return ""


def _inside(new: np.ndarray, old: np.ndarray) -> bool:
    """Does the old prior draw whatever the new one draws? A single value is drawn by nothing but itself."""
    if new[0] == new[1]:
        return bool(old[0] == old[1] == new[0])
    return bool(new[0] >= old[0] and new[1] <= old[1])


def _log_density(x: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Log density of a uniform, or log-uniform, value; −∞ outside."""
    low, high, log = limits
    if low == high:
        return np.zeros_like(x)
    if log > 0.5:
        x, low, high = np.log(x), np.log(low), np.log(high)
        density = -np.log(high - low) - x  # the slope of the logarithm belongs to the density
    else:
        density = np.full_like(x, -np.log(high - low))
    slack = EDGE * (high - low)
    return np.where((x >= low - slack) & (x <= high + slack), density, -np.inf)
