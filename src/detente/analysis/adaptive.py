"""Packages that wait for something: a lever may be pulled only once an observable has been so for a while, and some time after that.

    {lever: talk, on: [council], effect: [1.0, 3.0], start: 2022.5, when: "rung[east_west] < 2 for 8 and open[line] >= 1", delay: 0.5}

A condition compares a state that a record can measure with a number; `for N` asks for N quarters on end (1 where it is not said). All that stand in one
`when`, joined by `and`, must hold in the same quarter. What is seen at the end of a quarter acts from the next one, `delay` years later; once met it
stays. Fear, intent, gap, hawks and cohesion cannot be asked: nobody measures them while they change. Rungs below a crisis cannot be told apart in a
record, so a rung is compared with 2 to 5 only.

No engine knows of this: a model with one more mechanism, last in the step, counts the quarters, and the levers that wait reach the other mechanisms
through it. Luck is keyed by name, so every draw stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from detente.analysis.project import Projector, uses
from detente.contract import Array, Mechanism, State
from detente.engine.compose import Model
from detente.engine.simulate import Runner
from detente.scenario import ScenarioError
from detente.scenario.errors import unknown

MEASURED = ("rung", "open", "in_force", "offer", "wish", "conduct", "arms", "missiles", "intervention", "opened", "containment", "exit_now")
"""States that a record can measure, as far as a model has them."""
TERM = re.compile(
    r"\s*(?P<name>\w+)(?:\[(?P<element>[^\]]+)\])?\s*(?P<how>>=|<=|==|<|>)\s*(?P<value>-?\d+(?:\.\d+)?)(?:\s+for\s+(?P<n>\d+))?\s*"
)
HOW: Mapping[str, Callable[[Array, float], Array]] = {
    "<": lambda x, v: x < v - 1e-6,
    "<=": lambda x, v: x <= v + 1e-6,
    ">": lambda x, v: x > v + 1e-6,
    ">=": lambda x, v: x >= v - 1e-6,
    "==": lambda x, v: jnp.abs(x - v) < 1e-6,
}


@dataclass(frozen=True)
class Term:
    """One comparison: state, place along its axis, how, with what, and for how many quarters on end."""

    state: str
    place: int
    how: str
    value: float
    quarters: int


def parse(model: Model, when: str) -> tuple[Term, ...]:
    """The terms of a `when`. Raises ScenarioError on what it cannot read, or may not ask."""
    return tuple(_term(model, part) for part in when.split(" and "))


def _term(model: Model, text: str) -> Term:
    found = TERM.fullmatch(text)
    if found is None:
        raise ScenarioError(f"expected a comparison such as `rung[x] < 2 for 8`, found {text.strip()!r}", field="when")
    known = [n for n in MEASURED if n in model.states]
    name, element, value = found["name"], found["element"] or "", float(found["value"])
    if name not in known:
        reason = " (nobody measures it while it changes)" if name in model.states else ""
        raise ScenarioError(unknown("observable", name, known) + reason, field="when")
    axes = model.states[name][0].axes
    elements = model.world.axes[axes[0]] if axes else ("",)
    if element not in elements:
        raise ScenarioError(f"{name}: {unknown('element', element, elements)}", field="when")
    if name == "rung" and value < 2:
        raise ScenarioError("rungs below a crisis cannot be told apart in a record; compare with 2 or more", field="when")
    return Term(name, list(elements).index(element), found["how"], value, int(found["n"] or 1))


@dataclass(frozen=True)
class Trigger:
    """What a set of lever rows waits for: terms, delay in quarters, rows."""

    terms: tuple[Term, ...]
    delay: int
    rows: tuple[int, ...]


def triggers(model: Model, policy: Any) -> tuple[Trigger, ...]:
    """Triggers of a policy, one per `when` and delay, in the order of its levers."""
    held: dict[tuple[str, float], list[int]] = {}
    for row, use in uses(model, policy):
        if use.when:
            held.setdefault((use.when, use.delay), []).append(row)
    return tuple(Trigger(parse(model, when), round(4 * delay), tuple(rows)) for (when, delay), rows in held.items())


def adaptive(model: Model, found: Sequence[Trigger]) -> Model:
    """The model with the mechanism that counts, and every lever that waits gated by it."""
    names = tuple(f"trigger{k}" for k in range(len(found)))
    world = replace(model.world, axes={**model.world.axes, "trigger": names})
    width = max(len(t.terms) for t in found)
    shape = (len(found) * width,)
    counts = State(("trigger",), "quarters", "quarters on end for which each term has held", low=0)
    waits = State(("trigger",), "quarters", "quarters since all terms held", low=0)
    states = {**model.states, "trigger_count": (counts, shape), "trigger_wait": (waits, (len(found),))}
    read = tuple(dict.fromkeys(term.state for t in found for term in t.terms))
    counting = Mechanism(
        "triggers", _counting(found, width), (*read, "trigger_count", "trigger_wait"), {"trigger_count": counts, "trigger_wait": waits}, {}
    )
    gated = tuple(_gated(model, m, found) for m in model.mechanisms)
    start = {**model.start, "trigger_count": np.zeros(shape, np.float32), "trigger_wait": np.zeros(len(found), np.float32)}
    return replace(model, world=world, mechanisms=(*gated, counting), states=states, start=start)


def _counting(found: Sequence[Trigger], width: int) -> Callable[..., Any]:
    def function(state: Any, p: Any, world: Any, draw: Any) -> dict[str, Array]:
        counts, waits = [], []
        for k, trigger in enumerate(found):
            met = None
            for j in range(width):
                count = state.trigger_count[k * width + j]
                if j < len(trigger.terms):
                    term = trigger.terms[j]
                    value = getattr(state, term.state)
                    value = value[term.place] if value.ndim > 1 else value
                    count = jnp.where(HOW[term.how](value, term.value), count + 1.0, 0.0)
                    enough = count > term.quarters - 0.5
                    met = enough if met is None else met & enough
                counts.append(count)
            wait = state.trigger_wait[k]
            waits.append(jnp.where((wait > 0.5) | met, wait + 1.0, 0.0))
        return {"trigger_count": jnp.stack(counts), "trigger_wait": jnp.stack(waits)}

    return function


class _Gate:
    """Levers as a mechanism sees them, those that wait at nothing until their trigger is met."""

    def __init__(self, levers: Any, model: Model, found: Sequence[Trigger], wait: Array) -> None:
        self.__dict__.update(_levers=levers, _model=model, _found=found, _wait=wait)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._levers, name)
        place = np.atleast_1d(np.arange(len(self._model.lever_rows))[self._model.levers[name][1]])
        for k, trigger in enumerate(self._found):
            mine = np.isin(place, trigger.rows).astype(np.float32)
            if mine.any():
                on = (self._wait[k] > trigger.delay + 0.5).astype(value.dtype)
                shut = mine[:, None] * (1.0 - on)[None] if value.ndim > 1 else mine[0] * (1.0 - on)
                value = value * (1.0 - shut)
        return value


def _gated(model: Model, m: Mechanism, found: Sequence[Trigger]) -> Mechanism:
    waiting = {model.lever_rows[row][0] for t in found for row in t.rows}
    if not waiting & {*m.levers, *m.uses}:
        return m

    def function(state: Any, p: Any, world: Any, draw: Any) -> Any:
        return m.function(state, p, replace(world, levers=_Gate(world.levers, model, found, state.trigger_wait)), draw)

    return replace(m, function=function, reads=(*m.reads, "trigger_wait"))


def waiting(ready: Projector, policy: Any) -> Projector:
    """A projector for a policy with triggers: the same starting points and luck, another model. The same one where nothing waits."""
    found = triggers(ready.runner.model, policy)
    if not found:
        return ready
    model = adaptive(ready.runner.model, found)
    futures = ready.theta.shape[1]
    extra = {n: np.zeros((*model.states[n][1], futures), np.float32) for n in ("trigger_count", "trigger_wait")}
    return replace(ready, runner=_runner(ready.runner, model, found), state={**ready.state, **extra})


def unconditional(policy: Any) -> Any:
    """The policy with its levers' spans and effects alone: what they wait for is in the model by then."""
    return policy.model_copy(update={"levers": tuple(u.model_copy(update={"when": ""}) for u in policy.levers)})


def _runner(base: Runner, model: Model, found: Sequence[Trigger]) -> Runner:
    """One runner per set of triggers: theories share it, and its programs."""
    kept: dict[Sequence[Trigger], Runner] = base.__dict__.setdefault("waiting", {})
    if found not in kept:
        kept[found] = Runner(model)
    return kept[found]
