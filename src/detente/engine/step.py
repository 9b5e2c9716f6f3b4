"""One step of the composed system, and the scan over steps, for one chunk of futures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.contract import Array
from detente.engine.compose import CompositionError, Model
from detente.engine.draws import Chance, once
from detente.engine.record import Record


class _View:
    """What a mechanism may read: attribute access to the declared names only."""

    def __init__(self, owner: str, kind: str, values: Mapping[str, Any], allowed: Sequence[str] | None = None) -> None:
        self.__dict__.update(_owner=owner, _kind=kind, _values=values, _allowed=allowed)

    def __getattr__(self, name: str) -> Any:
        if (self._allowed is not None and name not in self._allowed) or name not in self._values:
            raise CompositionError(f"{self._owner} reads the {self._kind} {name!r} without declaring it")
        return self._values[name]


def parameters_of(model: Model, theta: Array) -> dict[str, Array]:
    """Parameter → [future] or [element, future] out of theta [row, future]."""
    return {name: theta[place] for name, (_, place) in model.parameters.items()}


def start_state(model: Model, theta: Array) -> dict[str, Array]:
    """State before the first step, [*axes, future]."""
    width = theta.shape[-1]
    out = {}
    for name, (_, shape) in model.states.items():
        start = model.start[name]
        value = theta[model.parameters[start][1]] if isinstance(start, str) else jnp.asarray(start, jnp.float32)[..., None]
        out[name] = jnp.broadcast_to(value, (*shape, width)).astype(jnp.float32)
    return out


def advance(
    model: Model, state: dict[str, Array], p: Mapping[str, Array], now: Any, levers: Mapping[str, Array], draw: Chance
) -> dict[str, Array]:
    """All mechanisms once, in order; each sees what those before it wrote."""
    state = dict(state)
    for m in model.mechanisms:
        world = replace(model.world, now=now, levers=_View(m.name, "lever", levers, (*m.levers, *m.uses)))
        out = m.function(_View(m.name, "state", state, m.reads), _View(m.name, "parameter", p, (*m.parameters, *m.uses)), world, draw)
        for name, value in out.items():
            if name not in m.states:
                raise CompositionError(f"{m.name} writes the state {name!r} without declaring it")
            if value.shape != state[name].shape:
                raise CompositionError(
                    f"{m.name}: state {name!r} came out with shape {value.shape}, expected {state[name].shape} ({'/'.join(m.states[name].axes)})"
                )
            state[name] = value.astype(jnp.float32)
    return state


def record_inputs(record: Record | None) -> np.ndarray:
    """The record as one table [step, column], float32, of no columns without a record: one look-up a step instead of one for every series."""
    leaves = jax.tree.leaves(_columns(record)) if record is not None else []
    if not leaves:
        return np.zeros((0, 0), np.float32)
    return np.concatenate([x.reshape(len(x), -1) for x in leaves], axis=1, dtype=np.float32)


def _columns(record: Record) -> dict[str, Any]:
    """What of the record changes from step to step (leading axis), by draw."""
    out: dict[str, Any] = {}
    for name, e in record.events.items():
        out[name] = {
            "has": e.has,
            "value": e.value,
            "slip": e.slip,
            "reference": np.broadcast_to(e.reference, e.has.shape),
            "score": np.broadcast_to(e.score, e.has.shape),
        }
    for name, c in record.choices.items():
        out[name] = {"has": c.has, "allowed": c.allowed, "slip": c.slip}
    for name, group in record.measures.items():
        out[name] = [{"y": m.y, "error": m.error, "has": m.has, "weight": np.full(len(m.y), m.weight, np.float32)} for m in group]
    return out


def _unpacked(record: Record, row: Array) -> dict[str, Any]:
    """A step's row of the table, as `_columns` has it."""
    leaves, kind = jax.tree.flatten(_columns(record))
    ends = np.cumsum([math.prod(x.shape[1:]) for x in leaves]).tolist()
    parts = [row[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    return jax.tree.unflatten(kind, [part.reshape(x.shape[1:]).astype(x.dtype) for part, x in zip(parts, leaves, strict=True)])


def _slice(model: Model, record: Record, row: Array) -> dict[str, Any]:
    """What a step's row of the table says, with a future axis of one added, and what is constant about each series."""
    out: dict[str, Any] = {}
    for name, value in _unpacked(record, row).items():
        scalar = not model.draws[name][0]

        def lift(x: Array, scalar: bool = scalar) -> Array:
            return x[..., 0:1] if scalar else x[..., None]

        if isinstance(value, list):
            meta = record.measures[name]
            out[name] = [
                {
                    **{k: lift(v) for k, v in part.items() if k != "weight"},
                    "weight": part["weight"],
                    "offset": m.offset,
                    "student": m.student,
                    "series": m.series,
                }
                for part, m in zip(value, meta, strict=True)
            ]
        else:
            out[name] = {k: lift(v) for k, v in value.items()}
    return out


def run_chunk(
    model: Model,
    record: Record | None,
    trace: Sequence[str],
    scored: Sequence[str],
    theta: Array,
    luck: Array,
    state: dict[str, Array],
    years: Array,
    inputs: Array | None,
    lever_doses: Array,
    lever_span: Array,
) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Scan one chunk of futures over steps.

    theta [row, F]; luck uint32 [step, 2, F], a key a quarter; years [step] start of each quarter; inputs [step, column] from `record_inputs`;
    lever_doses [lever row, F]; lever_span [lever row, 2] first and last year in force.
    Returns the last state, traces {name: [step, *axes, F]} and log-weights [step, F] (or [step, len(scored), F] by draw or series).
    """
    p = parameters_of(model, theta)

    def body(carry: Any, following: Any) -> Any:
        state, t, (year, key, row) = carry
        quarter = jnp.round((year - jnp.floor(year)) * 4.0).astype(jnp.int32)
        draw = Chance(key, model.draws, _slice(model, record, row) if record is not None else {}, theta)
        inside = ((year >= lever_span[:, 0] - 1e-3) & (year < lever_span[:, 1])).astype(jnp.float32)[:, None]
        doses = lever_doses * inside
        levers = {name: doses[place] for name, (_, place) in model.levers.items()}
        now = SimpleNamespace(year=year, quarter=quarter, first=(t == 0) & (record is not None or year < model.start_year + 0.1))
        state = advance(model, state, p, now, levers, draw)
        zero = jnp.zeros(theta.shape[-1], jnp.float32)
        if scored:
            weight = once(jnp.stack([zero + draw.scores.get(name, 0.0) for name in scored]))
        else:
            parts = jnp.stack([zero, *(zero + part for part in draw.scores.values())])
            weight = once(jnp.ones((1, parts.shape[0])) @ once(parts))[0]
        return (state, t + 1, following), ({name: state[name] for name in trace}, weight)

    # What a step needs is carried to it by the step before: looked up in the step itself, XLA fuses the dynamic slices into every draw and update,
    # and none of them is vector code any more.
    each = (years, luck, inputs if inputs is not None and inputs.size else jnp.zeros((len(years), 0)))
    first = jax.tree.map(lambda x: x[0], each)
    (state, _, _), (traces, weights) = jax.lax.scan(
        body, (state, jnp.int32(0), first), jax.tree.map(lambda x: jnp.roll(x, -1, axis=0), each)
    )
    return state, traces, weights
