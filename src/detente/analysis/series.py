"""Series over time: what is drawn, from the traces of a run. `rung2` is the share at a crisis or worse in a quarter; `reached3` the share
that has entered a clash or worse since the futures began."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analysis.spread import LEVELS, quantiles

Traces = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Kind:
    """Series of one name: axis of its elements, the state it is made of, values [time, element, future], and whether they are 0/1."""

    axis: str | None
    state: str
    values: Callable[[np.ndarray, np.ndarray], np.ndarray]
    share: bool
    history: bool = True
    rival_pairs: bool = False


def _same(x: np.ndarray, years: np.ndarray) -> np.ndarray:
    return x if x.ndim == 3 else x[:, None]


def _rung2(x: np.ndarray, years: np.ndarray) -> np.ndarray:
    return (x > 1.5).astype(np.float32)


def _reached(rung: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda x, years: x[:, rung]


def _reopened(x: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Has it reopened by the end of each quarter? From the year of the first reopening at the end of the run."""
    first = x[-1]
    return ((first[None] > 1.0) & (first[None] <= years[:, None, None] + 1e-3)).astype(np.float32)


KINDS: dict[str, Kind] = {
    "threat": Kind("pair", "threat", _same, False, rival_pairs=True),
    "conduct": Kind("pair", "conduct", _same, False, rival_pairs=True),
    "arms": Kind("actor", "arms", _same, False),
    "cohesion": Kind("bloc", "cohesion", _same, False),
    "missiles": Kind("theatre", "missiles", _same, False),
    "open": Kind("channel", "open", _same, True),
    "in_force": Kind("treaty", "in_force", _same, True),
    "containment": Kind(None, "containment", _same, True),
    "rung2": Kind("rivalry", "rung", _rung2, True),
    "reached2": Kind("rivalry", "reached", _reached(2), True, history=False),
    "reached3": Kind("rivalry", "reached", _reached(3), True, history=False),
    "reached4": Kind("rivalry", "reached", _reached(4), True, history=False),
    "reopened": Kind("channel", "reopened", _reopened, True, history=False),
}


@dataclass(frozen=True)
class Series:
    """One series: kind, element, and its place along the axis."""

    kind: str
    element: str
    place: int

    @property
    def name(self) -> str:
        return f"{self.kind}[{self.element}]" if self.element else self.kind


def all_series(model: Any) -> tuple[Series, ...]:
    """Series of a model, in the order of `KINDS`; pairs across a rivalry only."""
    out: list[Series] = []
    for name, kind in KINDS.items():
        if kind.state in model.states:
            names = model.world.axes[kind.axis] if kind.axis else ("",)
            rival = np.asarray(model.world.pairs.rival)
            out += [Series(name, element, k) for k, element in enumerate(names) if not kind.rival_pairs or rival[k]]
    return tuple(out)


def traced(model: Any) -> tuple[str, ...]:
    """States whose course is needed: one tuple for every run, so that one program serves all."""
    return tuple(dict.fromkeys(kind.state for kind in KINDS.values() if kind.state in model.states))


def summarise(
    series: tuple[Series, ...], traces: Traces, years: np.ndarray, steps: np.ndarray, past: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """(means [series, time], quantiles [series, time, level]) of traces {state: [time, *axes, future]}.

    Quantiles at the time steps `steps` only and never of 0/1 series, whose mean says all; not a number elsewhere. `past`: a history, where
    what is counted from the start of the futures has no meaning.
    """
    mean = np.full((len(series), len(years)), np.nan, np.float32)
    fan = np.full((len(series), len(years), len(LEVELS)), np.nan, np.float32)
    for name, kind in KINDS.items():
        mine = [k for k, s in enumerate(series) if s.kind == name]
        if not mine or (past and not kind.history):
            continue
        values = kind.values(traces[kind.state], years)[:, [series[k].place for k in mine]]
        mean[mine] = values.mean(axis=-1).T
        if not kind.share:
            fan[np.ix_(np.array(mine), steps)] = np.moveaxis(quantiles(values[steps]), 0, 1)
    return mean, fan
