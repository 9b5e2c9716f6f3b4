"""A local level, y_t = m_t + e_t, m_{t+1} = m_t + h_t, run by the engine's own conditional draw of a measured normal.

`Chance.noise` draws a measured value from its exact conditional and scores the measure. Fed with the standard normals 0 and 1 in place of luck
it gives conditional mean and mean plus standard deviation: step by step, that is Kalman's filter.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.contract import Array
from detente.engine.draws import Chance

SITES: dict[str, tuple[str, np.ndarray]] = {"level": ("element", np.zeros(1, np.uint32))}


class _Given(Chance):
    """Chance whose normals are 0 in the first future and 1 in the second."""

    def _normal(self, name: str, tag: str = "") -> Array:
        return jnp.arange(2.0)[None]


def slices(y: Any, error: Any) -> dict[str, Any]:
    """What the engine holds of one measure [element 1, future 1] at a step."""
    one = {"y": jnp.reshape(y, (1, 1)), "error": jnp.reshape(error, (1, 1)), "has": jnp.ones((1, 1), bool), "student": False}
    return {"level": [one | {"offset": np.array([-1]), "weight": 1.0, "series": "y"}]}


def filtered(y: Any, var_e: Any, var_h: Any, mean: Any, variance: Any) -> tuple[Array, Array, Array]:
    """Log-likelihood terms, filtered means and variances [step] of a local level whose first m ~ N(mean, variance)."""

    def step(carry: tuple[Array, Array], y: Array) -> tuple[tuple[Array, Array], tuple[Array, Array, Array]]:
        a, p = carry
        draw = _Given(jnp.zeros((2, 2), jnp.uint32), SITES, slices(y, jnp.sqrt(var_e)), None)
        both = draw.noise("level", jnp.broadcast_to(a, (1, 2)), jnp.sqrt(p))[0]
        m, v = both[0], (both[1] - both[0]) ** 2
        return (m, v + var_h), (draw.scores["y"][0], m, v)

    _, found = jax.lax.scan(step, (jnp.asarray(mean, float), jnp.asarray(variance, float)), jnp.asarray(y, float))
    return found


def diffuse(y: Any, var_e: Any, var_h: Any) -> Array:
    """Exact diffuse log-likelihood with (n − 1)/2 log 2π: the first observation is spent on the level."""
    y = jnp.asarray(y, float)
    return filtered(y[1:], var_e, var_h, y[0], var_e + var_h)[0].sum()
