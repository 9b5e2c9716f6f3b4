"""Which unknowns matter: Sobol indices of a function, given-data indices of futures already run, Shapley effects of groups.

Sobol's design needs independent inputs and new runs: never on a posterior, whose parameters are correlated. There, `given_data` (first-order
index with its interval, from the pairs at hand) and Shapley effects, which share out the variance whatever the dependence and add to one.

Source: Sobol 2001; Saltelli et al. 2010 (SALib); Plischke, Borgonovo & Smith 2013 (given data, SALib's delta); Owen 2014; Song, Nelson & Staum 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

MOST_GROUPS = 14
"""Exact Shapley effects need every set of groups: 2^14 values."""
Group = frozenset[int]


@dataclass(frozen=True)
class Indices:
    """First-order and total indices by input with half-widths of their 95 % intervals; variance of the output, number of runs."""

    names: tuple[str, ...]
    first: np.ndarray
    first_width: np.ndarray
    whole: np.ndarray
    whole_width: np.ndarray
    variance: float
    runs: int


def _salib() -> Any:
    try:
        import SALib.analyze.delta
        import SALib.analyze.sobol
        import SALib.sample.sobol
    except ImportError:
        raise ModuleNotFoundError("these indices need SALib: install detente[explore]", name="SALib") from None
    return SALib


def sobol(
    function: Callable[[np.ndarray], np.ndarray], ranges: Mapping[str, tuple[float, float]], points: int = 1024, seed: int = 1
) -> Indices:
    """Sobol indices of `function` (inputs [run, input] → [run]) with independent uniform inputs on `ranges`.

    `points` base points, a power of two; points·(inputs + 2) runs.
    """
    if points < 2 or points & (points - 1):
        raise ValueError(f"expected a power of two base points, found {points}")
    salib = _salib()
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [list(r) for r in ranges.values()]}
    x = salib.sample.sobol.sample(problem, points, calc_second_order=False, seed=seed)
    y = np.asarray(function(x), float)
    found = salib.analyze.sobol.analyze(problem, y, calc_second_order=False, seed=seed, print_to_console=False)
    return Indices(tuple(ranges), found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], float(y.var()), len(y))


def given_data(x: np.ndarray, y: np.ndarray, names: Sequence[str], seed: int = 1, resamples: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """First-order indices [input] and half-widths of their 95 % intervals, from runs at hand: x [run, input], y [run].

    Inputs may depend on one another. An index whose interval holds nought is no finding.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    low, high = x.min(axis=0), x.max(axis=0)
    problem = {
        "num_vars": x.shape[1],
        "names": list(names),
        "bounds": np.stack([low, np.where(high > low, high, low + 1.0)], axis=1).tolist(),
    }
    found = _salib().analyze.delta.analyze(problem, x, y, num_resamples=resamples, seed=seed, print_to_console=False, method="sobol")
    return np.asarray(found["S1"]), np.asarray(found["S1_conf"])


def shapley(value: Callable[[Group], Any], groups: int) -> np.ndarray:
    """Exact Shapley values [group, ...] of `value`, a function of sets of groups; they add to value(all) − value(none).

    With value = Var(E[y | inputs of the set])/Var(y) they are Shapley effects. Each set is valued once; a value may be an array (one per future,
    say), and is then shared out element by element. At most MOST_GROUPS groups.
    """
    known = _valued(value, groups)
    out = np.zeros((groups, *known[frozenset()].shape))
    for k in range(groups):
        for s in subsets(j for j in range(groups) if j != k):
            out[k] += (known[s | {k}] - known[s]) / (groups * comb(groups - 1, len(s)))
    return out


def _valued(value: Callable[[Group], Any], groups: int) -> dict[Group, np.ndarray]:
    if groups > MOST_GROUPS:
        raise ValueError(f"expected at most {MOST_GROUPS} groups, found {groups}: put unknowns together")
    return {s: np.asarray(value(s), float) for s in subsets(range(groups))}


def interactions(value: Callable[[Group], Any], groups: int) -> np.ndarray:
    """Shapley interaction indices [group, group, ...] of every pair, nought on the diagonal: what two do together beyond what each does.

    Mean over sets s without i and j of value(s + ij) − value(s + i) − value(s + j) + value(s), sets weighed by size as in Grabisch & Roubens 1999.
    """
    known = _valued(value, groups)
    out = np.zeros((groups, groups, *known[frozenset()].shape))
    for i, j in combinations(range(groups), 2):
        for s in subsets(k for k in range(groups) if k not in (i, j)):
            joint = known[s | {i, j}] - known[s | {i}] - known[s | {j}] + known[s]
            out[i, j] += joint / ((groups - 1) * comb(groups - 2, len(s)))
        out[j, i] = out[i, j]
    return out


def orders(sizes: Sequence[int], runs: int, seed: int, mirrored: bool = True) -> np.ndarray:
    """Random orders of unknowns [draw, place, run] that keep groups of these sizes together: groups in random order, and each within itself.

    Shares by such orders add up, over a group, to the group's Shapley value among groups (Owen's value). `mirrored`: two draws, the second
    the reverse of the first, so that their errors partly cancel; else one.
    """
    rng = np.random.default_rng([seed, 0x5A97])
    first = np.cumsum([0, *sizes[:-1]])
    out = np.empty((sum(sizes), runs), int)
    for run in range(runs):
        out[:, run] = np.concatenate([first[g] + rng.permutation(sizes[g]) for g in rng.permutation(len(sizes))]) if len(sizes) else []
    return np.stack([out, out[::-1]]) if mirrored else out[None]


def shapley_by_orders(value: Callable[[np.ndarray], np.ndarray], order: np.ndarray) -> np.ndarray:
    """Shapley values estimated by orders, run by run [unknown, ..., run]: their mean over runs is unbiased, their spread gives its error.

    `value` takes which unknowns are in, bool [unknown, run], and gives a value per run [..., run]; `order` [draw, place, run] as from
    `orders`. Costs draws·unknowns + 2 evaluations of all runs. Source: Castro, Gómez & Tejada 2009.
    """
    draws, unknowns, runs = order.shape
    nobody, everybody = np.zeros((unknowns, runs), bool), np.ones((unknowns, runs), bool)
    start, end = np.asarray(value(nobody), float), np.asarray(value(everybody), float)
    out = np.zeros((unknowns, *start.shape))
    columns = np.arange(runs)
    for places in order:
        inside, before = nobody.copy(), start
        for k, place in enumerate(places):
            inside[place, columns] = True
            after = end if k == unknowns - 1 else np.asarray(value(inside), float)
            out[place, ..., columns] += np.moveaxis(after - before, -1, 0) / draws
            before = after
    return out


def subsets(items: Iterable[int]) -> list[Group]:
    """All sets of the items, the empty one first."""
    items = list(items)
    return [frozenset(c) for size in range(len(items) + 1) for c in combinations(items, size)]


def gaussian_value(weights: np.ndarray, covariance: np.ndarray) -> Callable[[Group], float]:
    """Var(E[y | x_u])/Var(y) of y = weights·x, x normal with this covariance, by conditioning."""
    b, c = np.asarray(weights, float), np.asarray(covariance, float)
    whole = float(b @ c @ b)

    def value(group: Group) -> float:
        u = sorted(group)
        if not u:
            return 0.0
        cross = c[np.ix_(u, range(len(b)))] @ b
        return float(cross @ np.linalg.solve(c[np.ix_(u, u)], cross)) / whole

    return value


def variance_value(parts: Mapping[Group, float]) -> Callable[[Group], float]:
    """Var(E[y | x_u])/Var(y) of independent inputs from the parts of variance of every set (Sobol's decomposition)."""
    whole = sum(parts.values())
    return lambda group: sum(v for s, v in parts.items() if s <= group) / whole


def explained_value(
    x: np.ndarray, y: np.ndarray, groups: Sequence[Sequence[int]], degree: int = 2, ridge: float = 1e-6
) -> Callable[[Group], float]:
    """Share of Var(y) that a polynomial in the inputs of a set explains in runs at hand, left out one by one (never below nought).

    x [run, input], y [run]; `groups` are columns. Terms are powers up to `degree` and products of two within the set.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    spread = x.std(axis=0)
    z = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    gap = y - y.mean()

    def value(group: Group) -> float:
        columns = [c for g in sorted(group) for c in groups[g]]
        if not columns:
            return 0.0
        u = z[:, columns]
        terms = [np.ones(len(y)), *(u[:, k] ** d for k in range(u.shape[1]) for d in range(1, degree + 1))]
        terms += [u[:, a] * u[:, b] for a, b in combinations(range(u.shape[1]), 2)]
        design = np.stack(terms, axis=1)
        inverse = np.linalg.inv(design.T @ design + ridge * np.eye(design.shape[1]))
        hat = np.einsum("ij,jk,ik->i", design, inverse, design)
        residual = (gap - design @ (inverse @ (design.T @ gap))) / (1.0 - np.minimum(hat, 0.999))
        return float(max(0.0, 1.0 - (residual**2).mean() / (gap**2).mean()))

    return value
