"""Scenario + mechanisms → one checked Model. The only room where the engine meets the scenario.

Composition fails, with a sentence, on a state read that nobody writes, a state written twice, a parameter or lever declared twice or read
undeclared, an unknown axis or element, too few or too many elements of an axis, an output of another shape, or two draws that would share
their luck.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from detente.contract import Lever, Mechanism, Parameter, State, World
from detente.engine.chance import check_sites, site
from detente.engine.world import build_world
from detente.scenario.errors import unknown

BUILT_IN = (
    "shocks intent conduct hawks arms theatres purpose open_door treaties channels incidents challenge escalation learning self_deception "
    "joint_work outcomes"
).split()


class CompositionError(ValueError):
    """The listed mechanisms do not fit together; the message says which and why."""


@dataclass(frozen=True)
class Row:
    """One unknown number: a parameter, or one element of it, or a nuisance of the record's error model."""

    parameter: str
    element: str
    low: float
    high: float
    log: bool
    source: str
    group: str
    """Name of the mechanism that declares it, or `record`."""

    @property
    def name(self) -> str:
        return f"{self.parameter}[{self.element}]" if self.element else self.parameter


@dataclass(frozen=True)
class Model:
    """A composed system: world, mechanisms in order, tables of unknowns, states, levers and draws. Theories and policies are arrays."""

    scenario: Any
    world: World
    mechanisms: tuple[Mechanism, ...]
    rows: tuple[Row, ...]
    parameters: Mapping[str, tuple[Parameter, Any]]
    """Parameter → (declaration, place in the rows: an int, or a slice)."""
    states: Mapping[str, tuple[State, tuple[int, ...]]]
    start: Mapping[str, np.ndarray | str]
    """State → start values [*shape], or the name of the parameter that gives them."""
    levers: Mapping[str, tuple[Lever, Any]]
    lever_rows: tuple[tuple[str, str], ...]
    draws: Mapping[str, tuple[str, np.ndarray]]
    """Draw → (axis, uint32 site of each element)."""

    @property
    def start_year(self) -> int:
        return int(self.scenario.history.start.year)

    @property
    def history_steps(self) -> int:
        return 4 * (self.scenario.history.end.year - self.start_year + 1)

    @property
    def future_steps(self) -> int:
        return 4 * (self.scenario.horizon.end.year - self.scenario.history.end.year)

    def ranges(self, theory: Any | None = None) -> np.ndarray:
        """[row, 3]: low, high, log of every unknown under a theory (None: the baseline)."""
        out = np.array([[r.low, r.high, float(r.log)] for r in self.rows], np.float64).reshape(-1, 3)
        for entry in theory.ranges if theory is not None else ():
            for k in self.find(entry.parameter, entry.elements):
                low, high = entry.range
                log = self.rows[k].log if entry.scale is None else entry.scale == "log"
                out[k] = (low, high, float(log and low > 0.0))
        return out

    def find(self, parameter: str, elements: Sequence[str] = ()) -> list[int]:
        """Places of a parameter's rows, all or those of the elements named. Raises CompositionError on a name that does not exist."""
        known = dict.fromkeys(r.parameter for r in self.rows)
        if parameter not in known:
            raise CompositionError(unknown("parameter", parameter, known))
        _known(f"parameter {parameter!r}", elements, [r.element for r in self.rows if r.parameter == parameter])
        return [k for k, r in enumerate(self.rows) if r.parameter == parameter and (not elements or r.element in elements)]


def _known(what: str, elements: Iterable[str], known: Iterable[str]) -> None:
    """Raise CompositionError on the first element that is not among the known ones."""
    known = list(known)
    for element in elements:
        if element not in known:
            raise CompositionError(f"{what}: {unknown('element', element, known)}")


@cache
def built_in(name: str) -> Mechanism:
    """A mechanism of this package by name."""
    if name not in BUILT_IN:
        raise CompositionError(unknown("mechanism", name, BUILT_IN))
    return getattr(importlib.import_module(f"detente.mechanisms.{name}"), name)


def vocabulary(extra: Mapping[str, Mechanism] | None = None, outcomes: Mapping[str, str | None] | None = None) -> dict[str, Any]:
    """All names that a scenario may use: {"parameter": {name: axis}, "lever": …, "state": …, "draw": …, "mechanism": …, "outcome": …}."""
    known = {name: built_in(name) for name in BUILT_IN} | dict(extra or {})
    return {
        "parameter": {k: p.per for m in known.values() for k, p in m.parameters.items()},
        "lever": {k: v.per for m in known.values() for k, v in m.levers.items()},
        "state": {k: "/".join(v.axes) for m in known.values() for k, v in m.states.items()},
        "draw": {k: axis or None for m in known.values() for k, axis in m.draws.items()},
        "mechanism": list(known),
        "outcome": dict(outcomes or {}),
    }


def compose(scenario: Any, extra: Mapping[str, Mechanism] | None = None) -> Model:
    """The model of a scenario; `extra` holds mechanisms of the user's own, by name. Raises CompositionError."""
    extra = dict(extra or {})
    mechanisms = tuple(extra[name] if name in extra else built_in(name) for name in scenario.mechanisms)
    everyone = {m.name: m for m in (*(built_in(n) for n in BUILT_IN), *extra.values())}
    world = build_world(scenario, record_levels(scenario))
    _check_sizes(mechanisms, world)
    _check_given(tuple(everyone.values()), scenario, world)
    states = _states(mechanisms, everyone, scenario, world)
    rows, parameters = _parameters(mechanisms, everyone, scenario, world)
    levers, lever_rows = _levers(mechanisms, everyone, world)
    draws = _draws(mechanisms, world)
    shaped = {name: (s, tuple(world.size(a) for a in s.axes)) for name, s in states.items()}
    start = {name: _start(name, s, shape, scenario, world, parameters) for name, (s, shape) in shaped.items()}
    return Model(scenario, world, mechanisms, rows, parameters, shaped, start, levers, lever_rows, draws)


def _check_sizes(mechanisms: Sequence[Mechanism], world: World) -> None:
    """Raise CompositionError where the scenario has too few or too many elements for a mechanism's equations."""
    for m in mechanisms:
        for axis, (least, most) in m.needs.items():
            size = world.size(axis)
            if least <= size <= (size if most is None else most):
                continue
            wanted = f"exactly {least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
            raise CompositionError(
                f"{m.name} needs {wanted} on the axis {axis!r}, found {size}: "
                "leave it out of `mechanisms` and hold what it would write fixed by `initial`"
            )


def _check_given(everyone: Sequence[Mechanism], scenario: Any, world: World) -> None:
    """Raise CompositionError on a range or a start value of a name or an element that does not exist."""
    parameters = {k: (p.per,) if p.per else () for m in everyone for k, p in m.parameters.items()}
    states = {k: s.axes for m in everyone for k, s in m.states.items()}
    for key, kind, given, known in (("ranges", "parameter", scenario.ranges, parameters), ("initial", "state", scenario.initial, states)):
        for name, items in given.items():
            if name not in known:
                raise CompositionError(f"{key}: {unknown(kind, name, known)}")
            axes = known[name]
            elements = world.axes[axes[0]] if axes and axes[0] in world.axes else ()
            _known(f"{key}: {name}", (e for e in items if e != "*"), elements)


def _states(mechanisms: Sequence[Mechanism], everyone: Mapping[str, Mechanism], scenario: Any, world: World) -> dict[str, State]:
    owners: dict[str, str] = {}
    states: dict[str, State] = {}
    for m in mechanisms:
        for name, state in m.states.items():
            if name in owners:
                raise CompositionError(f"{m.name} and {owners[name]} both write {name!r}; one of them must read it only")
            unknown = [a for a in state.axes if a not in world.axes]
            if unknown:
                raise CompositionError(f"{m.name}: state {name!r} has an unknown axis {unknown[0]!r}; known are {', '.join(world.axes)}")
            owners[name], states[name] = m.name, state
    declared = {name: (m.name, s) for m in everyone.values() for name, s in m.states.items()}
    for m in mechanisms:
        for name in m.reads:
            if name in states:
                continue
            if name not in declared:
                raise CompositionError(f"{m.name} reads {name!r}, which no mechanism declares")
            if name not in scenario.initial:
                raise CompositionError(
                    f"{m.name} reads {name!r}, which no listed mechanism writes: list {declared[name][0]!r}, or hold it fixed by `initial: {{{name}: …}}`"
                )
            states[name] = declared[name][1]
    return states


def _parameters(
    mechanisms: Sequence[Mechanism], everyone: Mapping[str, Mechanism], scenario: Any, world: World
) -> tuple[tuple[Row, ...], dict[str, Any]]:
    rows: list[Row] = []
    places: dict[str, tuple[Parameter, Any]] = {}
    declared = {k: (m.name, p) for m in everyone.values() for k, p in m.parameters.items()}
    wanted: list[tuple[str, str, Parameter]] = []
    for m in mechanisms:
        wanted += [(m.name, k, p) for k, p in m.parameters.items()]
    for m in mechanisms:
        wanted += [(declared[k][0], k, declared[k][1]) for k in m.uses if k in declared and k not in {w[1] for w in wanted}]
    for owner, name, parameter in wanted:
        if name in places:
            raise CompositionError(f"parameter {name!r} of {owner} is declared twice; one name has one meaning")
        if parameter.per is not None and parameter.per not in world.axes:
            raise CompositionError(f"{owner}: parameter {name!r} is per {parameter.per!r}, which is no axis")
        elements = world.axes[parameter.per] if parameter.per else ("",)
        given = scenario.ranges.get(name, {})
        first = len(rows)
        for element in elements:
            span = given.get(element) or given.get("*")
            low, high = span.range if span else parameter.range
            source = ", ".join(span.source) if span else parameter.source
            log = parameter.scale == "log" and low > 0.0
            rows.append(Row(name, element, float(low), float(high), log, source, owner))
        places[name] = (parameter, slice(first, len(rows)) if parameter.per else first)
    for series in scenario.record:
        if series.use == "show" or series.offset[0] == series.offset[1]:
            continue
        items = sorted({m.item for m in scenario.measures if m.series == series.id})
        low, high = map(float, series.offset)
        rows += [Row(f"offset_{series.id}", item, low, high, False, ", ".join(series.source), "record") for item in items]
    return tuple(rows), places


def _levers(
    mechanisms: Sequence[Mechanism], everyone: Mapping[str, Mechanism], world: World
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    rows: list[tuple[str, str]] = []
    places: dict[str, tuple[Lever, Any]] = {}
    declared = {k: v for m in everyone.values() for k, v in m.levers.items()}
    own = {k: v for m in mechanisms for k, v in m.levers.items()}
    used = {k: declared[k] for m in mechanisms for k in m.uses if k in declared}
    for m in mechanisms:
        for name in m.uses:
            if name not in declared and not any(name in x.parameters for x in everyone.values()):
                raise CompositionError(f"{m.name} uses {name!r}, which no mechanism declares as a parameter or lever")
    for name, lever in (own | used).items():
        elements = world.axes[lever.per] if lever.per else ("",)
        first = len(rows)
        rows += [(name, element) for element in elements]
        places[name] = (lever, slice(first, len(rows)) if lever.per else first)
    return places, tuple(rows)


def _draws(mechanisms: Sequence[Mechanism], world: World) -> dict[str, tuple[str, np.ndarray]]:
    draws: dict[str, tuple[str, np.ndarray]] = {}
    names: list[str] = []
    for m in mechanisms:
        for name, axis in m.draws.items():
            elements = world.axes[axis] if axis else ("",)
            labels = [f"{name}/{element}" for element in elements]
            names += labels
            draws[name] = (axis, np.array([site(label) for label in labels], np.uint32))
    try:
        check_sites(names)
    except ValueError as error:
        raise CompositionError(str(error)) from None
    return draws


def record_levels(scenario: Any) -> dict[str, dict[str, float]]:
    """First measure, mean and last of every measured state, by element: what constants and start values take from the record."""
    by: dict[str, dict[str, list[float]]] = {}
    draws = {s.id: s.draw for s in scenario.record if s.draw}
    for m in scenario.measures:
        if m.series in draws:
            by.setdefault(draws[m.series], {}).setdefault(m.item, []).append(m.value)
    out: dict[str, dict[str, float]] = {}
    for state, items in by.items():
        out[state] = {k: v[0] for k, v in items.items()}
        out[f"{state}_mean"] = {k: float(np.mean(v)) for k, v in items.items()}
        out[f"{state}_end"] = {k: v[-1] for k, v in items.items()}
    return out


STRUCTURAL = {
    "in_force": ("treaties", lambda x: float(x.in_force)),
    "open": ("channels", lambda x: float(x.open)),
    "capacity": ("channels", lambda x: x.capacity),
}


def _start(name: str, state: State, shape: tuple[int, ...], scenario: Any, world: World, parameters: Mapping[str, Any]) -> np.ndarray | str:
    values = np.zeros(shape, np.float32)
    if name == "adheres":
        values[:] = [float(scenario.treaties[p.split(":")[0]].in_force) for p in world.axes["party"]]
    elif name in STRUCTURAL:
        kind, rule = STRUCTURAL[name]
        values[:] = [rule(x) for x in getattr(scenario, kind).values()]
    elif state.initial == "record":
        known = record_levels(scenario).get(name, {})
        values[:] = [known.get(e, 1.0 if name != "warheads" else 0.0) for e in world.axes[state.axes[0]]]
    elif isinstance(state.initial, str):
        if state.initial not in parameters:
            if name not in scenario.initial:
                raise CompositionError(
                    f"state {name!r} starts at the parameter {state.initial!r}, which no listed mechanism declares; give `initial: {{{name}: …}}`"
                )
        elif name not in scenario.initial:
            return state.initial
    else:
        values[...] = state.initial
    for element, value in scenario.initial.get(name, {}).items():
        if element == "*":
            values[...] = value
        else:
            values[world.axes[state.axes[0]].index(element)] = value
    return values
