"""A cheap guard for a theory: does its loop of conduct, hawks and fear grow by itself?

One step of the composed model is linearised about where history begins, at the centre of a theory's ranges and under one luck: the states of the loop are
pushed one at a time, all in one run, and all others start alike. A spectral radius above one a quarter means that a small quarrel grows without new cause:
the theory then claims a runaway, which may be meant and should be known.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.engine.compose import Model
from detente.engine.draws import Chance
from detente.engine.simulate import draw_luck, to_theta
from detente.engine.step import advance, parameters_of, start_state

LOOP = ("conduct", "hawks", "fear")
"""States of the loop."""
SHADOWS = {"seen": "conduct", "threat": "fear"}
"""What follows from a state within the step: pushed with it."""
PUSH = 1e-2
"""Size of a push, in each state's own unit: large beside float32's rounding, small beside its scale."""


def loop_radius(model: Model, ranges: np.ndarray) -> float:
    """Spectral radius [1] of one step of the loop at the centre of ranges [row, 3]; not a number where the model has no such loop."""
    return _radius(model, _step(model), ranges) if _has_loop(model) else float("nan")


def runaways(model: Model) -> dict[str, float]:
    """Theories (the baseline among them) whose loop grows by itself → its spectral radius a quarter."""
    if not _has_loop(model):
        return {}
    step = _step(model)
    found = {name: _radius(model, step, model.ranges(theory)) for name, theory in model.scenario.theories.items()}
    return {name: radius for name, radius in found.items() if radius > 1.0}


def _has_loop(model: Model) -> bool:
    return set(LOOP) <= set(model.states)


def _step(model: Model) -> Any:
    luck = jnp.asarray(draw_luck(0, np.zeros(1, np.uint32), [model.start_year])[0])
    doses = jnp.zeros((len(model.lever_rows), 1))
    levers = {name: doses[place] for name, (_, place) in model.levers.items()}

    @jax.jit
    def step(state: dict[str, Any], theta: Any) -> dict[str, Any]:
        width = theta.shape[-1]
        draw = Chance(jnp.broadcast_to(luck, (2, width)), model.draws, {}, theta)
        now = SimpleNamespace(year=jnp.float32(model.start_year), quarter=jnp.int32(0), first=False)
        return advance(model, state, parameters_of(model, theta), now, levers, draw)

    return step


def _radius(model: Model, step: Any, ranges: np.ndarray) -> float:
    sizes = [int(np.prod(model.states[name][1], dtype=int)) for name in LOOP]
    width = 1 + sum(sizes)
    theta = np.repeat(to_theta(np.zeros((len(model.rows), 1)), ranges), width, axis=1)
    state = {k: np.array(v) for k, v in start_state(model, jnp.asarray(theta)).items()}
    first = 1
    for name, size in zip(LOOP, sizes, strict=True):
        columns = np.arange(first, first + size)
        state[name].reshape(size, width)[np.arange(size), columns] += PUSH
        first += size
    for shadow, name in SHADOWS.items():
        if shadow in state:
            pushed = state[name] - state[name][..., :1]
            slope = 1.0 if shadow == "seen" else _logistic_slope(state[name][..., :1])
            state[shadow] = state[shadow] + slope * pushed
    out = step(state, jnp.asarray(theta))
    after = np.concatenate([np.asarray(out[name], np.float64).reshape(size, width) for name, size in zip(LOOP, sizes, strict=True)])
    jacobian = (after[:, 1:] - after[:, :1]) / PUSH
    return float(np.abs(np.linalg.eigvals(jacobian)).max())


def _logistic_slope(x: np.ndarray) -> np.ndarray:
    p = 1.0 / (1.0 + np.exp(-x))
    return p * (1.0 - p)
