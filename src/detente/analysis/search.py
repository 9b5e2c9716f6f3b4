"""Every package of some levers, under every theory: which are worth having, by successive elimination on common luck.

All subsets of the levers are projected, first over few futures each, then those not set aside (`race`) over twice as many, and so on. Scores stay
apart by theory and outcome: no sum, no average. What is left is told as

    regret     best mean over the packages left − own mean, per theory and outcome
    front      packages that no other one matches everywhere and beats somewhere
    smallest   packages of the fewest levers whose largest regret is within `reach` of the least possible one

An outcome of the ladder is measured by the accumulated hazard of entry where that is surer than the count; both are unbiased.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import xarray as xr

from detente.analysis import measures, race
from detente.analysis.outcomes import OUTCOMES, Item, elements, evaluate, items
from detente.analysis.project import Common, Learned, Projector, common, projector
from detente.analysis.signing import Ask, Signing, signing, worths
from detente.analysis.spread import clusters, error
from detente.engine.simulate import WIDTH, Runner, workers
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

MOST_LEVERS = 14
"""2^14 packages: the most that are searched exhaustively."""
RUNG = {"crisis": 2, "clash": 3, "war": 4}
SHARE_TOLERANCE = 0.005
"""Half a future in a hundred: a smaller difference is nothing to anyone."""
SPREAD_TOLERANCE = 0.02
"""The same for other outcomes, in standard deviations of the futures under no change."""
CHUNKS = 8
"""Chunks of futures a core takes at a time."""
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Objective:
    """One outcome as a score: `sign` turns it so that more is better; `hazard` the place [rung, rivalry] of its accumulated hazard."""

    item: Item
    sign: float
    share: bool
    unit: str
    tolerance: float = SHARE_TOLERANCE
    hazard: tuple[int, int] | None = None


@dataclass
class Bench:
    """What is being searched: packages [package, measure] as a mask, one ready projector per theory, luck in a fixed random order."""

    runner: Runner
    shared: Common
    ready: dict[str, Projector]
    chosen: tuple[measures.Measure, ...]
    member: np.ndarray
    order: np.ndarray
    objectives: tuple[Objective, ...]
    signing: Signing | None = None
    simulated: int = 0
    tiles: dict[Any, Any] = field(default_factory=dict)
    scorer: Callable[[Mapping[str, np.ndarray]], np.ndarray] | None = None
    """Scores [objective, future] from the last state, where they are not the outcomes themselves."""

    @property
    def size(self) -> np.ndarray:
        """Number of levers [package]."""
        return self.member.sum(axis=1)


def objectives(model: Any, names: Sequence[str]) -> tuple[Objective, ...]:
    """Outcomes named as `clash[a]` or `joint`; a bare name with an axis means its first element. Raises ScenarioError."""
    known = {i.name: i for i in items(model)}
    out = []
    for name in names:
        if name not in known and name in OUTCOMES and OUTCOMES[name].axis and (first := list(elements(model, name))[:1]):
            name = f"{name}[{first[0]}]"
        if name not in known:
            raise ScenarioError(unknown("outcome", name, known))
        item = known[name]
        meant = OUTCOMES[item.outcome]
        if meant.better is None:
            raise ScenarioError(f"{name} has no better direction: what is good is a matter of opinion there; name another outcome")
        place = (RUNG[item.outcome], list(elements(model, item.outcome)).index(item.element)) if item.outcome in RUNG else None
        out.append(Objective(item, 1.0 if meant.better == "above" else -1.0, meant.share, meant.unit, hazard=place))
    order = list(dict.fromkeys(o.item.outcome for o in out))  # as `evaluate` returns them
    return tuple(sorted(out, key=lambda o: order.index(o.item.outcome)))


def default_outcomes(model: Any) -> tuple[str, ...]:
    """An armed clash or worse in the first direct rivalry; else the first outcome with a better direction."""
    first = next((r for r, x in model.scenario.rivalries.items() if x.kind == "direct"), None)
    known = [i.name for i in items(model) if OUTCOMES[i.outcome].better]
    return tuple(n for n in (f"clash[{first}]", *known) if n in known)[:1]


def search(
    runner: Runner,
    learned: Mapping[str, Learned],
    levers: Sequence[str] | None = None,
    outcomes: Sequence[str] = (),
    futures: int = 256,
    first: int = 32,
    most: int = 12,
    confidence: float = 0.95,
    reach: float = 0.02,
    ask: Ask | None = None,
    seed: int = 1,
    tick: Tick = lambda text, done, total: None,
) -> xr.Dataset:
    """All packages of `levers` (None: the `most` that alone move the outcomes most) under every theory of `learned`.

    `futures` each at most, beginning with `first`. `confidence` holds for all eliminations together, given what was learnt. `reach`: how much
    more of the largest regret is accepted for a smaller package (a share: 0.02 is two futures in a hundred; others in the same ratio to their
    tolerance). `ask`: only packages that all would sign.
    Dimensions package (those left, fewest levers first), theory, objective, lever, round, subset. Raises ScenarioError.
    """
    model = runner.model
    found = objectives(model, outcomes or default_outcomes(model))
    if not found or not learned:
        raise ScenarioError("nothing to search by: no outcome with a better direction, or no theory")
    shared = common(model, futures, seed)
    ready = {name: projector(runner, posterior, shared) for name, posterior in learned.items()}
    order = np.random.default_rng([seed, 0x5EA]).permutation(futures)
    known = measures.measures(model)
    bench = Bench(runner, shared, ready, (), np.zeros((1, 0), bool), order, found)
    bench.objectives = _surer(bench, order[: min(128, futures)])
    chosen, left_out = _chosen(bench, known, levers, most)
    bench.chosen, bench.member = chosen, _subsets(len(chosen))
    bench.signing = None if ask is None else signing(model, bench.member, chosen, tuple(ready), ask)
    bench.tiles.clear()
    return _search(bench, left_out, _schedule(first, futures), confidence, reach, tick)


def _chosen(bench: Bench, known: Mapping[str, Any], asked: Sequence[str] | None, most: int) -> tuple[Any, dict[str, float]]:
    """The measures to search, and of those left out by screening how much they move the outcomes alone, in tolerances."""
    if asked is not None:
        names = [m.lever for m in measures.named(bench.runner.model, asked)]
    else:
        names = list(known)
    if not names:
        raise ScenarioError("no package pulls a lever: nothing to search", "policies")
    if asked is not None and len(names) > MOST_LEVERS:
        raise ScenarioError(f"{len(names)} levers make {2 ** len(names):,} packages; expected at most {MOST_LEVERS}")
    if len(names) <= most or asked is not None:
        return tuple(known[n] for n in names), {}
    moved = _screen(bench, tuple(known.values()))
    kept = set(np.argsort(-moved, kind="stable")[: min(most, MOST_LEVERS)].tolist())
    return tuple(known[n] for k, n in enumerate(names) if k in kept), {n: float(moved[k]) for k, n in enumerate(names) if k not in kept}


def _screen(bench: Bench, every: tuple[Any, ...]) -> np.ndarray:
    """How much each measure alone moves the outcomes [measure]: largest paired difference over theories and outcomes, in tolerances."""
    alone = np.concatenate([np.zeros((1, len(every)), bool), np.eye(len(every), dtype=bool)])
    one = replace(bench, chosen=every, member=alone, tiles={})
    ids = bench.order[: min(128, len(bench.order))]
    scale = np.array([o.tolerance for o in bench.objectives])[:, None]
    moved = [np.abs((x[:, 1:] - x[:, :1]).mean(-1)) / scale for t in bench.ready for x, _ in [run(one, t, np.arange(len(alone)), ids)]]
    bench.simulated += one.simulated
    return np.asarray(np.max(moved, axis=(0, 1)))


def _subsets(count: int) -> np.ndarray:
    """Masks [2^count, count]; the first is empty."""
    return (np.arange(2**count)[:, None] >> np.arange(count)) % 2 > 0


def _schedule(first: int, last: int) -> list[int]:
    out = [min(first, last)]
    while out[-1] < last:
        out.append(min(2 * out[-1], last))
    return out


# ------------------------------------------------------------------------------------------------------------------- simulating


def _surer(bench: Bench, ids: np.ndarray) -> tuple[Objective, ...]:
    """Objectives with a tolerance, and the hazard only where it is surer than the count, by the futures under no change."""
    counted = replace(bench, objectives=tuple(replace(o, hazard=None) for o in bench.objectives), tiles={})
    kin = {t: clusters(r.particle[ids]) for t, r in bench.ready.items()}
    none = np.zeros(1, int)
    by_hazard = {t: run(bench, t, none, ids)[0][:, 0] for t in bench.ready}
    by_count = {t: run(counted, t, none, ids)[0][:, 0] for t in bench.ready}
    bench.simulated += counted.simulated
    out = []
    for k, o in enumerate(bench.objectives):
        wrong = [sum(float(error(x[t][k], kin[t])) for t in bench.ready) for x in (by_hazard, by_count)]
        spread = float(np.mean([by_count[t][k].std() for t in bench.ready]))
        tolerance = SHARE_TOLERANCE if o.share else max(SPREAD_TOLERANCE * spread, 1e-9)
        out.append(replace(o, tolerance=tolerance, hazard=o.hazard if wrong[0] < wrong[1] else None))
    return tuple(out)


def run(bench: Bench, theory: str, packages: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Scores float32 [objective, package, future] of packages over the futures `ids`, and worths [party, package, future] where asked for."""
    size = CHUNKS * WIDTH * workers()
    per = max(size // len(ids), 1)
    theta, luck, state, each, spans = _tiled(bench, theory, ids, per)
    scores, worth = [], []
    for start in range(0, len(packages), per):
        mine = packages[start : start + per]
        member = np.zeros((per, len(bench.chosen)), np.float32)
        member[: len(mine)] = bench.member[mine]
        doses = np.einsum("pm,mrf->rpf", member, each).reshape(len(spans), -1)
        # As many as a call holds, or a chunk a core: two sizes, two compilations.
        used = len(mine) * len(ids)
        cut = slice(0, min(WIDTH * workers(), doses.shape[1]) if used <= WIDTH * workers() else doses.shape[1])
        batch = bench.runner.future(theta[:, cut], luck[..., cut], {k: v[..., cut] for k, v in state.items()}, doses[:, cut], spans)
        bench.simulated += used
        last = {k: v[..., :used] for k, v in batch.state.items()}
        scores.append(_scores(bench, last).reshape(len(bench.objectives), len(mine), len(ids)))
        if bench.signing is not None:
            worth.append(worths(bench.signing, bench.runner.model, last).reshape(-1, len(mine), len(ids)))
    return np.concatenate(scores, axis=1), np.concatenate(worth, axis=1) if worth else None


def _tiled(bench: Bench, theory: str, ids: np.ndarray, per: int) -> Any:
    """Starting points of the futures, repeated for as many packages as one call holds; kept for one theory and round at a time."""
    key = (theory, ids.tobytes(), per, len(bench.chosen))
    if key not in bench.tiles:
        bench.tiles.clear()
        r, place = bench.ready[theory], np.tile(ids, per)
        each, spans = measures.doses(bench.runner.model, bench.chosen, bench.shared.uniform[:, ids])
        state = {k: v[..., place] for k, v in r.state.items()}
        bench.tiles[key] = (r.theta[:, place], bench.shared.luck[..., place], state, each, spans)
    return bench.tiles[key]


def _scores(bench: Bench, state: Mapping[str, np.ndarray]) -> np.ndarray:
    if bench.scorer is not None:
        return bench.scorer(state).astype(np.float32)
    counted = evaluate(bench.runner.model, state, [o.item for o in bench.objectives])
    rows = [o.sign * (counted[k] if o.hazard is None else state["hazard"][o.hazard]) for k, o in enumerate(bench.objectives)]
    return np.stack(rows).astype(np.float32)


# ------------------------------------------------------------------------------------------------------------------ eliminating


def _search(
    bench: Bench, left_out: Mapping[str, float], schedule: Sequence[int], confidence: float, reach: float, tick: Tick
) -> xr.Dataset:
    count, theories = len(bench.member), list(bench.ready)
    values = np.full((len(bench.objectives), len(theories), count, schedule[-1]), np.nan, np.float32)
    alive, beaten_by, seen = np.ones(count, bool), np.full(count, -1), np.zeros(count, int)
    reason = np.zeros(count, np.int8)
    level = (1.0 - confidence) / (count * max(count - 1, 1) * len(schedule))
    rows, effects, start = [], None, 0
    spare = np.zeros(count, bool)
    spare[0] = True
    for k, upto in enumerate(schedule):
        ids, place = bench.order[start:upto], np.flatnonzero(alive)
        for j, theory in enumerate(theories):
            tick(f"{len(place):,} packages, {upto} futures each: {theory}", k * len(theories) + j, len(schedule) * len(theories))
            scores, worth = run(bench, theory, place, ids)
            values[:, j, place, start:upto] = scores
            if bench.signing is not None and worth is not None:
                bench.signing.add(theory, place, worth)
        seen[place], start = upto, upto
        criteria = _criteria(bench, values[:, :, place, :upto])
        effects = _effects(bench, values[..., :upto]) if k == 0 else effects
        refused, able = _signable(bench, place, level)
        found = race.eliminate(criteria, bench.size[place], level, spare[place] | refused, able)
        lost = ~found.kept
        beaten_by[place[lost]] = place[found.beaten_by[lost]]
        reason[place[lost]], reason[place[refused]] = 1, 2
        gone = lost | refused
        rows.append((upto, len(place), int(lost.sum()), int(refused.sum())))
        alive[place[gone]] = False
    assert effects is not None
    direct = _direct(bench, values, alive, beaten_by, seen, level)
    from detente.analysis.search_result import build  # it reads this module's own kinds

    trace = Trace(beaten_by, seen, reason, tuple(rows), level, direct, effects, left_out, confidence)
    return build(bench, values, alive, trace, reach)


def _criteria(bench: Bench, values: np.ndarray) -> list[race.Criterion]:
    """One criterion per objective and theory of values [objective, theory, package, future]."""
    kin = [clusters(r.particle[bench.order[: values.shape[-1]]]) for r in bench.ready.values()]
    return [race.criterion(values[k, j], kin[j], o.tolerance) for k, o in enumerate(bench.objectives) for j in range(values.shape[1])]


def _signable(bench: Bench, place: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """(surely refused by somebody, surely signed by all) [package] so far; nobody is asked where signing is not."""
    if bench.signing is None:
        return np.zeros(len(place), bool), np.ones(len(place), bool)
    return bench.signing.verdicts(place, level)


def _effects(bench: Bench, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean effect of each lever over all packages of the others, and its error [objective, theory, lever]; before anything is set aside."""
    shape = (*values.shape[:2], len(bench.chosen))
    effect, wrong = np.zeros(shape), np.zeros(shape)
    for j, ready in enumerate(bench.ready.values()):
        kin = clusters(ready.particle[bench.order[: values.shape[-1]]])
        for m in range(len(bench.chosen)):
            has = bench.member[:, m]
            paired = values[:, j, has].mean(axis=1, dtype=np.float64) - values[:, j, ~has].mean(axis=1, dtype=np.float64)
            effect[:, j, m], wrong[:, j, m] = paired.mean(axis=-1), error(paired, kin)
    return effect, wrong


def _direct(bench: Bench, values: np.ndarray, alive: np.ndarray, by: np.ndarray, seen: np.ndarray, level: float) -> int:
    """Of the packages set aside by a match, how many a package that is left matches itself, on the futures seen; the rest by a chain."""
    kept, direct = np.flatnonzero(alive), 0
    for upto in np.unique(seen[by >= 0]):
        gone = np.flatnonzero((by >= 0) & (seen == upto))
        both = np.concatenate([gone, kept])
        criteria = _criteria(bench, values[:, :, both, :upto])
        for start in range(0, len(gone), race.BLOCK):
            rows = np.arange(start, min(start + race.BLOCK, len(gone)))
            found = race.matches(criteria, bench.size[both], rows, np.arange(len(gone), len(both)), level)
            direct += int((found > 0.0).any(axis=1).sum())
    return direct


@dataclass(frozen=True)
class Trace:
    """What happened: by whom each package was set aside (−1: by none), futures seen, why (0 left, 1 matched, 2 refused), a row per round."""

    beaten_by: np.ndarray
    seen: np.ndarray
    reason: np.ndarray
    rows: tuple[tuple[int, int, int, int], ...]
    level: float
    direct: int
    effects: tuple[np.ndarray, np.ndarray]
    left_out: Mapping[str, float]
    confidence: float
