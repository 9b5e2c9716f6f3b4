"""The record as arrays by draw and step: what happened, what is known not to have happened, what was measured, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.contract import RUNGS

HIDDEN = 2
"""Rungs below this cannot be told apart in the record (its coding of serious incidents is uneven), so they are one set."""


@dataclass(frozen=True)
class EventRecord:
    """Events of one draw: has, value, slip [step, element]; reference [element] the rate per step that a slip of coding is read against."""

    has: np.ndarray
    value: np.ndarray
    slip: np.ndarray
    reference: np.ndarray
    score: np.ndarray
    """[element] 1 where the draw weighs, 0 where it only conditions."""


@dataclass(frozen=True)
class ChoiceRecord:
    """Allowed sets of one choice: has [step, element], allowed [step, option, element], slip [step, element]."""

    has: np.ndarray
    allowed: np.ndarray
    slip: np.ndarray


@dataclass(frozen=True)
class MeasureRecord:
    """One measured series of one draw: y, error, has [step, element] on the transformed scale; offset [element] a row of the unknowns or −1."""

    series: str
    y: np.ndarray
    error: np.ndarray
    has: np.ndarray
    offset: np.ndarray
    weight: float
    student: bool


@dataclass(frozen=True)
class Record:
    """All of it. `first` is the year of step 0; `until` the first step that is not used any more."""

    events: Mapping[str, EventRecord]
    choices: Mapping[str, ChoiceRecord]
    measures: Mapping[str, tuple[MeasureRecord, ...]]
    steps: int


def step_of(day: Any, start_year: int) -> int:
    """Index of the quarter that holds a day."""
    return (day.year - start_year) * 4 + (day.month - 1) // 3


def build_record(model: Any, until: int | None = None, without: frozenset[str] = frozenset()) -> Record:
    """Arrays of a model's record; steps from `until` on are blank; series or draws named in `without` are left out."""
    scenario, steps = model.scenario, model.history_steps
    draws = {k: model.world.axes[axis] if axis else ("",) for k, (axis, _) in model.draws.items()}
    last = steps if until is None else until
    events = {k: e for k, e in _events(scenario, draws, steps, model.start_year).items() if k not in without}
    choices = {} if "rung" in without or "rung" not in draws else {"rung": _rungs(scenario, draws["rung"], steps, model.start_year)}
    measures: dict[str, tuple[MeasureRecord, ...]] = {}
    for series in scenario.record:
        if series.use == "show" or series.id in without or series.draw not in draws or not series.file.endswith("measures.csv"):
            continue
        built = _measures(series, scenario, draws[series.draw], steps, model)
        if built.has.any():
            measures[series.draw] = (*measures.get(series.draw, ()), built)
    for e in events.values():
        e.has[last:] = False
    for c in choices.values():
        c.has[last:] = False
    for group in measures.values():
        for m in group:
            m.has[last:] = False
    return Record(events, {k: c for k, c in choices.items() if c.has.any()}, measures, steps)


def _events(scenario: Any, draws: Mapping[str, tuple[str, ...]], steps: int, start_year: int) -> dict[str, EventRecord]:
    slips = {"high": scenario.slip.high, "medium": scenario.slip.medium, "low": scenario.slip.low}
    uses = {s.draw: s.use for s in scenario.record if s.file.endswith("events.csv") and s.draw}
    blank: dict[str, EventRecord] = {}
    for c in scenario.coverage:
        if c.draw not in draws or c.draw == "rung" or uses.get(c.draw) == "show":
            continue
        n = len(draws[c.draw])
        record = blank.setdefault(
            c.draw,
            EventRecord(
                np.zeros((steps, n), bool),
                np.zeros((steps, n), np.float32),
                np.zeros((steps, n), np.float32),
                np.zeros(n, np.float32),
                np.full(n, float(uses.get(c.draw) != "pin"), np.float32),
            ),
        )
        first, final = max(step_of(c.start, start_year), 0), min(step_of(c.end, start_year), steps - 1)
        which = range(n) if c.item in ("*", "") else [draws[c.draw].index(c.item)]
        for k in which:
            record.has[first : final + 1, k] = True
    for e in scenario.events:
        if e.draw not in draws or (e.draw not in blank and e.draw != "renew"):
            continue
        n = len(draws[e.draw])
        record = blank.setdefault(
            e.draw,
            EventRecord(
                np.zeros((steps, n), bool),
                np.zeros((steps, n), np.float32),
                np.zeros((steps, n), np.float32),
                np.zeros(n, np.float32),
                np.ones(n, np.float32),
            ),
        )
        t, k = step_of(e.date, start_year), draws[e.draw].index(e.item) if e.item else 0
        if not 0 <= t < steps:
            continue
        record.has[t, k] = True
        record.value[t, k] = float(e.value)
        record.slip[t, k] = slips[e.confidence]
    for record in blank.values():
        covered = np.maximum(record.has.sum(), 1)
        record.reference[:] = max(float(record.value.sum()) / covered, 0.5 / covered)
    return blank


def _rungs(scenario: Any, names: tuple[str, ...], steps: int, start_year: int) -> ChoiceRecord:
    slips = {"high": scenario.slip.high, "medium": scenario.slip.medium, "low": scenario.slip.low}
    level = np.zeros((steps, len(names)), int)
    slip = np.full((steps, len(names)), scenario.slip.high, np.float32)
    has = np.zeros((steps, len(names)), bool)
    for c in scenario.coverage:
        if c.draw == "rung":
            which = range(len(names)) if c.item in ("*", "") else [names.index(c.item)]
            for k in which:
                has[max(step_of(c.start, start_year), 0) : step_of(c.end, start_year) + 1, k] = True
    for row in scenario.rungs:
        k = names.index(row.rivalry)
        first, final = max(step_of(row.start, start_year), 0), min(step_of(row.end, start_year), steps - 1)
        for t in range(first, final + 1):
            has[t, k] = True
            if row.rung > level[t, k]:
                level[t, k], slip[t, k] = row.rung, slips[row.confidence]
    allowed = np.zeros((steps, len(RUNGS), len(names)), bool)
    for k in range(len(RUNGS)):
        allowed[:, k] = np.where(level < HIDDEN, k < HIDDEN, level == k)
    return ChoiceRecord(has, allowed, slip)


TRANSFORM: dict[str, Callable[[float], float]] = {
    "identity": lambda y: y,
    "none": lambda y: y,
    "log": np.log,
    "logit": lambda y: np.log(y / (1.0 - y)),
}


def _measures(series: Any, scenario: Any, names: tuple[str, ...], steps: int, model: Any) -> MeasureRecord:
    n = len(names)
    y, error, has = np.zeros((steps, n), np.float32), np.ones((steps, n), np.float32), np.zeros((steps, n), bool)
    places = {(r.parameter, r.element): k for k, r in enumerate(model.rows)}
    offset = np.array([places.get((f"offset_{series.id}", name), -1) for name in names], np.int32)
    gathered: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for m in scenario.measures:
        if m.series == series.id and m.item in names:
            t = step_of(m.date, model.start_year)
            if 0 <= t < steps:
                gathered.setdefault((t, names.index(m.item)), []).append((float(TRANSFORM[series.transform](m.value)), m.error or 0.0))
    for (t, k), several in gathered.items():
        y[t, k] = np.mean([v for v, _ in several])
        # Sampling errors average out over several measures of a quarter; the error of what the series stands for does not: a floor.
        error[t, k] = max(np.mean([e for _, e in several]) / len(several) ** 0.5, series.error or 1e-3)
        has[t, k] = True
    return MeasureRecord(series.id, y, error, has, offset, series.weight if series.use == "score" else 0.0, series.tail == "student")
