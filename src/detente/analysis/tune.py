"""When and how much: packages of some levers, each lever at a share of its shipped effect and from a date of its own, by evolution.

A plan gives every lever a dose (share of the shipped effect range; below `LEAST` it is not pulled) and a start (not before the shipped one). Scores are
means of the outcomes under each reading, apart: ε-NSGA-II (Kollat & Reed 2006, by platypus-opt, which ema_workbench brings) seeks plans that no other
one matches everywhere. All plans share their luck. What evolution finds is the best of many tries on that luck and flatters itself, so the plans kept
are measured again on fresh luck; every figure told is from there, and so are regret (against the best plan kept) and front.
"""

from __future__ import annotations

import random  # noqa: TID251 platypus draws from it: seeded here, and put back as it was
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis import measures, race
from detente.analysis.project import Learned, common, future_years, projector
from detente.analysis.search import Bench, Tick, _chosen, _scores, _surer, default_outcomes, objectives
from detente.analysis.spread import clusters, error
from detente.engine.simulate import Runner
from detente.scenario import ScenarioError

LEAST = 0.1
"""Dose below which a lever is not pulled."""
FRESH = 4
"""Futures of fresh luck for each one that evolution saw."""
MOST = 6
"""Levers to tune where none are named: twice as many figures are sought."""
POPULATION = 24
KEPT = 60
"""Plans at most that are measured again: of more, those of the least largest regret."""


@dataclass
class Field:
    """Where plans are run: starting points of all theories side by side on the axis of futures, and what each lever does there."""

    bench: Bench
    theta: np.ndarray
    luck: np.ndarray
    state: dict[str, np.ndarray]
    each: np.ndarray
    """Doses of each lever alone at full effect [lever, row, future]."""
    spans: np.ndarray
    earliest: np.ndarray
    latest: float
    futures: int

    def scores(self, plan: np.ndarray) -> np.ndarray:
        """Scores [objective, theory, future] of a plan [2·lever]: doses, then starts, all as shares of what is allowed."""
        dose, start = self.read(plan)
        doses = np.einsum("m,mrf->rf", dose, self.each)
        spans = self.spans.copy()
        for m, rows in enumerate((self.each != 0).any(axis=-1)):
            spans[rows, 0] = np.maximum(spans[rows, 0], start[m])
        batch = self.bench.runner.future(self.theta, self.luck, self.state, doses.astype(np.float32), spans)
        self.bench.simulated += self.theta.shape[1]
        return _scores(self.bench, batch.state).reshape(len(self.bench.objectives), len(self.bench.ready), self.futures)

    def read(self, plan: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(dose, start in years, to the quarter) of each lever; the same plan is always the same figures."""
        count = len(self.earliest)
        dose = np.round(np.asarray(plan[:count], float), 2)
        start = self.earliest + np.asarray(plan[count:], float) * (self.latest - self.earliest)
        return np.where(dose < LEAST, 0.0, dose), np.round(4 * start) / 4


def field(bench: Bench, learned: Mapping[str, Learned], futures: int, seed: int) -> Field:
    """All theories of the bench on the luck of a seed."""
    model = bench.runner.model
    shared = common(model, futures, seed)
    ready = {name: projector(bench.runner, posterior, shared) for name, posterior in learned.items()}
    bench.ready = ready
    each, spans = measures.doses(model, bench.chosen, shared.uniform)
    many = len(ready)
    earliest = np.array([min(u.start for u in m.uses) for m in bench.chosen])
    return Field(
        bench,
        np.concatenate([r.theta for r in ready.values()], axis=-1),
        np.tile(shared.luck, many),
        {k: np.concatenate([r.state[k] for r in ready.values()], axis=-1) for k in next(iter(ready.values())).state},
        np.tile(each, many),
        spans,
        earliest,
        max(float(future_years(model)[-1]), float(earliest.max())),
        futures,
    )


def tune(
    runner: Runner,
    learned: Mapping[str, Learned],
    levers: Sequence[str] | None = None,
    outcomes: Sequence[str] = (),
    futures: int = 64,
    evaluations: int = 480,
    most: int = MOST,
    seed: int = 1,
    tick: Tick = lambda text, done, total: None,
) -> xr.Dataset:
    """Plans of the levers (None: the `most` that alone move the outcomes most) that no other plan found matches under every theory.

    `futures` per theory and plan while evolving, FRESH times as many when measured again. Dimensions plan (least largest regret first; among them
    `none` and `full`: every lever in full from its shipped start), lever, objective, theory. Raises ScenarioError, or ModuleNotFoundError
    without platypus-opt.
    """
    model = runner.model
    found = objectives(model, outcomes or default_outcomes(model))
    if not found or not learned:
        raise ScenarioError("nothing to tune by: no outcome with a better direction, or no theory")
    order = np.arange(futures)
    start = common(model, futures, seed)
    ready = {name: projector(runner, posterior, start) for name, posterior in learned.items()}
    bench = Bench(runner, start, ready, (), np.zeros((1, 0), bool), order, found)
    bench.objectives = _surer(bench, order[: min(128, futures)])
    bench.chosen = _chosen(bench, measures.measures(model), levers, most)[0]
    bench.tiles.clear()
    here = field(bench, learned, futures, seed)
    plans = _evolve(here, evaluations, seed, tick)
    return _measured(here, learned, plans, futures * FRESH, seed, tick)


def _evolve(here: Field, evaluations: int, seed: int, tick: Tick) -> np.ndarray:
    """Plans [plan, 2·lever] of the archive, no change and everything in full before them."""
    try:
        from platypus import EpsNSGAII, InjectedPopulation, Problem, Real, Solution
    except ImportError:
        raise ModuleNotFoundError("tuning of dates and doses needs platypus-opt: install detente[explore]", name="platypus") from None
    size, seen = 2 * len(here.earliest), dict[bytes, list[float]]()
    tolerance = np.repeat([o.tolerance for o in here.bench.objectives], len(here.bench.ready))

    def worth(variables: Sequence[float]) -> list[float]:
        plan = np.asarray(variables, float)
        key = np.concatenate(here.read(plan)).tobytes()
        if key not in seen:
            tick(f"{len(seen):,} plans tried", len(seen), evaluations)
            seen[key] = (-here.scores(plan).mean(axis=-1, dtype=np.float64)).reshape(-1).tolist()
        return seen[key]

    problem = Problem(size, len(tolerance), function=worth)
    problem.types[:] = [Real(0.0, 1.0) for _ in range(size)]
    first = _first(len(here.earliest))

    def solution(plan: np.ndarray) -> Any:
        one = Solution(problem)
        one.variables[:] = plan.tolist()
        return one

    state = random.getstate()  # the library draws from the process-wide generator
    random.seed(seed)
    try:
        generator = InjectedPopulation([solution(p) for p in first])
        search = EpsNSGAII(problem, tolerance.tolist(), population_size=POPULATION, generator=generator)
        search.run(evaluations)
    finally:
        random.setstate(state)
    kept = np.array([list(s.variables) for s in search.result], float).reshape(-1, size)
    if len(kept) > KEPT:
        score = np.array([worth(p.tolist()) for p in kept]) / tolerance
        kept = kept[np.argsort((score - score.min(axis=0)).max(axis=1), kind="stable")[:KEPT]]
    return np.concatenate([first[:2], kept])


def _first(count: int) -> np.ndarray:
    """Plans that evolution begins with: nothing, everything in full at once, and each lever alone in full."""
    alone = np.concatenate([np.eye(count), np.zeros((count, count))], axis=1)
    return np.concatenate([np.zeros((1, 2 * count)), np.concatenate([np.ones(count), np.zeros(count)])[None], alone])


def _measured(here: Field, learned: Mapping[str, Learned], plans: np.ndarray, futures: int, seed: int, tick: Tick) -> xr.Dataset:
    """The plans again, on fresh luck."""
    bench = here.bench
    read = np.array([np.concatenate(here.read(p)) for p in plans])
    read[:, len(here.earliest) :][read[:, : len(here.earliest)] == 0.0] = np.nan
    _, once = np.unique(np.nan_to_num(read, nan=-1.0), axis=0, return_index=True)
    plans, read = plans[np.sort(once)], read[np.sort(once)]
    again = field(bench, learned, futures, seed + 1)
    scores = []
    for k, plan in enumerate(plans):
        tick(f"measured again on fresh luck: {len(plans)} plans", k, len(plans))
        scores.append(again.scores(plan))
    return _told(again, read, np.stack(scores, axis=2))


def _told(here: Field, read: np.ndarray, values: np.ndarray) -> xr.Dataset:
    """Regrets on the luck of `here`; values [objective, theory, plan, future]."""
    bench, count = here.bench, len(here.earliest)
    mean = values.mean(axis=-1, dtype=np.float64)
    leader = mean.argmax(axis=-1)
    regret = mean.max(axis=-1, keepdims=True) - mean
    wrong = np.zeros(mean.shape)
    for j, ready in enumerate(bench.ready.values()):
        kin = clusters(ready.family)
        for k in range(len(bench.objectives)):
            wrong[k, j] = error(values[k, j, leader[k, j]] - values[k, j], kin)
    tolerance = np.array([o.tolerance for o in bench.objectives])
    worst = (regret / tolerance[:, None, None]).reshape(-1, mean.shape[-1])
    order = np.lexsort((np.arange(len(read)), worst.max(axis=0)))
    sign = np.array([o.sign for o in bench.objectives])[:, None, None]
    full = (read[:, :count] == 1.0).all(axis=1) & (read[:, count:] == np.round(4 * here.earliest) / 4).all(axis=1)
    names = np.where(full, "full", np.where((read[:, :count] == 0.0).all(axis=1), "none", ""))
    opt = ("objective", "theory", "plan")
    return xr.Dataset(
        {
            "dose": (("plan", "lever"), read[order, :count]),
            "start": (("plan", "lever"), read[order, count:]),
            "known_as": (("plan",), names[order].astype(object)),
            "mean": (opt, (mean * sign)[..., order]),
            "regret": (opt, regret[..., order]),
            "regret_error": (opt, wrong[..., order]),
            "worst": (("plan",), worst.max(axis=0)[order]),
            "worst_at": (("plan",), worst.argmax(axis=0)[order]),
            "front": (("plan",), race.front(mean.reshape(-1, mean.shape[-1]).T)[order]),
        },
        coords=_coords(here),
        attrs=_attrs(here),
    )


def _coords(here: Field) -> dict[str, Any]:
    bench, theories = here.bench, here.bench.runner.model.scenario.theories

    def words(values: Any) -> np.ndarray:
        return np.array(list(values), dtype=object)

    return {
        "lever": words(m.lever for m in bench.chosen),
        "meaning": ("lever", words(m.meaning for m in bench.chosen)),
        "earliest": ("lever", here.earliest),
        "theory": words(bench.ready),
        "argument": ("theory", words(theories[t].argument if t in theories else t for t in bench.ready)),
        "objective": words(o.item.name for o in bench.objectives),
        "unit": ("objective", words(o.unit for o in bench.objectives)),
        "share": ("objective", np.array([o.share for o in bench.objectives])),
        "tolerance": ("objective", np.array([o.tolerance for o in bench.objectives])),
    }


def _attrs(here: Field) -> dict[str, Any]:
    scenario = here.bench.runner.model.scenario
    return {
        "scenario": scenario.id,
        "as_of": scenario.as_of.isoformat(),
        "futures": here.futures,
        "latest": here.latest,
        "simulated": here.bench.simulated,
    }
