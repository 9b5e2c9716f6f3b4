"""One package looked at closely: under what it holds and fails, and the early signs that it is failing.

Futures of each theory are run again under the package, so that their parameters and their course are at hand. Futures of all the theories asked
for are put together, as many of each: a box then lies over parameters and theories at once, and is told by reading again.

A box and a sign are found on one half of the families of futures and measured on the other half: what holds on the first half only is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.analysis import discovery
from detente.analysis.outcomes import evaluate, items
from detente.analysis.project import Learned, common, future_years, projector, times
from detente.analysis.series import KINDS, all_series, traced
from detente.analysis.spread import Z90, Clusters, clusters, residual_error
from detente.analysis.summary import Plan, survives

SEEN = ("conduct", "arms", "missiles", "open", "in_force", "containment", "rung2")
"""Series that a record can measure; never fear, cohesion or intent, which nobody observes while they change."""
BLOCK = 256
CANDIDATES = 10
"""Inputs among which a box is sought: those of the strongest index on the first half."""
RARE = 0.05
"""Fewer cases than this share, or more than one less it: nothing to tell apart."""
AGREED = 0.75
"""A sign points the same way under at least this share of the theories that can tell."""
SMALL = 0.03
"""A first-order index below this is not named."""
COVERAGE = 0.35
"""A box covers at least this share of the cases of the first half."""


def study(
    plan: Plan,
    runner: Any,
    policy: Any,
    learned: Mapping[str, Learned],
    futures: int = 512,
    seed: int = 1,
    year: float | None = None,
    tick: Callable[[str], None] = lambda text: None,
) -> xr.Dataset:
    """A package's futures under each theory with their parameters and their early course, on the luck of the main job.

    `survives`, `unchanged` [theory, profile, future]: is every outcome acceptable, under the package and without it; `parameter`
    [input, theory, future]; `shows` [sign, theory, future]: observables up to `year` (default: the end of the third year after the package
    begins, or of the futures); `family` [theory, future].
    """
    model = plan.model
    shared = common(model, futures, seed)
    year = early(model, policy) if year is None else year
    rows = [k for k, r in enumerate(model.rows) if r.group != "record"]
    base = plan.policies[plan.base]
    found: dict[str, list[np.ndarray]] = {name: [] for name in ("survives", "unchanged", "parameter", "shows", "family")}
    for name, posterior in learned.items():
        ready = projector(runner, posterior, shared, BLOCK)
        batch = ready.run(policy, traced(model))
        found["survives"].append(survives(plan, evaluate(model, batch.state, plan.items)))
        found["unchanged"].append(survives(plan, evaluate(model, ready.run(base, traced(model)).state, plan.items)))
        found["parameter"].append(ready.theta[rows])
        found["shows"].append(_signs(model, batch.traces, year))
        found["family"].append(ready.family)
        tick(name)
    return xr.Dataset(
        {
            "survives": (("theory", "profile", "future"), np.stack(found["survives"])),
            "unchanged": (("theory", "profile", "future"), np.stack(found["unchanged"])),
            "parameter": (("input", "theory", "future"), np.stack(found["parameter"], axis=1)),
            "shows": (("sign", "theory", "future"), np.stack(found["shows"], axis=1)),
            "family": (("theory", "future"), np.stack(found["family"])),
        },
        coords={
            "theory": np.array(list(learned), dtype=object),
            "profile": np.array([p.id for p in plan.profiles], dtype=object),
            "input": np.array([model.rows[k].name for k in rows], dtype=object),
            "sign": np.array([s.name for s in seen(model)], dtype=object),
        },
        attrs={"policy": policy.id, "year": float(year), "seed": seed, "futures": futures},
    )


def plan_of(scenario: Any, model: Any, base: str) -> Plan:
    """What `study` measures: all outcomes and value profiles of a scenario."""
    return Plan(scenario, model, (scenario.policies[base],), 0, items(model), (), tuple(scenario.values.values()))


def early(model: Any, policy: Any) -> float:
    """End of the third year after the first lever of a package is pulled, before the futures end."""
    years = future_years(model)
    starts = [use.start for use in policy.levers] or [float(years[0])]
    return float(min(np.ceil(min(starts)) + 3, years[-1]))


def seen(model: Any) -> tuple[Any, ...]:
    """Series of a model that a record can measure."""
    return tuple(s for s in all_series(model) if s.kind in SEEN)


def _signs(model: Any, traces: Mapping[str, np.ndarray], year: float) -> np.ndarray:
    """Observables [sign, future]: the last four quarters' mean before `year`; the share of quarters so far for a rung."""
    years = times(model)[1]
    before = np.flatnonzero(years < year)
    out = []
    for series in seen(model):
        kind = KINDS[series.kind]
        steps = before if series.kind == "rung2" else before[-4:]
        out.append(kind.values(traces[kind.state], years)[steps, series.place].mean(axis=0))
    return np.array(out)


# ----------------------------------------------------------------------------------------------------------------- boxes


@dataclass(frozen=True)
class Found:
    """A box measured on the half on which it was not found.

    `limits` by input (low, high; ±inf); `base` share of cases among all, `density` among those inside with `error`, `coverage` share of cases
    inside, `runs` inside; `by_theory`: (share of its futures inside, density inside); `ends` [low, high] of each input over all.
    """

    limits: Mapping[str, tuple[float, float]]
    base: float
    density: float
    error: float
    coverage: float
    runs: int
    by_theory: Mapping[str, tuple[float, float]]
    ends: Mapping[str, tuple[float, float]]
    quasi_p: Mapping[str, float]


def halves(study: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of the runs [theory·future], by families: kin are never on both sides."""
    first = np.zeros((study.sizes["theory"], study.sizes["future"]), bool)
    for t, family in enumerate(study["family"].values):
        kinds = np.random.default_rng([t, 0x4A1F]).permutation(np.unique(family))
        first[t] = np.isin(family, kinds[: (len(kinds) + 1) // 2])
    return first.ravel(), ~first.ravel()


def box(study: xr.Dataset, cases: np.ndarray, candidates: int = CANDIDATES) -> Found | None:
    """Where in parameters the cases [theory, future] lie; None where they are too rare or too common, or no box stands on the second half."""
    flat, x = np.asarray(cases, bool).ravel(), study["parameter"].values.reshape(study.sizes["input"], -1)
    first, second = halves(study)
    if not all(RARE <= flat[half].mean() <= 1 - RARE for half in (first, second) if half.any()) or not second.any():
        return None
    names = study["input"].values.astype(str)
    kept = np.argsort(-strength(x[:, first], flat[first]))[:candidates]
    frame = pd.DataFrame(x[kept].T.astype(float), columns=names[kept])
    theory, kin = _kin(study)
    limits = _limits(frame[first], flat[first], theory[first], kin[first])
    if not limits:
        return None
    return _measure(study, frame, flat, second, limits)


def _kin(study: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Theory and family of every run [theory·future]; families of two theories are never one."""
    theory = np.repeat(np.arange(study.sizes["theory"]), study.sizes["future"])
    return theory, theory * (int(study["family"].values.max()) + 1) + study["family"].values.ravel()


def within(cases: np.ndarray, inside: np.ndarray, theory: np.ndarray, kin: np.ndarray) -> tuple[float, float]:
    """Difference that lying inside makes among futures of the same theory, and its error: what tells only theories apart shows nought."""
    y, a = cases.astype(float), inside.astype(float)
    for t in np.unique(theory):
        mine = theory == t
        y[mine] -= y[mine].mean()
        a[mine] -= a[mine].mean()
    spread = (a**2).sum()
    if spread == 0:
        return 0.0, float("inf")
    slope = float((a * y).sum() / spread)
    residual = clusters(kin).sums((a * (y - slope * a))[None]) * len(y) / spread
    return slope, float(residual_error(residual, clusters(kin))[0])


def _limits(frame: pd.DataFrame, cases: np.ndarray, theory: np.ndarray, kin: np.ndarray) -> dict[str, tuple[float, float]]:
    """The densest box of the peeling that covers enough, without limits that make no difference.

    A limit stays with a quasi-p of at most 0.05, and where it makes a difference within theories too: few families of a posterior differ in
    many parameters at once, and a limit may do no more than name them.
    """
    steps = [b for b in discovery.peel(frame, cases) if b.limits and b.coverage >= COVERAGE]
    if not steps:
        return {}
    limits = dict(max(steps, key=lambda b: b.density).limits)
    while limits:
        p = discovery.quasi_p(frame, cases, limits)
        worst = max(p, key=lambda name: p[name])
        if p[worst] <= 0.05 and len(limits) <= 4:
            break
        del limits[worst]
    for name in list(limits):
        slope, wrong = within(cases, discovery.inside(frame, {name: limits[name]}), theory, kin)
        if slope <= Z90 * wrong:
            del limits[name]
    return limits


def _measure(
    study: xr.Dataset, frame: pd.DataFrame, cases: np.ndarray, half: np.ndarray, limits: dict[str, tuple[float, float]]
) -> Found | None:
    theory, kin = _kin(study)
    inside, hit = discovery.inside(frame, limits)[half], cases[half]
    if inside.sum() < 20:
        return None
    density, base = float(hit[inside].mean()), float(hit.mean())
    wrong = _ratio_error(hit, inside, clusters(kin[half]))
    slope, slope_wrong = within(hit, inside, theory[half], kin[half])
    if density - base <= Z90 * wrong or slope <= Z90 * slope_wrong:
        return None
    names = study["theory"].values.astype(str)
    own = {str(n): (_mean(inside[theory[half] == t]), _mean(hit[inside & (theory[half] == t)])) for t, n in enumerate(names)}
    return Found(
        limits=limits,
        base=base,
        density=density,
        error=wrong,
        coverage=float(hit[inside].sum() / hit.sum()),
        runs=int(inside.sum()),
        by_theory=own,
        ends={n: (float(frame[n].min()), float(frame[n].max())) for n in limits},
        quasi_p=discovery.quasi_p(frame[half], hit, limits),
    )


def _mean(x: np.ndarray) -> float:
    return float(x.mean()) if len(x) >= 10 else float("nan")


def _ratio_error(hit: np.ndarray, inside: np.ndarray, kin: Clusters) -> float:
    """Standard error of the share of hits among those inside, families kept whole."""
    share = inside.mean()
    residual = kin.sums(((hit - hit[inside].mean()) * inside / share)[None])
    return float(residual_error(residual, kin)[0])


def strength(x: np.ndarray, y: np.ndarray, bins: int = 12) -> np.ndarray:
    """First-order index [input] of y [run] on each of x [input, run], by bins of equal numbers, less what luck alone would give."""
    y = np.asarray(y, float)
    runs, spread = len(y), y.var()
    if spread == 0:
        return np.zeros(len(x))
    group = (np.argsort(np.argsort(x, axis=1, kind="stable"), axis=1, kind="stable") * bins) // runs
    means = np.stack([(np.where(group == b, y, 0.0).sum(axis=1) / np.maximum((group == b).sum(axis=1), 1)) for b in range(bins)])
    found = means.var(axis=0) / spread - (bins - 1) / runs
    return np.where(np.ptp(x, axis=1) > 0, np.maximum(found, 0.0), 0.0)


# ------------------------------------------------------------------------------------------------------------ early signs


@dataclass(frozen=True)
class Sign:
    """An observable at a date that says the package is failing: `above` or below `limit`.

    On the second half: `share` of futures that show it, `fails_with` and `fails_without` it, `error` of the difference; `agree` of `of`
    theories in which it points the same way (of those with enough futures on either side).
    """

    name: str
    above: bool
    limit: float
    share: float
    fails_with: float
    fails_without: float
    error: float
    agree: int
    of: int


def signs(study: xr.Dataset, fails: np.ndarray, most: int = 3) -> list[Sign]:
    """The early signs [at most `most`, the most telling first] that tell futures that fail [theory, future] from those that hold."""
    flat = np.asarray(fails, bool).ravel()
    first, second = halves(study)
    if not second.any() or not all(RARE <= flat[h].mean() <= 1 - RARE for h in (first, second)):
        return []
    out = []
    for k, name in enumerate(study["sign"].values.astype(str)):
        x = study["shows"].values[k].ravel()
        found = _threshold(x[first], flat[first])
        sign = None if found is None else _told(study, str(name), x, flat, second, *found)
        if sign is not None and sign.agree >= AGREED * sign.of:
            out.append(sign)
    out.sort(key=lambda s: -abs(s.fails_with - s.fails_without) * np.sqrt(s.share * (1 - s.share)))
    kinds: dict[str, Sign] = {}
    for sign in out:  # one of a kind: two capitals' tone is one sign
        kinds.setdefault(sign.name.partition("[")[0], sign)
    return list(kinds.values())[:most]


def _threshold(x: np.ndarray, y: np.ndarray) -> tuple[float, bool] | None:
    """The cut that tells y apart best (Youden's index) and its side; None where x does not vary."""
    cuts = np.unique(np.quantile(x, np.linspace(0.05, 0.95, 19)))
    if len(cuts) < 2 and np.ptp(x) == 0:
        return None
    above = x[None] > cuts[:, None]
    j = above[:, y].mean(axis=1) - above[:, ~y].mean(axis=1)
    k = int(np.abs(j).argmax())
    return (float(cuts[k]), bool(j[k] > 0)) if abs(j[k]) > 0 else None


def _told(study: xr.Dataset, name: str, x: np.ndarray, fails: np.ndarray, half: np.ndarray, limit: float, above: bool) -> Sign | None:
    shows = (x > limit) if above else (x <= limit)
    theory, families = _kin(study)
    kin = clusters(families[half])
    a, y = shows[half], fails[half]
    if not RARE <= a.mean() <= 1 - RARE:
        return None
    more = y[a].mean() - y[~a].mean()
    residual = (y - y[a].mean()) * a / a.mean() - (y - y[~a].mean()) * ~a / (~a).mean()
    wrong = float(residual_error(kin.sums(residual[None]), kin)[0])
    if more <= Z90 * wrong:
        return None
    same = [_same(y[theory[half] == t], a[theory[half] == t]) for t in range(study.sizes["theory"])]
    known = [s for s in same if s is not None]
    return Sign(name, above, limit, float(a.mean()), float(y[a].mean()), float(y[~a].mean()), wrong, sum(known), len(known))


def _same(y: np.ndarray, a: np.ndarray) -> bool | None:
    return bool(y[a].mean() > y[~a].mean()) if min(a.sum(), (~a).sum()) >= 10 else None


def movers(
    x: Mapping[str, np.ndarray], y: Mapping[str, np.ndarray], names: Sequence[str], most: int = 3, seed: int = 1
) -> dict[str, dict[str, tuple[float, float]]]:
    """What a figure turns on within theories: {parameter: {theory: (first-order index, half-width of its 95 % interval)}}.

    x [input, future] and y [future] by theory. Parameters of the strongest mean index over theories (an index is about the spread within a
    theory; no answer is averaged), kept where the interval excludes nought under at least three theories in four and the middle index is at
    least 0.03: in one posterior, futures of few families differ in many parameters at once. Needs the extra `explore`.
    """
    from detente.analysis.sensitivity import given_data

    mean = np.mean([strength(x[t], y[t]) for t in x], axis=0)
    kept = [int(k) for k in np.argsort(-mean)[: 2 * most] if all(np.ptp(x[t][k]) > 0 for t in x)]
    if not kept:
        return {}
    out: dict[str, dict[str, tuple[float, float]]] = {names[k]: {} for k in kept}
    for t in x:
        if np.ptp(y[t]) == 0:
            continue
        index, width = given_data(x[t][kept].T, y[t], [names[k] for k in kept], seed)
        for k, i, w in zip(kept, index, width, strict=True):
            if i > w:
                out[names[k]][t] = (float(i), float(w))
    told = {n: f for n, f in out.items() if len(f) >= AGREED * len(x) and np.median([i for i, _ in f.values()]) >= SMALL}
    return dict(list(told.items())[:most])
