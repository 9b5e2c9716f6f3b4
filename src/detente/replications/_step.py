"""One quarter of a composed model at given states, parameters and levers, a case a future."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np

from detente.engine.chance import luck_keys, step_key
from detente.engine.compose import Model
from detente.engine.draws import Chance
from detente.engine.step import advance, parameters_of, start_state
from detente.replications._small import _value


def quarter(
    model: Model, values: Mapping[str, Any], states: Mapping[str, Any], cases: int, levers: Mapping[str, Any] | None = None, seed: int = 1
) -> dict[str, np.ndarray]:
    """States after one step [*axes, case]. `values` as in `_small.history`; `states` and `levers` by name, shapes that broadcast to [*axes, case]."""
    theta = jnp.asarray(np.stack([_value(model, row, values, cases) for row in model.rows]), jnp.float32)
    state = start_state(model, theta)
    for name, value in states.items():
        state[name] = jnp.broadcast_to(jnp.asarray(value, jnp.float32), state[name].shape)
    doses = {}
    for name, (_, place) in model.levers.items():
        shape = (*np.shape(np.zeros(len(model.lever_rows))[place]), cases)
        doses[name] = jnp.broadcast_to(jnp.asarray((levers or {}).get(name, 0.0), jnp.float32), shape)
    key = step_key(luck_keys(seed, jnp.arange(cases, dtype=jnp.uint32), 0), 0)
    now = SimpleNamespace(year=jnp.float32(model.start_year), quarter=jnp.int32(0), first=jnp.asarray(False))
    after = advance(model, state, parameters_of(model, theta), now, doses, Chance(key, model.draws, {}, None))
    return {name: np.asarray(x, np.float64) for name, x in after.items()}
