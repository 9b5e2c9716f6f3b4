"""The smallest sets of conditions that make a question's answer likely: levers pulled, and unknowns on one side of their middle.

Every lever alone, then the strongest ones two and three at a time, the others left alone; within each, every unknown that matters above or below its
median in what the reading has learnt, one or two at a time. Sets are sought on one half of the families of futures and measured on the other half.
Many are measured there, and the luckiest would pass by luck alone: intervals hold for all of them together (Bonferroni).
Levers that set the state of the channel asked about are no conditions for it: they would answer by decree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import norm

from detente.analysis.measures import Measure, measures, waiting
from detente.analysis.outcomes import OUTCOMES, Item, evaluate, items
from detente.analysis.project import Learned, common, projector
from detente.analysis.questions import CHANNEL_LEVERS
from detente.analysis.search import Bench, Objective, run
from detente.analysis.spread import Clusters, clusters, residual_error
from detente.engine.simulate import Runner
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

Z95 = 1.959963984540054
STRONGEST_LEVERS = 7
UNKNOWNS = 6
"""Unknowns of a reading among which conditions are sought."""
LEAST = 20
"""Futures of a half that must meet a set before anything is said of it."""
TOLD = 3
ANSWERED_BY: Mapping[str, tuple[str, ...]] = {
    "Q1": ("war",),
    "Q2": ("crisis",),
    "Q3": ("containment",),
    "Q4": ("joint",),
    "Q5": ("reopened",),
}
"""Outcomes of the questions that `questions` answers, where a scenario names none of its own."""
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Event:
    """What is asked: the item, and the event in words and as a function of the last state [future] bool."""

    question: str
    item: Item
    words: str
    happens: Callable[[Mapping[str, np.ndarray]], np.ndarray]
    channel: str = ""
    """The channel whose own levers are no conditions."""


@dataclass(frozen=True)
class Side:
    """An unknown above (or below) its median in what a reading has learnt."""

    parameter: str
    above: bool
    median: float


@dataclass(frozen=True)
class Found:
    """A set of conditions under one reading, on the half of futures not used in finding it.

    `share` of futures in which the event happens, its standard error, futures that meet the set, share of the reading's particles that do;
    `sure`: the lower end of its interval is at or above the threshold, `z` standard errors below the share, so that 95 % hold for all sets
    that were measured under this reading together.
    """

    levers: tuple[str, ...]
    sides: tuple[Side, ...]
    share: float
    error: float
    futures: int
    met: float
    sure: bool
    z: float = Z95

    @property
    def size(self) -> int:
        """Number of conditions."""
        return len(self.levers) + len(self.sides)


@dataclass(frozen=True)
class Answer:
    """Under one reading: the share with no condition, the smallest sets that reach the threshold, the best of all where none does."""

    theory: str
    base: float
    base_error: float
    sets: tuple[Found, ...]
    best: Found | None


@dataclass(frozen=True)
class Conditions:
    """Everything that was found; `levers_only`: by set of levers, (share, error) under each theory, in the order of `theories`."""

    event: Event
    threshold: float
    theories: tuple[str, ...]
    answers: tuple[Answer, ...]
    levers_only: Mapping[tuple[str, ...], tuple[tuple[float, float], ...]]
    left_out: tuple[str, ...]
    futures: int
    simulated: int
    waiting: tuple[str, ...] = ()
    """Levers that packages pull only once a condition is met: no conditions here."""

    @property
    def z(self) -> float:
        """Standard errors of an interval that holds for all sets of levers together."""
        return critical(len(self.levers_only))


def critical(count: int, level: float = 0.05) -> float:
    """Half width in standard errors of intervals that hold for `count` of them together."""
    return float(norm.isf(level / 2 / max(count, 1)))


def event(model: Any, question: str, by: float | None = None, level: float | None = None, unlikely: bool = False) -> Event:
    """What a question asks, as an event. `by`: the end of which year (of a reopening only); `level`: where the outcome is no share.

    Raises ScenarioError on a question that does not exist or has no outcome here.
    """
    scenario = model.scenario
    if question not in scenario.questions:
        raise ScenarioError(unknown("question", question, scenario.questions))
    first = scenario.questions[question].outcome or ANSWERED_BY.get(question, ())
    known = [i for i in items(model) if i.outcome in first]
    if not known:
        raise ScenarioError(f"{question}: the model has no outcome that answers it")
    item = min(known, key=lambda i: (first.index(i.outcome), not _main(scenario, i)))
    channel = item.element if OUTCOMES[item.outcome].axis == "channel" else ""
    if by is not None and item.outcome != "reopened":
        raise ScenarioError(f"{item.name}: no date is kept of it; leave --by out")
    return Event(question, item, *_event(model, item, by, level, unlikely), channel)


def _main(scenario: Any, item: Item) -> bool:
    """Does an item stand for the scenario as a whole: the mission's channel, the first rivalry, the first bloc?"""
    missions = [c for c, channel in scenario.channels.items() if channel.mission]
    return item.element in (*missions, *list(scenario.rivalries)[:1], *list(scenario.blocs)[:1], "")


def _event(model: Any, item: Item, by: float | None, level: float | None, unlikely: bool) -> tuple[str, Any]:
    meant = OUTCOMES[item.outcome]
    not_ = " does not hold:" if unlikely else ""
    if by is not None:
        place = list(model.world.axes["channel"]).index(item.element)
        return (
            f"{not_} {item.name} by the end of {by:.0f}".strip(),
            lambda s: ((s["reopened"][place] > 1.0) & (s["reopened"][place] < by + 1.0)) != unlikely,
        )
    if meant.share:
        return f"{not_} {item.name}".strip(), lambda s: (evaluate(model, s, [item])[0] > 0.5) != unlikely
    if level is None:
        raise ScenarioError(f"{item.name} is no share of futures: say with --level from which value on it counts ({meant.unit})")
    return f"{not_} {item.name} at or above {level:g}".strip(), lambda s: (evaluate(model, s, [item])[0] >= level) != unlikely


def allowed(model: Any, channel: str) -> tuple[dict[str, Measure], tuple[str, ...]]:
    """Levers that may be conditions, and those left out (whole, or on that channel): what sets the state of the channel itself."""
    kept, out = {}, []
    for name, m in measures(model).items():
        uses = tuple(u for u in m.uses if not (channel and name in CHANNEL_LEVERS and (not u.on or channel in u.on)))
        if len(uses) < len(m.uses):
            out.append(name)
        if uses:
            kept[name] = replace(m, uses=uses)
    return kept, tuple(out)


def conditions(
    runner: Runner,
    learned: Mapping[str, Learned],
    asked: Event,
    threshold: float = 0.5,
    futures: int = 512,
    most: int = 3,
    seed: int = 1,
    tick: Tick = lambda text, done, total: None,
) -> Conditions:
    """The smallest sets of at most `most` conditions under which the event happens in at least `threshold` of futures, reading by reading."""
    model = runner.model
    known, left_out = allowed(model, asked.channel)
    names = list(known)
    shared = common(model, futures, seed)
    ready = {t: projector(runner, p, shared) for t, p in learned.items()}
    one = Objective(asked.item, 1.0, True, "")
    bench = Bench(runner, shared, ready, tuple(known.values()), np.zeros((0, len(names)), bool), np.arange(futures), (one,))
    bench.scorer = lambda state: asked.happens(state)[None]
    single = [(), *((k,) for k in range(len(names)))]
    values = _values(bench, single, tick, 0, 2)
    gain = np.max([v[1:].mean(axis=1) - v[0].mean() for v in values.values()], axis=0) if names else np.zeros(0)
    strong = np.argsort(-gain, kind="stable")[:STRONGEST_LEVERS]
    more = [tuple(sorted(int(k) for k in c)) for size in range(2, min(most, 3) + 1) for c in combinations(strong, size)]
    further = _values(bench, more, tick, 1, 2) if more else {t: np.zeros((0, futures), bool) for t in ready}
    packages = [tuple(names[k] for k in p) for p in (*single, *more)]
    whole = {t: np.concatenate([values[t], further[t]]) for t in ready}
    answers = tuple(_answer(model, t, ready[t], packages, whole[t], threshold, most, seed) for t in ready)
    only = {p: tuple(_share(whole[t][k], np.ones(futures, bool), clusters(ready[t].family)) for t in ready) for k, p in enumerate(packages)}
    waits = tuple(waiting(model))
    return Conditions(asked, threshold, tuple(ready), answers, only, left_out, futures, bench.simulated, waits)


def _values(bench: Bench, packages: Sequence[tuple[int, ...]], tick: Tick, stage: int, stages: int) -> dict[str, np.ndarray]:
    """Does the event happen? bool [package, future] by theory."""
    bench.member = np.zeros((len(packages), len(bench.chosen)), bool)
    for k, pulled in enumerate(packages):
        bench.member[k, list(pulled)] = True
    out = {}
    for j, theory in enumerate(bench.ready):
        tick(f"{len(packages)} sets of levers: {theory}", stage * len(bench.ready) + j, stages * len(bench.ready))
        out[theory] = run(bench, theory, np.arange(len(packages)), bench.order)[0][0] > 0.5
    return out


# ------------------------------------------------------------------------------------------------------------------- the sets


def _answer(
    model: Any, theory: str, ready: Any, packages: Sequence[tuple[str, ...]], happens: np.ndarray, threshold: float, most: int, seed: int
) -> Answer:
    kin = ready.family if len(np.unique(ready.family)) > 40 else ready.cluster  # too few families to halve
    kinds = np.random.default_rng([seed, 0xC0]).permutation(np.unique(kin))
    first = np.isin(kin, kinds[: (len(kinds) + 1) // 2])
    groups, second = clusters(kin[~first]), ~first
    base = _share(happens[0], np.ones(len(kin), bool), clusters(ready.family))
    sides = _sides(model, ready, happens, first)
    tried = list(_sought(packages, sides, happens, first, threshold, most))
    reach = [c for c in tried if c[0] >= threshold]
    fewest = min((c[1] for c in reach), default=0)
    ranked = sorted((c for c in reach if c[1] <= fewest + 1), key=lambda c: (c[1], -c[0]))
    measured = ranked[: 10 * TOLD]
    z = critical(len(measured))
    found = [_found(packages, happens, second, groups, c, threshold, z) for c in measured]
    sure = [f for f in found if f.sure]
    size = min((f.size for f in sure), default=-1)
    best = max(tried, key=lambda c: c[0], default=None)
    told = tuple(sorted((f for f in sure if f.size == size), key=lambda f: -f.share)[:TOLD])
    return Answer(theory, *base, told, None if told or best is None else _found(packages, happens, second, groups, best, threshold, z))


def _sides(model: Any, ready: Any, happens: np.ndarray, first: np.ndarray) -> list[tuple[Side, np.ndarray]]:
    """The unknowns that matter most on the first half, above and below their median, with the futures that meet each."""
    from detente.analysis.packages import strength

    rows = [k for k, r in enumerate(model.rows) if r.group != "record"]
    x = ready.theta[rows]
    power = strength(x[:, first], happens[:, first].mean(axis=0))
    out = []
    for k in np.argsort(-power, kind="stable")[:UNKNOWNS]:
        if power[k] <= 0 or np.ptp(x[k]) == 0:
            continue
        middle = float(np.median(x[k]))
        name = model.rows[rows[k]].name
        out += [(Side(name, True, middle), x[k] > middle), (Side(name, False, middle), x[k] <= middle)]
    return out


Candidate = tuple[float, int, int, tuple[Side, ...], np.ndarray]
"""Share on the first half, number of conditions, place of the package, sides, futures that meet them."""


def _sought(
    packages: Sequence[tuple[str, ...]],
    sides: Sequence[tuple[Side, np.ndarray]],
    happens: np.ndarray,
    first: np.ndarray,
    threshold: float,
    most: int,
) -> list[Candidate]:
    """Every set of at most `most` conditions that enough futures of the first half meet."""
    pairs = [(a, b) for a, b in combinations(sides, 2) if a[0].parameter != b[0].parameter]
    every: list[tuple[tuple[Side, ...], np.ndarray]] = [((), np.ones(len(first), bool)), *(((s,), m) for s, m in sides)]
    every += [((a[0], b[0]), a[1] & b[1]) for a, b in pairs]
    out: list[Candidate] = []
    for chosen, meets in every:
        mine = meets & first
        if mine.sum() < LEAST:
            continue
        share = happens[:, mine].mean(axis=1)
        for k, pulled in enumerate(packages):
            size = len(pulled) + len(chosen)
            if size <= most:
                out.append((float(share[k]), size, k, chosen, meets))
    return out


def _found(
    packages: Sequence[tuple[str, ...]], happens: np.ndarray, second: np.ndarray, groups: Clusters, c: Candidate, threshold: float, z: float
) -> Found:
    _, _, k, chosen, meets = c
    mine = meets[second]
    share, wrong = _share(happens[k][second], mine, groups) if mine.sum() >= LEAST else (float("nan"), float("inf"))
    return Found(packages[k], chosen, share, wrong, int(mine.sum()), float(meets.mean()), bool(share - z * wrong >= threshold), z)


def _share(hit: np.ndarray, mine: np.ndarray, groups: Clusters) -> tuple[float, float]:
    """Share of hits among `mine` and its standard error, clusters kept whole; never surer than one miss in all would be."""
    share, part = float(hit[mine].mean()), mine.mean()
    wrong = float(residual_error(groups.sums(((hit - share) * mine / part)[None]), groups)[0])
    met = max(int((groups.sums(mine[None].astype(float))[0] > 0).sum()), 1)
    return share, max(wrong, 0.5 / met)
