"""Which unknowns an outcome turns on, within a reading and across readings, by measures that hold where inputs depend on one another.

    given data   first-order index from the futures at hand (SALib's delta), with its interval
    PAWN         median Kolmogorov–Smirnov distance between the outcome's distribution and that given an input's slice
    Shapley      share of the variance that a polynomial of the strongest inputs explains, dealt out fairly; adds to what they explain together
    Sobol        first and total index of whole mechanisms *and of luck*, on independent prior draws only, by new runs
    across       how much of the variance lies between readings, between parameters of one reading, and in luck

An index is a finding only where it exceeds what a shuffled outcome gives.

Source   Plischke, Borgonovo & Smith 2013; Pianosi & Wagener 2015; Song, Nelson & Staum 2016; Saltelli et al. 2010 (groups of inputs).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtri

from detente.analysis.explore import BLOCK, held_history
from detente.analysis.project import Common, Projector, common
from detente.analysis.sensitivity import explained_value, given_data, shapley
from detente.analysis.series import traced
from detente.analysis.spread import clusters, components
from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_luck, to_theta

STRONGEST = 8
"""Inputs of a reading that are looked at closely."""
SHUFFLES = 40
SLICES = 10
LUCK = "luck"


def within(ds: xr.Dataset, item: str, sample: str, seed: int = 1) -> xr.Dataset:
    """Measures [theory, rank] of the strongest inputs of each reading for an item of `explore.design`.

    `input` [theory, rank] their names, `first`, `width` (half of its 95 % interval), `pawn`, `pawn_noise` (of a shuffled outcome), `shapley`;
    `explained` [theory]: share of the variance that these inputs explain together. Empty places are ''. `sure`: its bearing on the outcome is more
    than the strongest of *all* inputs has in 95 of 100 outcomes that luck and kin alone make; of hundreds of inputs some always look like something.
    """
    from detente.analysis.packages import strength

    theories, names = ds["theory"].values.astype(str), ds["input"].values.astype(str)
    shape = (len(theories), STRONGEST)
    out: dict[str, np.ndarray] = {k: np.full(shape, np.nan) for k in ("first", "width", "pawn", "pawn_noise", "shapley")}
    found, explained, sure = np.full(shape, "", object), np.full(len(theories), np.nan), np.zeros(shape, bool)
    for t, theory in enumerate(theories):
        one = ds.sel(sample=sample, theory=theory)
        x, y = one["parameter"].values.astype(float), one["value"].sel(item=item).values.astype(float)
        power = strength(x, y)
        kept = [int(k) for k in np.argsort(-power, kind="stable")[:STRONGEST] if power[k] > 0 and np.ptp(x[k]) > 0]
        if not kept or np.ptp(y) == 0:
            continue
        n = slice(0, len(kept))
        found[t, n] = names[kept]
        sure[t, n] = power[kept] > by_luck(x, y, one["family"].values, seed)
        out["first"][t, n], out["width"][t, n] = given_data(x[kept].T, y, list(names[kept]), seed)
        out["pawn"][t, n], out["pawn_noise"][t, n] = pawn(x[kept], y, seed)
        value = explained_value(x[kept].T, y, [[k] for k in range(len(kept))])
        out["shapley"][t, n] = shapley(value, len(kept))
        explained[t] = value(frozenset(range(len(kept))))
    dims = ("theory", "rank")
    data: dict[str, Any] = {k: (dims, v) for k, v in out.items()}
    data |= {"input": (dims, found), "sure": (dims, sure), "explained": (("theory",), explained)}
    return xr.Dataset(data, coords={"theory": ds["theory"].values}, attrs={"item": item, "sample": sample})


def by_luck(x: np.ndarray, y: np.ndarray, kin: np.ndarray, seed: int = 1) -> float:
    """Bearing of the strongest of all inputs x [input, run] on an outcome without any, its 95 % point: what kin [run] share is dealt out anew
    among the families, and what is left among all runs."""
    from detente.analysis.packages import strength

    rng = np.random.default_rng([seed, 0x5F])
    _, family = np.unique(kin, return_inverse=True)
    shared = np.bincount(family, weights=y) / np.bincount(family)
    left = y - shared[family]
    dealt = (rng.permutation(shared)[family] + rng.permutation(left) for _ in range(SHUFFLES))
    return float(np.quantile([np.nanmax(strength(x, one)) for one in dealt], 0.95))


def pawn(x: np.ndarray, y: np.ndarray, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """PAWN index [input] of y [run] on x [input, run], by SALib, and what it is for a shuffled outcome (95 % point of 20 shuffles)."""
    from SALib.analyze import pawn as salib

    low, high = x.min(axis=1), x.max(axis=1)
    problem = {"num_vars": len(x), "names": [str(k) for k in range(len(x))], "bounds": np.stack([low, high], axis=1).tolist()}

    def index(outcome: np.ndarray) -> np.ndarray:
        return np.asarray(salib.analyze(problem, x.T, outcome, S=SLICES, seed=seed)["median"], float)

    rng = np.random.default_rng([seed, 0x9A])
    noise = np.stack([index(rng.permutation(y)) for _ in range(20)])
    return index(y), np.quantile(noise, 0.95, axis=0)


def across(ds: xr.Dataset, item: str, sample: str) -> xr.Dataset:
    """Variance of an item over all readings' futures, split: `between` readings, `parameters` within one, `luck`; shares that add to one.

    Needs two futures per particle: not a number on the prior sample, whose draws are all different.
    """
    one = ds.sel(sample=sample, item=item)
    parts = [components(v[None], clusters(f)) for v, f in zip(one["value"].values.astype(float), one["family"].values, strict=True)]
    means = one["value"].mean("future").values
    between, inside, luck = float(means.var()), float(np.mean([p[0][0] for p in parts])), float(np.mean([p[1][0] for p in parts]))
    whole = between + inside + luck
    shares = {"between": between, "parameters": inside, "luck": luck}
    return xr.Dataset(
        {k: v / whole if whole > 0 else np.nan for k, v in shares.items()}, attrs={"item": item, "sample": sample, "variance": whole}
    )


# ---------------------------------------------------------------------------------------------------------------------- Sobol


def sobol_mechanisms(
    runner: Runner,
    record: Record,
    theory: Any,
    policy: Any,
    outcome: Callable[[Any, Any], np.ndarray],
    points: int = 128,
    seed: int = 1,
) -> xr.Dataset:
    """Sobol indices [group] of the mechanisms' parameters as groups, and of luck, for `outcome(state, model)` [future] under a reading's prior.

    Independent inputs: draws of the reading's own ranges, history held to the record's events. points·(groups + 2) runs; `points` a power of two.
    """
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sampler

    model = runner.model
    if points < 2 or points & (points - 1):
        raise ValueError(f"expected a power of two base points, found {points}")
    names = [*(r.name for r in model.rows), LUCK]
    groups = [*(r.group for r in model.rows), LUCK]
    problem = {"num_vars": len(names), "names": names, "groups": groups, "bounds": [[0.0, 1.0]] * len(names)}
    u = sampler.sample(problem, points, calc_second_order=False, seed=seed)
    y = _runs(runner, record, theory, policy, outcome, u, seed)
    found = analyse.analyze(problem, y, calc_second_order=False, seed=seed, print_to_console=False)
    kinds = list(dict.fromkeys(groups))
    data = {k: (("group",), np.asarray(found[key], float)) for k, key in _KEYS.items()}
    return xr.Dataset(data, coords={"group": np.array(kinds, dtype=object)}, attrs={"runs": len(y), "variance": float(y.var())})


_KEYS = {"first": "S1", "first_width": "S1_conf", "total": "ST", "total_width": "ST_conf"}


def _runs(
    runner: Runner, record: Record, theory: Any, policy: Any, outcome: Callable[[Any, Any], np.ndarray], u: np.ndarray, seed: int
) -> np.ndarray:
    """The outcome of each row of a design on the unit cube [run, row + 1]; its last column says whose luck is taken."""
    model = runner.model
    z = ndtri(np.clip(u[:, :-1].T, 1e-6, 1.0 - 1e-6))
    kinds, whose = np.unique(u[:, -1], return_inverse=True)
    theta = to_theta(z, model.ranges(theory))
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    state, _ = held_history(runner, record, theta, draw_luck(seed, np.arange(len(kinds)), years)[..., whose])
    each = common(model, len(kinds), seed)
    one = np.arange(len(u))
    ready = Projector(runner, Common(seed, each.luck[..., whose], each.uniform[:, whose]), theta, state, one, one, one, BLOCK)
    return np.asarray(outcome(ready.run(policy, traced(model)).state, model), float)


def told(index: Sequence[float] | np.ndarray, width: Sequence[float] | np.ndarray) -> np.ndarray:
    """Which indices are findings: those whose interval does not hold nought."""
    return np.asarray(index) > np.asarray(width)
