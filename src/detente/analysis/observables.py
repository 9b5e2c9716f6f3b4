"""What can be seen of a year: events that the record tells, and series that it measures, as functions of a run's traces.

One definition serves forecasts and what happened: the record pins every discrete event, so the same functions of a history that is held to it say what
happened (`told`). Rungs below crisis are hidden in the record and not observable here; nuclear use is never one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.engine.record import MeasureRecord, Record
from detente.engine.simulate import Runner, draw_luck, draw_z, to_theta

Traces = Mapping[str, np.ndarray]
Rule = Callable[[np.ndarray], np.ndarray]
"""[year, quarter, element, future] → yes or no [year, element, future]."""


@dataclass(frozen=True)
class Kind:
    """A yes-or-no question about a year: the state it reads, the axis of its elements, what it asks, the draws that the record must cover."""

    state: str
    axis: str
    words: str
    rule: Rule
    draws: tuple[str, ...]
    absorbing: bool = False
    """True where yes is for ever: such an element is no question any more once it is yes."""


def _ever(limit: float) -> Rule:
    return lambda x: np.asarray((x > limit).any(axis=1))


def _at_end(limit: float) -> Rule:
    return lambda x: x[:, -1] > limit


KINDS: Mapping[str, Kind] = {
    "crisis": Kind("rung", "rivalry", "crisis or worse in some quarter of the year", _ever(1.5), ("rung",)),
    "clash": Kind("rung", "rivalry", "armed clash or worse in some quarter of the year", _ever(2.5), ("rung",)),
    "war": Kind("rung", "rivalry", "war in some quarter of the year", _ever(3.5), ("rung",)),
    "open": Kind("open", "channel", "channel open at the year's end", _at_end(0.5), ("suspend", "reopen")),
    "in_force": Kind("in_force", "treaty", "treaty in force at the year's end", _at_end(0.5), ("exit", "enter")),
    "wish": Kind("wish", "applicant", "wish to join stands at the year's end", _at_end(0.5), ("wish", "withdraw")),
    "promised": Kind("offer", "applicant", "membership promised or given by the year's end", _at_end(1.5), ("promise",), True),
    "member": Kind("offer", "applicant", "member by the year's end", _at_end(2.5), ("join",), True),
    "intervention": Kind("intervention", "bloc", "force used on a third party in the year", _ever(0.5), ("intervention",)),
    "opened": Kind("opened", "opening", "named a domain of operations by the year's end", _at_end(0.5), ("open_domain",), True),
    "containment": Kind("containment", "", "a policy of containing both adopted by the year's end", _at_end(0.5), ("containment",)),
}
LOGS = frozenset(["gdp", "arms", "warheads"])
"""Measured states that the record holds in logarithms."""


@dataclass(frozen=True)
class Sight:
    """One question about one element; `place` along the axis."""

    kind: str
    element: str
    place: int

    @property
    def name(self) -> str:
        """`kind[element]`, or the kind alone."""
        return f"{self.kind}[{self.element}]" if self.element else self.kind


def sights(model: Any, record: Record) -> tuple[Sight, ...]:
    """Questions that a model's states can answer and its record covers, in the order of `KINDS`."""
    out = []
    for name, kind in KINDS.items():
        if kind.state not in model.states:
            continue
        names = model.world.axes[kind.axis] if kind.axis else ("",)
        out += [Sight(name, e, k) for k, e in enumerate(names) if covered(model, record, kind, k).any()]
    return tuple(out)


def covered(model: Any, record: Record, kind: Kind, place: int) -> np.ndarray:
    """Quarters [step] in which the record says yes or no to a question."""
    out = np.ones(record.steps, bool)
    for draw in kind.draws:
        held = record.choices.get(draw) or record.events.get(draw)
        if held is None:
            return np.zeros(record.steps, bool)
        same = model.draws[draw][0] == kind.axis
        out &= held.has[:, place] if same else held.has.any(axis=1)
    return out


def traced(model: Any, record: Record) -> tuple[str, ...]:
    """States whose course is needed for questions and measured series."""
    wanted = [kind.state for kind in KINDS.values()] + list(record.measures)
    return tuple(dict.fromkeys(name for name in wanted if name in model.states))


def answers(found: Sequence[Sight], traces: Traces) -> np.ndarray:
    """Yes or no, bool [sight, year, future], from traces of whole years {state: [step, *axes, future]}."""
    out = []
    done: dict[str, np.ndarray] = {}
    for sight in found:
        kind = KINDS[sight.kind]
        if sight.kind not in done:
            x = traces[kind.state]
            x = x if x.ndim == 3 else x[:, None]
            done[sight.kind] = kind.rule(x.reshape(len(x) // 4, 4, *x.shape[1:]))
        out.append(done[sight.kind][:, sight.place])
    return np.stack(out) if out else np.zeros((0, 0, 0), bool)


def told(runner: Runner, record: Record, found: Sequence[Sight], particles: int = 256) -> np.ndarray:
    """What happened: 1, 0, or not a number where the record does not say [sight, year]."""
    model, ids = runner.model, np.arange(particles)
    if not found:
        return np.zeros((0, model.history_steps // 4))
    theta = to_theta(draw_z(model, 1, ids), model.ranges(None))
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    said = answers(found, runner.history(theta, draw_luck(1, ids, years), record, traced(model, record)).traces)
    known = np.array([covered(model, record, KINDS[s.kind], s.place).reshape(-1, 4).all(axis=1) for s in found])
    agreed = (said == said[..., :1]).all(axis=-1)
    return np.where(known & agreed, said[..., 0].astype(float), np.nan)


# ------------------------------------------------------------------------------------------------------------- measured series


def scale(draw: str, state: np.ndarray) -> np.ndarray:
    """A measured state on the scale of the record."""
    return np.log(np.maximum(state, 1e-6)) if draw in LOGS else state


def measured(
    measure: MeasureRecord, draw: str, state: np.ndarray, offset: np.ndarray | float, error: float, rng: np.random.Generator
) -> np.ndarray:
    """Simulated measurements [future] of a state [future]: on the record's scale, with its offset and the series' own error."""
    noise = rng.standard_t(4, state.shape) if measure.student else rng.standard_normal(state.shape)
    return scale(draw, state.astype(float)) + offset + error * noise
