"""A shipped small scenario, or part of it, run through the engine: the listed mechanisms as composed, everything else held still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from detente.engine.compose import Model, built_in, compose
from detente.engine.simulate import Runner, draw_luck
from detente.scenario import load


def model_of(place: str, mechanisms: Sequence[str] = (), initial: Mapping[str, Any] | None = None, years: int = 0) -> Model:
    """The model of a shipped scenario. `mechanisms`: only these, in this order; what they read and nobody writes is held at nought,
    or at the scenario's or this `initial` (a number, or {element: number}). `years`: length of the history, if not the scenario's own."""
    scenario = load(place)
    update: dict[str, Any] = {"record": ()} if years else {}
    if years:
        start = scenario.history.start
        update["history"] = scenario.history.model_copy(update={"end": date(start.year + years - 1, 12, 31)})
    if mechanisms:
        update["mechanisms"] = tuple(mechanisms)
        written = {name for m in mechanisms for name in built_in(m).states}
        held = {name: {"*": 0.0} for m in mechanisms for name in built_in(m).reads if name not in written}
        update["initial"] = held | dict(scenario.initial)
    given = {k: v if isinstance(v, Mapping) else {"*": float(v)} for k, v in (initial or {}).items()}
    update["initial"] = {**update.get("initial", scenario.initial), **given}
    return compose(scenario.model_copy(update=update))


def history(
    model: Model, values: Mapping[str, Any], futures: int, trace: Sequence[str], seed: int = 1, start: Mapping[str, Any] | None = None
) -> dict[str, np.ndarray]:
    """Traces {state: [step, *axes, future]} of a run without a record.

    Every parameter is at its neutral value, or in the middle of its range where it has none, unless `values` gives it: by name or
    `name[element]`, a number or one number per future. `start`: start values of states, {state: number or [*axes]}.
    """
    if start:
        given = {k: np.broadcast_to(np.asarray(v, np.float32), model.states[k][1]) for k, v in start.items()}
        model = replace(model, start={**model.start, **given})
    theta = np.stack([_value(model, row, values, futures) for row in model.rows]).astype(np.float32)
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    luck = draw_luck(seed, np.arange(futures), years)
    return Runner(model).history(theta, luck, None, tuple(trace)).traces


def _value(model: Model, row: Any, values: Mapping[str, Any], futures: int) -> np.ndarray:
    declared = model.parameters[row.parameter][0] if row.group != "record" else None
    given = values.get(row.name, values.get(row.parameter))
    if given is None:
        neutral = declared.neutral if declared is not None else 0.0
        given = neutral if neutral is not None else (row.low * row.high) ** 0.5 if row.log else 0.5 * (row.low + row.high)
    return np.broadcast_to(np.asarray(given, np.float64), (futures,))
