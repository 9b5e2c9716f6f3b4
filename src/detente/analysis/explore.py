"""Scenario discovery: where in parameters and readings a package fails, on each reading's prior design and on what it has learnt.

Two samples of every reading: `learnt`, the particles of its posterior (their parameters depend on one another), and `prior`, independent draws from
its own ranges, run through the record held to its events but not weighed by them. The likelihood weights of the prior draws are given as an
effective number: with so many unknowns a handful carries all, so boxes are measured on the learnt particles instead of on those weights.

A box is found on one half of the families of futures of one sample (PRIM; CART beside it) and measured on the other half, and on the other sample: it
stands on both, or only on the prior, or only on what was learnt.

Source   PRIM: Friedman & Fisher 1999; scenario discovery: Bryant & Lempert 2010; CART: Breiman et al. 1984; resampling by families of futures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.analysis import discovery
from detente.analysis.outcomes import OUTCOMES, evaluate, items
from detente.analysis.project import Common, Learned, Projector, common, projector
from detente.analysis.series import traced
from detente.analysis.spread import clusters, residual_error
from detente.engine.record import Record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta, workers
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

SAMPLES = ("prior", "learnt")
BLOCK = 256
CANDIDATES = 12
COVERAGE = 0.35
MOST_LIMITS = 4
LEAST_RUNS = 20
RARE = 0.02
Z95 = 1.959963984540054
DRAWS = 500
READING = "reading"
Tick = Callable[[str, int, int], None]


def design(
    runner: Runner,
    record: Record,
    learned: Mapping[str, Learned],
    policy: Any,
    wanted: Sequence[str],
    futures: int = 1000,
    seed: int = 1,
    tick: Tick = lambda text, done, total: None,
) -> xr.Dataset:
    """Futures of a package on both samples of every reading.

    `value` [item, sample, theory, future], `parameter` [input, sample, theory, future], `family` [sample, theory, future]; `effective` [theory]: prior
    draws that the record's likelihood would leave. `wanted`: names of items.
    """
    model = runner.model
    chosen = _items(model, wanted)
    shared = common(model, futures, seed)
    rows = [k for k, r in enumerate(model.rows) if r.group != "record"]
    value = np.zeros((len(chosen), 2, len(learned), futures), np.float32)
    parameter = np.zeros((len(rows), 2, len(learned), futures), np.float32)
    family = np.zeros((2, len(learned), futures), np.int32)
    effective = np.zeros(len(learned))
    for t, (name, posterior) in enumerate(learned.items()):
        prior, effective[t] = from_prior(runner, record, model.scenario.theories.get(name), shared)
        for s, ready in enumerate((prior, projector(runner, posterior, shared, BLOCK))):
            tick(f"{name}: {SAMPLES[s]}", 2 * t + s, 2 * len(learned))
            value[:, s, t] = evaluate(model, ready.run(policy, traced(model)).state, chosen)
            parameter[:, s, t], family[s, t] = ready.theta[rows], ready.family
    return xr.Dataset(
        {
            "value": (("item", "sample", "theory", "future"), value),
            "parameter": (("input", "sample", "theory", "future"), parameter),
            "family": (("sample", "theory", "future"), family),
            "effective": (("theory",), effective),
        },
        coords={
            "item": np.array([i.name for i in chosen], dtype=object),
            "sample": np.array(SAMPLES, dtype=object),
            "theory": np.array(list(learned), dtype=object),
            "input": np.array([model.rows[k].name for k in rows], dtype=object),
        },
        attrs={"scenario": model.scenario.id, "policy": policy.id, "seed": seed, "futures": futures},
    )


def from_prior(runner: Runner, record: Record, theory: Any | None, shared: Common) -> tuple[Projector, float]:
    """Independent draws from a reading's ranges, their history held to the record's events; and how many the likelihood would leave."""
    model, ids = runner.model, np.arange(shared.futures)
    theta = to_theta(draw_z(model, shared.seed, ids), model.ranges(theory))
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    state, log = held_history(runner, record, theta, draw_luck(shared.seed, ids, years))
    weight = np.exp(log - log.max())
    mine = ids.astype(np.int32)
    return Projector(runner, shared, theta, state, mine, mine, mine, BLOCK), float(weight.sum() ** 2 / (weight**2).sum())


def held_history(runner: Runner, record: Record, theta: np.ndarray, luck: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """State at the end of the record [*axes, future] and log-likelihood [future] of parameters and luck, in blocks of one size.

    Traced as the main job traces its history, so that its program serves.
    """
    size, count = BLOCK * workers(), theta.shape[1]
    parts = []
    for start in range(0, count, size):
        ids = np.minimum(np.arange(start, start + size), count - 1)
        parts.append(runner.history(theta[:, ids], luck[..., ids], record, traced(runner.model)))
    state = {k: np.concatenate([b.state[k] for b in parts], axis=-1)[..., :count] for k in parts[0].state}
    return state, np.concatenate([b.weights.sum(axis=0, dtype=np.float64) for b in parts])[:count]


def _items(model: Any, wanted: Sequence[str]) -> list[Any]:
    known = {i.name: i for i in items(model)}
    for name in wanted:
        if name not in known:
            raise ScenarioError(unknown("outcome", name, dict.fromkeys(k for n in known for k in (n.partition("[")[0], n))))
    order = list(dict.fromkeys(known[n].outcome for n in wanted))
    return sorted((known[n] for n in dict.fromkeys(wanted)), key=lambda i: order.index(i.outcome))


def fails(ds: xr.Dataset, item: str, beyond: float | None = None) -> tuple[np.ndarray, str]:
    """Cases of interest bool [sample, theory, future] and what they are in words.

    A share: it happens where that is worse, does not where that is better. Else: worse than `beyond`, by default than three quarters of all learnt
    futures. Raises ScenarioError where an outcome has no better direction and no `beyond` is given.
    """
    meant = OUTCOMES[item.partition("[")[0]]
    value = ds["value"].sel(item=item).values
    if meant.better is None and beyond is None:
        raise ScenarioError(f"{item} has no better direction; say beyond which value it is of interest")
    below = meant.better == "above"
    if meant.share:
        return (value < 0.5, "does not happen") if below else (value > 0.5, "happens")
    limit = float(np.quantile(value[1], 0.25 if below else 0.75)) if beyond is None else beyond
    return (value < limit, f"is below {limit:.3g}") if below else (value > limit, f"is above {limit:.3g}")


# ------------------------------------------------------------------------------------------------------------------- boxes


@dataclass(frozen=True)
class Measured:
    """A box on a sample: futures, share of cases among all and inside (with its error), share of the cases inside; does it stand there?"""

    runs: int
    base: float
    density: float
    error: float
    coverage: float
    stands: bool


@dataclass(frozen=True)
class Box:
    """Limits by input, readings kept; found on a sample by a method; measured on the half not used (`own`) and on the other sample."""

    method: str
    sample: str
    limits: Mapping[str, tuple[float, float]]
    readings: tuple[str, ...]
    own: Measured
    other: Measured
    p: Mapping[str, float]
    """By limit: share of resamples of families in which the box is no denser with the limit than without it."""
    ends: Mapping[str, tuple[float, float]]

    @property
    def where(self) -> str:
        """`both`, `prior`, `learnt` or `neither`: on which samples it stands."""
        if self.own.stands and self.other.stands:
            return "both"
        return self.sample if self.own.stands else "neither"


@dataclass(frozen=True)
class Run:
    """One sample laid flat: inputs [run, input] with the reading as a category, cases, kin [run] and the first half."""

    frame: pd.DataFrame
    cases: np.ndarray
    kin: np.ndarray
    first: np.ndarray


def flat(ds: xr.Dataset, cases: np.ndarray, sample: str) -> Run:
    """A sample's runs, theory after theory; families are never cut in two."""
    s = SAMPLES.index(sample)
    x = ds["parameter"].values[:, s].reshape(ds.sizes["input"], -1)
    frame = pd.DataFrame(x.T.astype(float), columns=ds["input"].values.astype(str))
    names = np.repeat(ds["theory"].values.astype(str), ds.sizes["future"])
    frame[READING] = pd.Categorical(names, categories=ds["theory"].values.astype(str))
    family = ds["family"].values[s]
    kin = (family + (np.arange(len(family)) * (int(family.max()) + 1))[:, None]).ravel()
    kinds = np.random.default_rng([int(ds.attrs["seed"]), s, 0xE4]).permutation(np.unique(kin))
    return Run(frame, np.asarray(cases[s], bool).ravel(), kin, np.isin(kin, kinds[: (len(kinds) + 1) // 2]))


def discover(ds: xr.Dataset, cases: np.ndarray, seed: int = 1) -> tuple[list[Box], pd.DataFrame]:
    """Boxes of both samples by PRIM and CART, and the trade-off curve (sample, coverage, density, limits) of every step of PRIM.

    No box where cases are too rare or too common. Needs the extra `explore`.
    """
    runs = {s: flat(ds, cases, s) for s in SAMPLES}
    boxes: list[Box] = []
    curve = []
    for sample, run in runs.items():
        other = runs[SAMPLES[1 - SAMPLES.index(sample)]]
        if not all(RARE <= run.cases[h].mean() <= 1 - RARE for h in (run.first, ~run.first)):
            continue
        names = _candidates(run)
        half = run.frame.loc[run.first, names]
        steps = discovery.peel(half, run.cases[run.first])
        second = run.frame.loc[~run.first, names]
        for b in steps:
            here = discovery.measure(second, run.cases[~run.first], b.limits, b.among)
            curve.append((sample, here.coverage, here.density, len(b.limits) + len(b.among), here.runs))
        found = [("PRIM", *_pruned(half, run.cases[run.first], steps)), *_leaves(run, names, seed)]
        boxes += [_box(ds, run, other, sample, how, limits, among, seed) for how, limits, among in found if limits or among]
    return boxes, pd.DataFrame(curve, columns=["sample", "coverage", "density", "limits", "runs"])


def _candidates(run: Run) -> list[str]:
    """Inputs among which boxes are sought: the strongest on the first half, and the reading."""
    from detente.analysis.packages import strength

    numeric = [n for n in run.frame.columns if n != READING]
    power = strength(run.frame.loc[run.first, numeric].to_numpy().T, run.cases[run.first])
    kept = [numeric[k] for k in np.argsort(-power, kind="stable")[:CANDIDATES] if power[k] > 0]
    return [*kept, *([READING] if run.frame[READING].nunique() > 1 else [])]


def _pruned(
    frame: pd.DataFrame, cases: np.ndarray, steps: Sequence[discovery.Box]
) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    """The densest box that covers enough, less limits that make no difference."""
    kept = [b for b in steps if (b.limits or b.among) and b.coverage >= COVERAGE]
    if not kept:
        return {}, {}
    best = max(kept, key=lambda b: b.density)
    limits, among = dict(best.limits), dict(best.among)
    while limits:
        p = discovery.quasi_p(frame[discovery.inside(frame, {}, among)], cases[discovery.inside(frame, {}, among)], limits)
        worst = max(p, key=lambda n: p[n])
        if p[worst] <= 0.05 and len(limits) <= MOST_LIMITS:
            break
        del limits[worst]
    return limits, among


def _leaves(run: Run, names: Sequence[str], seed: int) -> list[tuple[str, dict[str, tuple[float, float]], dict[str, Any]]]:
    """The leaf of a small classification tree with the highest share of cases, as limits."""
    from sklearn.tree import DecisionTreeClassifier

    numeric = [n for n in names if n != READING]
    readings = list(run.frame[READING].cat.categories) if READING in names else []
    x = np.concatenate([run.frame[numeric].to_numpy(), *[(run.frame[READING] == r).to_numpy()[:, None] for r in readings]], axis=1)
    if not x.shape[1]:
        return []
    tree = DecisionTreeClassifier(max_leaf_nodes=8, min_samples_leaf=0.05, random_state=seed).fit(x[run.first], run.cases[run.first])
    leaf = tree.apply(x[run.first])
    share = {k: run.cases[run.first][leaf == k].mean() for k in np.unique(leaf)}
    limits, kept = _path(tree.tree_, max(share, key=lambda k: share[k]), numeric, readings)
    return [("CART", limits, {READING: kept} if len(kept) < len(readings) else {})]


def _path(tree: Any, leaf: int, numeric: Sequence[str], readings: Sequence[str]) -> tuple[dict[str, tuple[float, float]], frozenset[str]]:
    """Limits on the way from a tree's root to a leaf, and the readings that it leaves."""
    parent = {
        int(c): (k, side) for k in range(tree.node_count) for side, c in ((0, tree.children_left[k]), (1, tree.children_right[k])) if c >= 0
    }
    limits: dict[str, tuple[float, float]] = {}
    kept, node = set(readings), int(leaf)
    while node in parent:
        node, side = parent[node]
        k, cut = int(tree.feature[node]), float(tree.threshold[node])
        if k >= len(numeric):
            kept = kept & {readings[k - len(numeric)]} if side else kept - {readings[k - len(numeric)]}
            continue
        low, high = limits.get(numeric[k], (-np.inf, np.inf))
        limits[numeric[k]] = (max(low, cut), high) if side else (low, min(high, cut))
    return limits, frozenset(kept)


def _box(
    ds: xr.Dataset, run: Run, other: Run, sample: str, method: str, limits: dict[str, tuple[float, float]], among: Any, seed: int
) -> Box:
    second = Run(run.frame[~run.first], run.cases[~run.first], run.kin[~run.first], run.first[~run.first])
    ends = {n: (float(run.frame[n].min()), float(run.frame[n].max())) for n in limits}
    return Box(
        method,
        sample,
        limits,
        tuple(sorted(among.get(READING, ds["theory"].values.astype(str)), key=list(ds["theory"].values.astype(str)).index)),
        measured(second, limits, among),
        measured(other, limits, among),
        resampled(second, limits, among, seed),
        ends,
    )


def measured(run: Run, limits: Mapping[str, tuple[float, float]], among: Mapping[str, frozenset[str]]) -> Measured:
    """A box on runs: density against the base rate, families kept whole in its error."""
    inside, hit = discovery.inside(run.frame, limits, among), run.cases
    count, base = int(inside.sum()), float(hit.mean())
    if not count:
        return Measured(0, base, float("nan"), float("nan"), 0.0, False)
    density, groups = float(hit[inside].mean()), clusters(run.kin)
    # The difference of density and base rate, linearised.
    residual = (hit - density) * inside / inside.mean() - (hit - base)
    wrong = float(residual_error(groups.sums(residual[None]), groups)[0])
    coverage = float(hit[inside].sum() / max(hit.sum(), 1))
    return Measured(count, base, density, wrong, coverage, count >= LEAST_RUNS and density - base > Z95 * wrong)


def resampled(run: Run, limits: Mapping[str, tuple[float, float]], among: Mapping[str, frozenset[str]], seed: int) -> dict[str, float]:
    """For each limit (the readings are one): share of resamples of families in which it does not raise the density."""
    groups = clusters(run.kin)
    weight = np.random.default_rng([seed, 0xB0]).multinomial(groups.count, np.full(groups.count, 1 / groups.count), size=DRAWS)

    def densities(some: Mapping[str, Any], kinds: Mapping[str, Any]) -> np.ndarray:
        inside = discovery.inside(run.frame, some, kinds)
        sums = groups.sums(np.stack([(run.cases & inside).astype(float), inside.astype(float)]))
        drawn = weight @ sums.T
        return np.asarray(drawn[:, 0] / np.maximum(drawn[:, 1], 1.0))

    whole = densities(limits, among)
    out = {n: float((whole <= densities({k: v for k, v in limits.items() if k != n}, among)).mean()) for n in limits}
    return out | ({READING: float((whole <= densities(limits, {})).mean())} if among else {})
