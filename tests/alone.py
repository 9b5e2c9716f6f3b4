"""One mechanism by itself: random valid states and parameters of the shipped scenario in, its states out, with their slope in the parameters."""

from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente import scenario as files
from detente.contract import DT, Mechanism, State
from detente.engine import chance
from detente.engine.compose import Model, built_in, compose
from detente.engine.draws import Chance
from detente.engine.simulate import to_theta
from detente.engine.step import _View, parameters_of

WIDTH = 32
WHOLE = ("0/1", "0–2", "0–3", "0–5")
"""Units of states that hold whole numbers."""


class Expected(Chance):
    """Chance itself, or where `on` its expectation: a hazard then shows in the state however rare its event is."""

    def __init__(self, on: Any, *words: Any) -> None:
        super().__init__(*words)
        self._on = on

    def event(self, name, hazard):
        return jnp.where(self._on, -jnp.expm1(-hazard * DT), super().event(name, hazard))

    def chance(self, name, probability, when=None):
        happens = super().chance(name, probability, when)
        return jnp.where(self._on, probability * (1.0 if when is None else when), happens)

    def count(self, name, mean, dispersion=None):
        return jnp.where(self._on, mean, super().count(name, mean, dispersion))

    def choice(self, name, hazards, stay):
        index, probability = super().choice(name, hazards, stay)
        ladder = jnp.arange(len(hazards), dtype=index.dtype)[:, None, None]
        drift = (probability * (ladder - stay)).sum(axis=0)
        return jnp.where(self._on, stay + drift, index), probability

    def noise(self, name, loc, scale):
        return jnp.where(self._on, loc, super().noise(name, loc, scale))

    def pick(self, name, weights):
        ladder = jnp.arange(len(weights), dtype=weights.dtype)[:, None, None]
        even = (ladder * weights).sum(axis=0) / weights.sum(axis=0)
        return jnp.where(self._on, even, super().pick(name, weights))


@dataclass(frozen=True)
class Case:
    """What a step is given."""

    state: dict[str, np.ndarray]
    p: dict[str, Any]
    levers: dict[str, Any]
    key: Any
    year: float
    quarter: int
    first: bool


@cache
def model() -> Model:
    return compose(files.load("euro_atlantic"))


def valid(state: State, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Random values of a state [*shape, WIDTH] inside its bounds, a tenth of them on a bound; long positive ranges evenly in logarithms."""
    shape = (*shape, WIDTH)
    if state.unit in WHOLE:
        return rng.integers(int(state.low), int(state.high) + 1, shape).astype(np.float32)
    low, high = max(state.low, -1e3), min(state.high, 1e7)
    if low >= 0.0 and high > 20.0:
        values = np.exp(rng.uniform(np.log(max(low, 1e-2)), np.log(high), shape))
    else:
        values = rng.uniform(low, high, shape)
    edge = rng.random(shape)
    return np.where(edge < 0.05, low, np.where(edge > 0.95, high, values)).clip(low, high).astype(np.float32)


def case(seed: int, levers: bool = True) -> Case:
    """A random case: everything inside its declared bounds."""
    whole, rng = model(), np.random.default_rng(seed)
    theta = to_theta(rng.standard_normal((len(whole.rows), WIDTH)), whole.ranges())
    doses = np.array([whole.levers[name][0].high for name, _ in whole.lever_rows], np.float32)[:, None] * rng.random(
        (len(whole.lever_rows), WIDTH)
    )
    doses = (doses * levers).astype(np.float32)
    state = {name: valid(s, shape, rng) for name, (s, shape) in whole.states.items()}
    key = chance.luck_keys(seed, jnp.arange(WIDTH, dtype=jnp.uint32), 1)
    quarter = int(rng.integers(4))
    return Case(
        state,
        {k: np.asarray(v) for k, v in parameters_of(whole, theta).items()},
        {name: doses[place] for name, (_, place) in whole.levers.items()},
        key,
        float(rng.integers(1991, 2032)) + 0.25 * quarter,
        quarter,
        bool(rng.integers(2)),
    )


def step(m: Mechanism, given: Case, expected: Any = None) -> dict[str, Any]:
    """The mechanism's new states, behind the same guards as in the engine; `expected` (0/1) asks for expectations instead of luck."""
    whole = model()
    now = SimpleNamespace(year=given.year, quarter=given.quarter, first=given.first)
    world = replace(whole.world, now=now, levers=_View(m.name, "lever", given.levers, (*m.levers, *m.uses)))
    words = (given.key, whole.draws, {}, None)
    draw = Chance(*words) if expected is None else Expected(expected, *words)
    views = _View(m.name, "state", given.state, m.reads), _View(m.name, "parameter", given.p, (*m.parameters, *m.uses))
    return dict(m.function(*views, world, draw))


jax.tree_util.register_dataclass(Case, list(Case.__dataclass_fields__), [])


@cache
def compiled(name: str) -> Any:
    """(case, expected) → (new states, slope of the sum of all of them in each parameter)."""
    m = built_in(name)

    def total(p: dict[str, Any], given: Case, expected: Any) -> Any:
        out = step(m, replace(given, p=given.p | p), expected)
        return sum(v.sum() for v in out.values()), out

    def run(given: Case, expected: Any) -> Any:
        own = {k: jnp.asarray(v) for k, v in given.p.items() if k in (*m.parameters, *m.uses)}
        if not own:
            return total({}, given, expected)[1], {}
        slope, out = jax.grad(total, has_aux=True)(own, given, expected)
        return out, slope

    return jax.jit(run)


def run(m: Mechanism, given: Case, expected: bool = False) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """New states and slopes, as NumPy."""
    small = replace(
        given,
        state={k: v for k, v in given.state.items() if k in m.reads},
        p={k: v for k, v in given.p.items() if k in (*m.parameters, *m.uses)},
        levers={k: v for k, v in given.levers.items() if k in (*m.levers, *m.uses)},
    )
    out, slope = compiled(m.name)(small, expected)
    return jax.tree.map(np.asarray, out), jax.tree.map(np.asarray, slope)


def neutral(m: Mechanism, given: Case) -> Case:
    """The case with every parameter that has a neutral value at it, and no lever pulled."""
    declared = {name: model().parameters[name][0] for name in given.p}
    p = {k: v if declared[k].neutral is None else np.full_like(v, declared[k].neutral) for k, v in given.p.items()}
    return replace(given, p=p, levers={k: np.zeros_like(v) for k, v in given.levers.items()})
