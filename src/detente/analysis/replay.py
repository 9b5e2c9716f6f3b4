"""One future again and again on its own luck, each time with one thing held still: what it then no longer does is what that thing did.

A *case* is the future as it was, or with a state held (as it stood when the futures began; a flow at nothing) from some quarter on, with parameters
at their neutral value, with a lever left out, or with other luck. All cases run in one call of one compiled program. Chance is keyed by quarter and
name, so a case shares every draw with the future as it was; only what a draw is asked differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.analysis.project import Projector, future_years, lever_doses
from detente.contract import Array
from detente.engine.compose import Model
from detente.engine.simulate import WIDTH, draw_luck
from detente.engine.step import run_chunk

NEVER = 1e9
OTHER_LUCK = 128
"""Futures of the same parameters and the same start with other luck."""


@dataclass(frozen=True)
class Case:
    """One way to run the future again. `kind`: actual, hold, direct, neutral, mechanism, lever or luck; `name` of what is changed."""

    kind: str
    name: str
    since: float = NEVER
    """Year from which a state is held."""


@dataclass(frozen=True)
class Replay:
    """Traces [step, *axes, case] of every state of the model that is no mere count, the state before the first step, and the cases."""

    model: Model
    cases: tuple[Case, ...]
    traces: Mapping[str, np.ndarray]
    start: Mapping[str, np.ndarray]

    def of(self, kind: str) -> list[tuple[int, str]]:
        """Places and names of the cases of a kind."""
        return [(k, c.name) for k, c in enumerate(self.cases) if c.kind == kind]


def holdable(model: Model) -> tuple[str, ...]:
    """States that can be held: all but counts from the start and what the ladder itself writes."""
    ladder = {name for m in model.mechanisms if "rung" in m.states for name in m.states}
    return tuple(n for n, (s, shape) in model.states.items() if not s.horizon and n not in ladder and np.prod(shape))


def traced(model: Model) -> tuple[str, ...]:
    """States whose course is kept."""
    return tuple(n for n, (_, shape) in model.states.items() if np.prod(shape))


def cases(model: Model, policy: Any) -> tuple[Case, ...]:
    """The future as it was, then every state held, every parameter and mechanism neutral, every lever left out, other luck."""
    first = float(future_years(model)[0])
    out = [Case("actual", "")]
    out += [Case("hold", name, first) for name in holdable(model)]
    known = [name for name, (p, _) in model.parameters.items() if p.kind == "belief" and p.neutral is not None]
    out += [Case("neutral", name) for name in known]
    out += [Case("mechanism", m.name) for m in model.mechanisms if set(m.parameters) & set(known)]
    out += [Case("lever", name) for name in dict.fromkeys(u.lever for u in policy.levers) if name in model.levers]
    return (*out, *(Case("luck", str(k)) for k in range(OTHER_LUCK)))


def replay(ready: Projector, future: int, policy: Any, wanted: Sequence[Case], program: Callable[..., Any]) -> Replay:
    """Run one future of a projection under a policy in each of the cases; `program` from `compiled`."""
    model, width = ready.runner.model, -(-len(wanted) // WIDTH) * WIDTH
    theta, luck, doses, since, spans = _inputs(ready, future, policy, wanted, width)
    start = _start(ready, future)
    years = np.array([y + q / 4 for y in future_years(model) for q in range(4)], np.float32)
    wide = {k: np.repeat(v, width, axis=-1) for k, v in start.items()}
    _, traces, _ = program(theta, luck, wide, years, doses, spans, since)
    kept = {k: np.asarray(v)[..., : len(wanted)] for k, v in traces.items()}
    return Replay(model, tuple(wanted), kept, {k: v[..., 0] for k, v in start.items()})


def _start(ready: Projector, future: int) -> dict[str, np.ndarray]:
    """State before the first step [*axes, 1]; what is counted from the start of the futures set to its beginning, as the engine does."""
    model = ready.runner.model
    out = {k: np.asarray(v[..., future : future + 1], np.float32) for k, v in ready.state.items()}
    for name, (state, _) in model.states.items():
        if state.horizon:
            out[name] = np.broadcast_to(np.asarray(model.start[name], np.float32)[..., None], out[name].shape)
    return out


def _inputs(ready: Projector, future: int, policy: Any, wanted: Sequence[Case], width: int) -> tuple[Any, ...]:
    model = ready.runner.model
    theta = np.repeat(ready.theta[:, future : future + 1], width, axis=1)
    luck = np.repeat(ready.common.luck[..., future : future + 1], width, axis=-1)
    one, spans = lever_doses(model, policy, ready.common.uniform[:, future : future + 1])
    doses = np.repeat(one, width, axis=1)
    since = {name: np.full(width, NEVER, np.float32) for name in holdable(model)}
    for k, case in enumerate(wanted):
        if case.kind in ("hold", "direct"):
            since[case.name][k] = case.since
        elif case.kind in ("neutral", "mechanism"):
            for name in _parameters(model, case):
                theta[model.parameters[name][1], k] = model.parameters[name][0].neutral
        elif case.kind == "lever":
            doses[[r for r, (lever, _) in enumerate(model.lever_rows) if lever == case.name], k] = 0.0
    others = np.array([k for k, c in enumerate(wanted) if c.kind == "luck"], int)
    if len(others):  # ids far from those of any projection
        luck[..., others] = draw_luck(ready.common.seed, 10_000_000 + 1000 * future + np.arange(len(others)), future_years(model))
    return theta, luck, doses, since, spans


def _parameters(model: Model, case: Case) -> list[str]:
    """Parameters that a case sets to neutral: its own, or all of its mechanism's that have a neutral value."""
    if case.kind == "neutral":
        return [case.name]
    mine = next(m for m in model.mechanisms if m.name == case.name)
    return [
        n
        for n in mine.parameters
        if n in model.parameters and mine.parameters[n].kind == "belief" and mine.parameters[n].neutral is not None
    ]


def compiled(model: Model) -> Callable[..., Any]:
    """The program: (theta, luck, state, years, doses, spans, since) → last state, traces, weights. One compilation a number of cases."""
    names, kept = holdable(model), traced(model)

    def run(theta: Array, luck: Array, state: dict[str, Array], years: Array, doses: Array, spans: Array, since: dict[str, Array]) -> Any:
        def held(name: str, value: Array, year: Array) -> Array:
            if name not in names:
                return value
            rest = jnp.zeros_like(value) if model.states[name][0].flow else state[name]
            return jnp.where(year >= since[name] - 1e-3, rest, value)

        def still(m: Any) -> Any:
            def function(s: Any, p: Any, world: Any, draw: Any) -> dict[str, Array]:
                return {name: held(name, value, world.now.year) for name, value in m.function(s, p, world, draw).items()}

            return replace(m, function=function)

        clamped = replace(model, mechanisms=tuple(still(m) for m in model.mechanisms))
        return run_chunk(clamped, None, kept, (), theta, luck, state, years, None, doses, spans)

    return jax.jit(run)
