"""The ladder as a Markov chain: the escalation mechanism's own hazards, rung by rung, and where the chain ends.

`hazards` calls the mechanism `escalation` as the engine does, once for every rung, and keeps what it hands to `draw.choice`; everything else is
held at the values given. From these come the generator, the chain of a quarter (the probabilities of `Chance.choice`), the chain of jumps,
and the classical quantities of absorbing chains: visits, time, variance, end.

Source: Kemeny & Snell 1960, ch. III; the long-run rate of leaving is minus the dominant eigenvalue of the transient block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import jax.numpy as jnp
import numpy as np
from scipy.linalg import expm

from detente.analysis.precision import double
from detente.contract import RUNGS, Array, Draw
from detente.engine.compose import Model
from detente.engine.draws import Chance
from detente.mechanisms.escalation import escalation


class _Listener:
    """A `Draw` that keeps the hazards of the choice of rung and leaves every rung as it is."""

    def __init__(self) -> None:
        self.hazards: Array | None = None

    def choice(self, name: str, hazards: Array, stay: Array) -> tuple[Array, Array]:
        self.hazards = hazards
        return stay, jnp.zeros_like(hazards)

    def pick(self, name: str, weights: Array) -> Array:
        return jnp.zeros_like(weights[0])


class _Held:
    """Values by attribute."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


def hazards(
    model: Model,
    values: Mapping[str, Any],
    states: Mapping[str, Any] | None = None,
    levers: Mapping[str, Any] | None = None,
    rivalry: int = 0,
) -> np.ndarray:
    """Hazards per year of the escalation mechanism [from, to, case], float64.

    `values`: parameters, a number or [case] each (one of a vector parameter for all its elements, or [element, case]); those not named are
    at the middle of the model's baseline, halfway in logarithms where it is logarithmic. `states`: what it reads, in the same form; those
    not named at the model's start values. Row: the rung it stands on; the diagonal is zero.
    """
    given = dict(values), dict(states or {}), dict(levers or {})
    cases = max([np.shape(x)[-1] for group in given for x in group.values() if np.ndim(x)] or [1])
    width = len(RUNGS) * cases
    ranges = model.ranges()
    middle = np.where(ranges[:, 2] > 0.5, np.sqrt(np.abs(ranges[:, 0] * ranges[:, 1])), 0.5 * (ranges[:, 0] + ranges[:, 1]))

    def spread(x: Any, shape: tuple[int, ...]) -> Array:
        """A given value – a number, [case] or [*shape, case] – as [*shape, rung·case]."""
        return jnp.asarray(np.tile(np.broadcast_to(np.asarray(x, np.float64), (*shape, cases)), len(RUNGS)))

    def chosen(name: str, group: int, base: Any, shape: tuple[int, ...]) -> Array:
        return spread(given[group][name] if name in given[group] else np.asarray(base)[..., None], shape)

    unknown = [k for k in given[0] if k not in model.parameters] + [k for k in given[1] if k not in escalation.reads]
    if unknown:
        raise ValueError(f"the ladder knows no {unknown[0]!r}")
    with double():
        p = {}
        for name in (*escalation.parameters, *escalation.uses):
            if name in model.parameters:
                place = model.parameters[name][1]
                base = middle[place]
                p[name] = chosen(name, 0, base, np.shape(base))
        state = {k: chosen(k, 1, model.start[k], model.states[k][1]) for k in escalation.reads if k != "rung"}
        state["rung"] = jnp.broadcast_to(jnp.repeat(jnp.arange(len(RUNGS), dtype=jnp.float64), cases), (*model.states["rung"][1], width))
        doses = {}
        for name, (_, place) in model.levers.items():
            shape = np.shape(np.zeros(len(model.lever_rows))[place])
            doses[name] = chosen(name, 2, np.zeros(shape), shape)
        world = replace(model.world, now=SimpleNamespace(year=0.0, quarter=0, first=False), levers=_Held(doses))
        listener = _Listener()
        escalation.function(_Held(state), _Held(p), world, cast(Draw, listener))
        assert listener.hazards is not None
        kept = np.asarray(listener.hazards[:, rivalry], np.float64)
    out = kept.reshape(len(RUNGS), len(RUNGS), cases).swapaxes(0, 1).copy()
    out[np.arange(len(RUNGS)), np.arange(len(RUNGS))] = 0.0
    return out


def quarter(rates: np.ndarray) -> np.ndarray:
    """Chain of one quarter [from, to] from hazards [from, to], by the engine's own competing hazards (`Chance.choice`)."""
    size = len(rates)
    with double():
        draw = Chance(jnp.zeros((2, size), jnp.uint32), {"rung": ("rivalry", np.zeros(1, np.uint32))}, {}, None)
        _, probability = draw.choice("rung", jnp.asarray(rates.T[:, None, :]), jnp.arange(float(size))[None])
        out = np.asarray(probability[:, 0, :], np.float64).T
    return out + np.diag(1.0 - out.sum(axis=1))


def generator(rates: np.ndarray, ends: Sequence[int] = ()) -> np.ndarray:
    """Generator matrix from hazards [from, to]; the states of `ends` are left no more."""
    out = np.array(rates, np.float64)
    out[list(ends)] = 0.0
    np.fill_diagonal(out, 0.0)
    return out - np.diag(out.sum(axis=1))


def jumps(rates: np.ndarray, ends: Sequence[int] = ()) -> np.ndarray:
    """Chain of jumps: where the next move goes, whenever it comes. A state without a way out stays."""
    out = np.array(rates, np.float64)
    out[list(ends)] = 0.0
    np.fill_diagonal(out, 0.0)
    mass = out.sum(axis=1, keepdims=True)
    return np.where(mass > 0.0, out / np.where(mass > 0.0, mass, 1.0), np.eye(len(out)))


@dataclass(frozen=True)
class Absorption:
    """An absorbing chain: `visits` [from, to] expected visits, `time` and `variance` [from] of the number of moves, `ends` [from, end]."""

    transient: tuple[int, ...]
    absorbing: tuple[int, ...]
    visits: np.ndarray
    time: np.ndarray
    variance: np.ndarray
    ends: np.ndarray

    def end(self, start: int, at: int) -> float:
        """Probability of ending at `at` from `start`."""
        return float(self.ends[self.transient.index(start), self.absorbing.index(at)])


def absorb(chain: np.ndarray) -> Absorption:
    """Fundamental matrix and what follows from it. Raises ValueError where no state absorbs, or some state never reaches one."""
    chain = np.asarray(chain, np.float64)
    final = np.isclose(np.diag(chain), 1.0)
    if not final.any():
        raise ValueError("no state of this chain absorbs")
    inside, outside = np.flatnonzero(~final), np.flatnonzero(final)
    q, r = chain[np.ix_(inside, inside)], chain[np.ix_(inside, outside)]
    if np.abs(np.linalg.eigvals(q)).max() > 1.0 - 1e-14:
        raise ValueError("a state of this chain never reaches an absorbing one")
    visits = np.linalg.inv(np.eye(len(inside)) - q)
    time = visits.sum(axis=1)
    variance = (2.0 * visits - np.eye(len(inside))) @ time - time**2
    return Absorption(tuple(inside.tolist()), tuple(outside.tolist()), visits, time, variance, visits @ r)


def within(matrix: np.ndarray, years: float, start: int, at: int) -> float:
    """Probability of being at `at` (an absorbing one: of having reached it) `years` later, from a generator."""
    return float(expm(np.asarray(matrix) * years)[start, at])


def after(chain: np.ndarray, moves: int, start: int, at: int) -> float:
    """The same for a chain in discrete time, after so many moves."""
    return float(np.linalg.matrix_power(chain, moves)[start, at])


def mean_years(matrix: np.ndarray, start: int, at: int) -> float:
    """Expected years from `start` until `at` is reached, from a generator."""
    rest = [k for k in range(len(matrix)) if k != at]
    times = np.linalg.solve(-np.asarray(matrix)[np.ix_(rest, rest)], np.ones(len(rest)))
    return float(times[rest.index(start)])


def long_run_rate(matrix: np.ndarray, ends: Sequence[int]) -> float:
    """Rate per year of reaching `ends` in the long run, given that they were not reached (quasi-stationary)."""
    rest = [k for k in range(len(matrix)) if k not in ends]
    return float(-np.linalg.eigvals(np.asarray(matrix)[np.ix_(rest, rest)]).real.max())


def mean_rate(rates: np.ndarray, ends: Sequence[int]) -> np.ndarray:
    """Mean hazard of `ends` [case] over the long run of the rungs below, as if each end led back to calm at once; hazards [from, to, case]."""
    rates = np.asarray(rates, np.float64).reshape(len(rates), len(rates), -1)
    rest = [k for k in range(len(rates)) if k not in ends]
    inner = rates[np.ix_(rest, rest)].transpose(2, 0, 1).copy()
    place = np.arange(len(rest))
    inner[:, place, place] = 0.0
    inner[:, place, place] = -inner.sum(axis=2)
    system = inner.swapaxes(1, 2).copy()
    system[:, 0, :] = 1.0
    right = np.zeros((len(system), len(rest)))
    right[:, 0] = 1.0
    share = np.linalg.solve(system, right[..., None])[..., 0]
    leave = rates[np.ix_(rest, list(ends))].sum(axis=1).T
    return np.asarray((share * leave).sum(axis=1))
