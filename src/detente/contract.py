"""What a mechanism is. Imports nothing of ours.

A mechanism is one pure function `f(state, p, world, draw) -> dict` of arrays whose **last axis is the future**. It declares the states it
owns, the states it reads, its parameters and its levers; the engine holds it to them. It never touches a random generator, the record or
an actor's name: chance and the record come through `draw`, structure through `world`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array
DT = 0.25
"""Length of a step in years."""

RUNGS = ("calm", "serious incident", "crisis", "armed clash", "war", "nuclear use")
CAUSES = ("mistake", "decision", "spill-over")
OFFERS = ("none", "declared", "promised", "member")


@dataclass(frozen=True)
class Parameter:
    """One number that a theory may give a range; drawn once per future.

    `range` is the baseline, wide and the same for every theory that does not speak of it; `neutral` is the value at which its effect
    vanishes (None where no such value exists, e.g. a speed). `per` names an axis: one independent draw per element. `kind="shape"` marks a
    constant of an equation's form, fixed at `range[0]` by default. `raises` says which outcome grows with it. `source` is a key of the
    bibliography or "assumed".
    """

    meaning: str
    unit: str
    range: tuple[float, float]
    neutral: float | None = 0.0
    per: str | None = None
    scale: Literal["linear", "log"] = "linear"
    raises: str = ""
    source: str = "assumed"
    claims: tuple[str, ...] = ()
    kind: Literal["belief", "shape"] = "belief"
    disputed: str = ""


@dataclass(frozen=True)
class State:
    """One array of the state. `axes` are the leading axes (futures come last); `initial` a number, or a parameter's name."""

    axes: tuple[str, ...]
    unit: str
    meaning: str
    initial: float | str = 0.0
    low: float = -np.inf
    high: float = np.inf
    horizon: bool = False
    """True for what is counted from the start of a projection: set to `initial` again there."""
    flow: bool = False
    """True for an event or quantity of this quarter only (kept for one step so that earlier mechanisms of the next can read it)."""


@dataclass(frozen=True)
class Lever:
    """One measure a government could announce, as an input of a mechanism; 0 is *not in force*."""

    meaning: str
    unit: str
    per: str | None = None
    low: float = 0.0
    high: float = 1.0
    counterpart: str = ""
    """The same measure on the other side, or the reason why there is none (`conduct.md`, lever parity)."""


class Draw(Protocol):
    """The only door for chance and for the record.

    Simulating, the answer is sampled; where the record holds that name at this step the answer is the recorded value and its
    log-probability joins the future's log-weight.
    """

    def event(self, name: str, hazard: Array) -> Array:
        """0/1 with probability 1 − exp(−hazard·Δ); hazard per year, any shape [..., future]."""
        ...

    def chance(self, name: str, probability: Array, when: Array | None = None) -> Array:
        """0/1 with a probability per occasion (renewals, acts that follow an event); 0 and unscored where `when` is false."""
        ...

    def count(self, name: str, mean: Array, dispersion: Array | None = None) -> Array:
        """Negative binomial of the given mean and size `dispersion`; Poisson without it."""
        ...

    def choice(self, name: str, hazards: Array, stay: Array) -> tuple[Array, Array]:
        """Competing hazards [option, ..., future] per year: (index of the option that fires, else `stay`; probabilities of the options).

        p_k = H_k/ΣH · (1 − exp(−ΣH Δ)). A record may hold the index, or a set of indices it cannot tell apart."""
        ...

    def noise(self, name: str, loc: Array, scale: Array) -> Array:
        """Normal around `loc`; a measured value is drawn from its exact conditional given the measurement."""
        ...

    def pick(self, name: str, weights: Array) -> Array:
        """Index drawn in proportion to non-negative weights [option, ..., future]; never recorded (causes of a known event)."""
        ...


Outputs = Mapping[str, Array]
Function = Callable[[Any, Any, "World", Draw], Outputs]


@dataclass(frozen=True)
class Mechanism:
    """A mechanism with its declarations. `function.__doc__` and the module's docstring are its entry in the docs."""

    name: str
    function: Function
    reads: tuple[str, ...]
    states: Mapping[str, State]
    parameters: Mapping[str, Parameter]
    levers: Mapping[str, Lever] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    """Parameters and levers that another mechanism declares."""
    module: str = ""
    draws: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)

    @property
    def writes(self) -> tuple[str, ...]:
        return tuple(self.states)


def mechanism(
    *,
    reads: Sequence[str],
    states: Mapping[str, State],
    parameters: Mapping[str, Parameter] | None = None,
    levers: Mapping[str, Lever] | None = None,
    uses: Sequence[str] = (),
    draws: Mapping[str, str] | None = None,
    needs: Mapping[str, tuple[int, int | None]] | None = None,
) -> Callable[[Function], Mechanism]:
    """Declare a function as a mechanism: what it reads, which states it alone writes, its parameters, levers and draws.

    `draws` maps the name of each draw to the axis of its elements ("" for one draw). `needs` says how many elements of an axis the equations
    presuppose: (at least, at most; None for any number).
    """

    def wrap(function: Function) -> Mechanism:
        return Mechanism(
            name=function.__name__,
            function=function,
            reads=tuple(reads),
            states=dict(states),
            parameters=dict(parameters or {}),
            levers=dict(levers or {}),
            uses=tuple(uses),
            module=function.__module__,
            draws=dict(draws or {}),
            needs=dict(needs or {}),
        )

    return wrap


# ---------------------------------------------------------------------------------------------------------------- the world


@dataclass(frozen=True)
class Pairs:
    """Directed pairs (i, j): `source` i, `target` j, `mirror` the index of (j, i); `rival` marks pairs across a rivalry."""

    names: tuple[str, ...]
    source: np.ndarray
    target: np.ndarray
    mirror: np.ndarray
    rival: np.ndarray


@dataclass(frozen=True)
class World:
    """Structure that a scenario fixes: names, index arrays and constant weights. Roles, never names, reach a mechanism.

    Index arrays are integers into the axis named; weight matrices have rows that sum to one unless said. `now` and `levers` are filled by
    the engine at every step: `now.year` (start of the quarter, e.g. 1999.25), `now.quarter` (0–3); `levers.NAME` [element, future].
    """

    axes: Mapping[str, tuple[str, ...]]
    pairs: Pairs
    constants: Mapping[str, Any]
    now: Any = None
    levers: Any = None

    def __getattr__(self, name: str) -> Any:
        constants = object.__getattribute__(self, "constants")
        if name in constants:
            return constants[name]
        raise AttributeError(f"the world has no constant {name!r}")

    def size(self, axis: str) -> int:
        return len(self.axes[axis])


# ------------------------------------------------------------------------------------------------- what three mechanisms need


def sigma(x: Array) -> Array:
    """The logistic function."""
    return jax.nn.sigmoid(x)


def positive(x: Array) -> Array:
    """x⁺ = max(x, 0)."""
    return jnp.maximum(x, 0.0)


def relax(x: Array, level: Array, rate: Array | float) -> Array:
    """x moved toward `level` at `rate` per year over one step (exact for a constant level, so it never overshoots)."""
    return x + (level - x) * (1.0 - jnp.exp(-rate * DT))


def rows(x: Array, index: np.ndarray) -> Array:
    """x[index] along the first axis of [n, future], for a constant index (as a product: a gather inside a fusion is no vector code)."""
    place = np.zeros((len(index), x.shape[0]), np.float32)
    place[np.arange(len(index)), index] = 1.0
    return weigh(place, x)


def weigh(matrix: np.ndarray, x: Array) -> Array:
    """Constant matrix [m, n] times x [n, future] → [m, future]; a product is made once, where XLA would recompute fused sums."""
    return jnp.tensordot(jnp.asarray(np.asarray(matrix, np.float32)), x, axes=1, precision="highest")


def total(parts: Sequence[Array] | Array) -> Array:
    """Sum over the leading axis as explicit additions, which XLA fuses better than a reduction over a short axis."""
    items = list(parts)
    if not items:  # an axis without elements
        return jnp.zeros(jnp.asarray(parts).shape[1:])
    result = items[0]
    for part in items[1:]:
        result = result + part
    return result


def average(x: Array) -> Array:
    """Mean over the leading axis."""
    return total(x) / max(x.shape[0], 1)


def quantal(precision: Array | float, gain: Array) -> Array:
    """Quantal (logit) response: probability of the act whose expected gain over the alternative is `gain` (McKelvey & Palfrey 1995)."""
    return sigma(precision * gain)
