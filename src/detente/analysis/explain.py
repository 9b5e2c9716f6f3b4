"""One future as a causal story: what was entered and when, by which cause, and through which mechanisms, each link checked by leaving it out.

    direct      a state held from the quarter before the entry: how much less likely the entry was in that quarter
    whole       a state held from the start of the futures: does the entry vanish, and how much of the move of another state goes with it
    neutral     a parameter, or all of a mechanism's, at the value at which its effect vanishes
    luck        the same world with other luck: in how many futures it enters the rung at all

A vanished entry is a statement about this future. Near a threshold a small change is enough; that is why the probability of the quarter stands
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis import replay as again
from detente.analysis.outcomes import evaluate, items
from detente.analysis.project import Projector, times
from detente.analysis.replay import Case, Replay
from detente.analysis.series import traced
from detente.contract import CAUSES

LEAST = 0.05
"""A link takes away at least this share of what it leads to."""
DEPTH = 3
PARENTS = 3


@dataclass(frozen=True)
class Entry:
    """First entry into a rung or a higher one: quarter (index), year, the rung entered, cause, and its probability in that quarter."""

    rivalry: str
    rung: int
    step: int
    year: float
    cause: str
    probability: float


@dataclass(frozen=True)
class Link:
    """`source` led to `target`: the share of the target's move (or of the entry's probability) that goes when the source is held."""

    source: str
    target: str
    share: float
    probability: float
    """Of the entry in its quarter, with the source held from the start."""
    vanishes: bool
    """The entry is gone by its quarter, with the source held from the start."""
    level: int
    then: float
    """The source's own mean value over what bears on the rivalry, at the start and in the quarter before the entry."""
    now: float
    toward: float
    """What it is held at."""


@dataclass(frozen=True)
class Without:
    """The future with something neutral or left out: kind, name, does the entry vanish (by its quarter; at all), its probability then."""

    kind: str
    name: str
    vanishes: bool
    never: bool
    probability: float


@dataclass(frozen=True)
class Story:
    """What explains one entry. `chain` from the entry backwards; `without` by kind; `other_luck` share of other lucks that enter it."""

    future: int
    entry: Entry
    chain: tuple[Link, ...]
    without: tuple[Without, ...]
    other_luck: float
    lucks: int
    ablations: int
    replay: Replay


def typical(ready: Projector, policy: Any, rung: int, rivalry: str) -> int | None:
    """The future nearest to the middle of those that enter the rung (or higher) in a rivalry: least sum of distances in ranks of all outcomes.

    None where no future does.
    """
    model = ready.runner.model
    state = ready.run(policy, traced(model)).state  # traced only so that the main job's program serves
    place = model.world.axes["rivalry"].index(rivalry)
    among = np.flatnonzero(state["reached"][rung, place] > 0.5)
    if not len(among):
        return None
    value = evaluate(model, state, items(model))[:, among]
    rank = np.argsort(np.argsort(value, axis=1, kind="stable"), axis=1, kind="stable") / max(len(among) - 1, 1)
    rank = np.where(np.ptp(value, axis=1)[:, None] > 0, rank, 0.5)
    apart = np.abs(rank[:, :, None] - rank[:, None, :]).sum(axis=0).sum(axis=1) if len(among) <= 400 else np.abs(rank - 0.5).sum(axis=0)
    return int(among[np.argmin(apart)])


def entry(found: Replay, rivalry: str, rung: int, case: int = 0) -> Entry | None:
    """First entry of a case into a rung or higher; None where there is none."""
    model = found.model
    place = model.world.axes["rivalry"].index(rivalry)
    course = found.traces["rung"][:, place, case]
    before = np.concatenate([[found.start["rung"][place]], course[:-1]])
    steps = np.flatnonzero((course > rung - 0.5) & (before < rung - 0.5))
    if not len(steps):
        return None
    t = int(steps[0])
    cause = CAUSES[int(found.traces["origin"][t, place, case])]
    chance = float(found.traces["climb"][t, rung, place, case])
    return Entry(rivalry, int(course[t]), t, float(times(model)[1][t]), cause, chance)


def explain(
    ready: Projector,
    policy: Any,
    future: int,
    rung: int,
    rivalry: str,
    program: Callable[..., Any] | None = None,
) -> Story | None:
    """Why the first entry of a future into `rung` (or higher) of a rivalry came about; None where this future has none."""
    model = ready.runner.model
    program = program or again.compiled(model)
    whole = again.cases(model, policy)
    found = again.replay(ready, future, policy, whole, program)
    first = entry(found, rivalry, rung)
    if first is None:
        return None
    direct = tuple(Case("direct", c.name, first.year - 0.25) for c in whole if c.kind == "hold")
    spare = tuple(Case("luck", c.name) for c in whole if c.kind == "luck")[: max(len(whole) - len(direct) - 1, 0)]
    close = again.replay(ready, future, policy, (whole[0], *direct, *spare), program)
    place = model.world.axes["rivalry"].index(rivalry)
    chain = _chain(found, close, first, place, rung)
    reached = found.traces["reached"][-1, rung, place]
    lucks = [k for k, _ in found.of("luck")]
    without = [
        Without(c.kind, c.name, *_gone(found, k, first, place, rung), _probability(found, k, first, place, rung))
        for k, c in enumerate(whole)
        if c.kind in ("neutral", "mechanism", "lever", "hold")
    ]
    return Story(future, first, chain, tuple(without), float(reached[lucks].mean()), len(lucks), len(without), found)


def _gone(found: Replay, case: int, first: Entry, place: int, rung: int) -> tuple[bool, bool]:
    """(no entry by the quarter of the entry, none at all) of a case."""
    reached = found.traces["reached"][:, rung, place, case]
    return bool(reached[first.step] < 0.5), bool(reached[-1] < 0.5)


def _probability(found: Replay, case: int, first: Entry, place: int, rung: int) -> float:
    """Probability of the entry in its quarter; not a number where the case stands on the rung already."""
    before = found.traces["rung"][first.step - 1, place, case] if first.step else found.start["rung"][place]
    return float("nan") if before > rung - 0.5 else float(found.traces["climb"][first.step, rung, place, case])


# ----------------------------------------------------------------------------------------------------------------- the chain


def _chain(found: Replay, close: Replay, first: Entry, place: int, rung: int) -> tuple[Link, ...]:
    """From the entry back: what its equation read, then what moved that, and so on; breadth first, no state twice."""
    model = found.model
    hold = {name: k for k, name in found.of("hold")}
    near = {name: k for k, name in close.of("direct")}
    ladder = next(m for m in model.mechanisms if "rung" in m.states)
    links: list[Link] = []
    seen: set[str] = set()
    direct = [(name, _lost(close, near[name], first, place, rung)) for name in ladder.reads if name in near]
    waiting = [("rung", [(n, s) for n, s in sorted(direct, key=lambda d: -d[1]) if s >= LEAST][:PARENTS], 1)]
    while waiting:
        target, parents, level = waiting.pop(0)
        for name, share in parents:
            if name in seen:
                continue
            seen.add(name)
            links.append(_link(found, hold[name], name, target, share, first, place, rung, level))
            if level < DEPTH:
                waiting.append((name, _parents(found, hold, name, first, place), level + 1))
    return tuple(links)


def _lost(close: Replay, case: int, first: Entry, place: int, rung: int) -> float:
    """Share of the entry's probability in its quarter that goes in a case."""
    was, now = first.probability, _probability(close, case, first, place, rung)
    return 1.0 - now / was if was > 0 and np.isfinite(now) else 0.0


def _parents(found: Replay, hold: Mapping[str, int], target: str, first: Entry, place: int) -> list[tuple[str, float]]:
    """States that the target's equation reads and whose holding takes away a share of the target's move up to the entry."""
    model = found.model
    owner = next(m for m in model.mechanisms if target in m.states)
    reads = [n for n in owner.reads if n in hold and n != target]
    reads += [n for n in owner.states if n in hold and n != target]  # states of one mechanism feed one another
    out = [(name, moved_by(found, hold[name], target, first, place)) for name in reads]
    return [(n, s) for n, s in sorted(out, key=lambda p: -p[1]) if s >= LEAST][:PARENTS]


def moved_by(found: Replay, case: int, target: str, first: Entry, place: int) -> float:
    """Share of a state's move, from the start of the futures to the entry, that a case takes away; over what bears on the rivalry."""
    step = max(first.step - 1, 0) if not found.model.states[target][0].flow else first.step
    which = bearing(found.model, target, place)
    course, start = found.traces[target][step], found.start[target]
    move = (course[..., 0] - start)[which] if which is not None else np.atleast_1d(course[..., 0] - start)
    other = (course[..., case] - start)[which] if which is not None else np.atleast_1d(course[..., case] - start)
    size = float((move**2).sum())
    return 0.0 if size < 1e-10 else 1.0 - float((other * move).sum()) / size


def bearing(model: Any, name: str, place: int) -> np.ndarray | None:
    """Mask of the elements of a state that bear on a rivalry; None for a state without axes, or of an axis that has no tie to rivalries."""
    axes, world = model.states[name][0].axes, model.world
    known: dict[str, Callable[[], Any]] = {
        "rivalry": lambda: np.arange(world.size("rivalry")) == place,
        "pair": lambda: np.asarray(world.pair_rivalry)[:, place] > 0,
        "actor": lambda: np.asarray(world.actor_in_rivalry)[:, place] > 0,
        "channel": lambda: np.asarray(world.channels_of)[place] > 0,
        "applicant": lambda: np.asarray(world.rivalry_applicant)[place] > 0,
        "bloc": lambda: np.arange(world.size("bloc")) == np.asarray(world.rivalry_bloc)[place],
    }
    if len(axes) != 1 or axes[0] not in known:
        return None
    mask = np.asarray(known[axes[0]](), bool)
    return mask if mask.any() else None


def value_at(found: Replay, name: str, place: int, step: int | None, case: int = 0) -> float:
    """Mean of a state over what bears on the rivalry, at a quarter (None: before the futures)."""
    which = bearing(found.model, name, place)
    values = found.start[name] if step is None else found.traces[name][step][..., case]
    return float(np.mean(values[which] if which is not None else values))


def _link(found: Replay, case: int, name: str, target: str, share: float, first: Entry, place: int, rung: int, level: int) -> Link:
    flow = found.model.states[name][0].flow
    step = first.step if flow else max(first.step - 1, 0)
    then = value_at(found, name, place, None)
    gone, _ = _gone(found, case, first, place, rung)
    chance = _probability(found, case, first, place, rung)
    return Link(name, target, share, chance, gone, level, then, value_at(found, name, place, step), 0.0 if flow else then)


# ------------------------------------------------------------------------------------------------------------ dated events


@dataclass(frozen=True)
class Happening:
    """Something dated: year, kind, element, and a number (the rung, the offer)."""

    year: float
    kind: str
    element: str
    value: float = 1.0
    cause: str = ""


SWITCHES: Mapping[str, tuple[str, str]] = {
    "open": ("reopened", "suspended"),
    "in_force": ("enters_into_force", "ends"),
    "opened": ("domain_opens", ""),
    "containment": ("containment_adopted", ""),
    "wish": ("wish_declared", "wish_withdrawn"),
}
PULSES = ("intervention", "rupture", "promised_now", "joined_now", "exit_now")


def happenings(found: Replay, case: int = 0, rivalries: Sequence[str] = ()) -> list[Happening]:
    """What happens in a case of a replay, by date: moves on the ladders (all rivalries, or those named), channels, treaties, offers."""
    model, years = found.model, times(found.model)[1]
    out: list[Happening] = []
    names = model.world.axes["rivalry"]
    for place, name in enumerate(names):
        if rivalries and name not in rivalries:
            continue
        course = np.concatenate([[found.start["rung"][place]], found.traces["rung"][:, place, case]])
        for t in np.flatnonzero(np.diff(course)):
            if max(course[t], course[t + 1]) < 1.5:
                continue  # serious incidents come and go
            rose = course[t + 1] > course[t]
            cause = CAUSES[int(found.traces["origin"][t, place, case])] if rose else ""
            out.append(Happening(float(years[t]), "rung" if rose else "settles", name, float(course[t + 1]), cause))
    for state, (up, down) in SWITCHES.items():
        out += _switches(found, state, up, down, years, case)
    for state in PULSES:
        out += _pulses(found, state, years, case)
    return sorted(out, key=lambda h: (h.year, h.kind, h.element))


def _elements(found: Replay, state: str) -> Sequence[str]:
    axes = found.model.states[state][0].axes
    return found.model.world.axes[axes[0]] if axes else ("",)


def _switches(found: Replay, state: str, up: str, down: str, years: np.ndarray, case: int) -> list[Happening]:
    if state not in found.traces:
        return []
    start, course = np.atleast_1d(found.start[state]), found.traces[state][..., case].reshape(len(years), -1)
    change = np.diff(np.concatenate([start[None], course]) > 0.5, axis=0)
    named = _elements(found, state)
    hits = [(t, k, up if course[t, k] > 0.5 else down) for t, k in np.argwhere(change)]
    return [Happening(float(years[t]), kind, named[k]) for t, k, kind in hits if kind]


def _pulses(found: Replay, state: str, years: np.ndarray, case: int) -> list[Happening]:
    if state not in found.traces:
        return []
    course = found.traces[state][..., case].reshape(len(years), -1)
    named = _elements(found, state)
    return [Happening(float(years[t]), state, named[k]) for t, k in np.argwhere(course > 0.5)]
