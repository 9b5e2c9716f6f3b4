"""Why a move changes an outcome under a reading: each mechanism switched off from the record's end on, with the move and without it, on the same luck.

Two quantities are compared: the *relative change* R of an outcome's mean (new − old, over old) as the reading has it, and the same with a mechanism's
links at their neutral value. Relative, because a mechanism through which everything passes (crises that climb) takes the level away with the change,
and explains nothing of it. With the gap D = R without − R:

    carries    the change is told apart, and without the mechanism at least a quarter of it is gone
    stands in the way    no change in the direction of most readings is told apart, and without the mechanism there is one

Either is said only where D lies `SURE` errors from zero: some sixteen mechanisms are tried. The parameter named is that of the mechanism's links which,
alone at its neutral value, moves R most, by the same rule; none where none does. Nothing is learnt again: an intervention, no other past.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis.spread import clusters, error
from detente.app.ask import Ask
from detente.app.cells import Outcome
from detente.app.room import Held, Room, joined
from detente.engine.compose import Model

SURE, Z95 = 3.0, 1.96
LEAST = 0.25
"""Share of the change that must go with a mechanism."""
CELLS = 8
"""Cells (of 32 futures) that are run for a mechanism."""
FEWEST = 1e-4
"""Mean below which a relative change means nothing."""
Fixed = tuple[tuple[str, float], ...]
Run = Callable[[Held, Fixed, bool], Mapping[int, Outcome]]
"""(theory, parameters held beside the page's own, with the move?) → the first cells."""


@dataclass(frozen=True)
class Change:
    """Relative change of a mean: value, and what each future adds to its deviation [future]."""

    value: float
    part: np.ndarray


@dataclass(frozen=True)
class Cause:
    """A mechanism (and its parameter) that carries a change (`carries`), or stands in its way; R with it and without it, with standard errors."""

    mechanism: str
    parameter: str
    carries: bool
    now: float
    now_error: float
    without: float
    without_error: float

    @property
    def share(self) -> float:
        """Of the change, what goes with it."""
        return 1.0 - self.without / self.now if self.now else 0.0


def links(model: Model) -> dict[str, Fixed]:
    """Mechanism → its beliefs that can be switched off, at their neutral values."""
    out: dict[str, Fixed] = {}
    for m in model.mechanisms:
        found = [(name, model.parameters[name][0]) for name in m.parameters if name in model.parameters]
        off = tuple((name, float(p.neutral)) for name, p in found if p.kind == "belief" and p.neutral is not None)
        if off:
            out[m.name] = off
    return out


def relative(new: np.ndarray, old: np.ndarray) -> Change | None:
    """(mean new − mean old) / mean old of paired futures; None where there is next to nothing to change."""
    level = float(old.mean(dtype=np.float64))
    if not level > FEWEST:
        return None
    value = float((new - old).mean(dtype=np.float64)) / level
    return Change(value, (new - old - value * old).astype(np.float64) / level)


def cause(changes: Mapping[str, Change | None], now: Change, kin: Any, way: float, told: bool) -> tuple[str, Change] | None:
    """The one switched off that counts most, by the rules above; None where none does. `way`: sign of the change under most readings."""
    best, found = 0.0, None
    for name, off in changes.items():
        if off is None:
            continue
        gap = off.value - now.value
        if not abs(gap) > SURE * float(error(off.part - now.part, kin)):
            continue
        if told:
            fits = gap * now.value < 0 and abs(gap) >= LEAST * abs(now.value)
        else:
            fits = gap * way > 0 and off.value * way > Z95 * float(error(off.part, kin))
        if fits and abs(gap) > best:
            best, found = abs(gap), (name, off)
    return found


def lead(room: Room, ask: Ask, answers: Mapping[str, Mapping[str, Any]], items: Sequence[str]) -> tuple[str, float] | None:
    """The first of the items that any reading tells apart, and the sign of its change under most; None where there is none."""
    known = [i.name for i in room.items]
    for item in items:
        k = known.index(item)
        signs = [way(answers[name], k) for name in ask.theories if name in answers]
        more, fewer = sum(s > 0 for s in signs), sum(s < 0 for s in signs)
        if more or fewer:
            return item, 1.0 if more > fewer else -1.0
    return None


def way(found: Mapping[str, Any], k: int) -> float:
    """+1, −1 where a paired difference is told apart, else 0."""
    d, e = found["d"][k], found["e"][k]
    return float(np.sign(d)) if d is not None and e and abs(d) > Z95 * e else 0.0


def causes(
    room: Room, held: Sequence[Held], item: str, most: float, ways: Mapping[str, float], run: Run
) -> Iterator[tuple[str, Cause | None] | None]:
    """Step by step, a call of the program at a time: (reading, its cause) when a reading is done, None between."""
    every = links(room.model)
    place = [i.name for i in room.items].index(item)
    for h in held:
        told = bool(ways[h.name])
        tried = _Tried(room, h, place, run)
        now = yield from tried.change(())
        if now is None or (told and not now.value):
            yield h.name, None
            continue
        found: dict[str, Change | None] = {}
        for mechanism, off in every.items():
            found[mechanism] = yield from tried.change(off)
            yield None
        best = cause(found, now, tried.kin, most, told)
        if best is None:
            yield h.name, None
            continue
        single: dict[str, Change | None] = {}
        for name, value in every[best[0]]:
            single[name] = yield from tried.change(((name, value),))
            yield None
        one = cause(single, now, tried.kin, most, told)
        wrong = float(error(now.part, tried.kin)), float(error(best[1].part, tried.kin))
        yield h.name, Cause(best[0], one[0] if one else "", told, now.value, wrong[0], best[1].value, wrong[1])


class _Tried:
    """One reading's outcome with things switched off."""

    def __init__(self, room: Room, held: Held, place: int, run: Run) -> None:
        self.room, self.held, self.place, self.run = room, held, place, run
        self.which = range(min(CELLS, held.cells))
        self.kin = clusters(held.family[: len(self._value({c: held.base[c] for c in self.which}))])

    def change(self, off: Fixed) -> Generator[None, None, Change | None]:
        """The relative change by the move with parameters switched off, a call at a time."""
        new = self._value(self.run(self.held, off, True))
        yield None
        return relative(new, self._value(self.run(self.held, off, False)))

    def _value(self, cells: Mapping[int, Outcome]) -> np.ndarray:
        return self.room.figures(self.held, joined(self.held, cells, self.which))[self.place]
