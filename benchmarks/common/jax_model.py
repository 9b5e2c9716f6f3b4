"""The common small model in JAX, float32, futures last, chance from the package's own generator.

Fear is kept as seven arrays [8, F], by d = 1 … 7: row i of array d is i's fear of j = i xor d. So no row is wasted on i = j, d > 3 are just
the cross pairs, and bringing j's arms to the row of i is a reversal of axes, with no table of indices.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from detente.engine import chance

DT, STEPS = np.float32(0.25), 80
WIDTH = 512
WIDE = {"xla_cpu_prefer_vector_width": 512}  # the compiler's own choice is 256 bits, half as fast here
Array = jax.Array


class State(NamedTuple):
    """x log arms [8, F]; f fear, seven of [8, F]; r rung, ever and hazard [1, F]."""

    x: Array
    f: tuple[Array, ...]
    r: Array
    ever: Array
    hazard: Array


def total(parts: list[Array]) -> Array:
    value = parts[0]
    for part in parts[1:]:
        value = value + part
    return value


def partner(a: Array, d: int) -> Array:
    """Row i xor d at row i."""
    return jax.lax.rev(a.reshape(2, 2, 2, -1), [k for k, bit in enumerate((4, 2, 1)) if d & bit]).reshape(a.shape)


def once(a: Array) -> Array:
    """The same array, made once: the compiler would make it anew inside each of its uses, but never sees through a matrix product."""
    return jnp.matmul(np.eye(len(a), dtype=np.float32), a, precision="highest")


def exp(x: Array) -> Array:
    """e**x within 2e-7, between -87 and 87: some four instructions fewer than the library's."""
    x = jnp.clip(x, -87, 87)
    k = jnp.round(x * np.float32(1.44269504))
    f = (x - k * np.float32(0.693359375)) + k * np.float32(2.12194440e-4)
    p = jnp.full_like(f, 1.3981999e-3)
    for c in (8.3334519e-3, 4.1665796e-2, 1.6666666e-1, 0.5, 1.0, 1.0):
        p = p * f + np.float32(c)
    bits = jax.lax.bitcast_convert_type(p, jnp.int32) + (k.astype(jnp.int32) << 23)
    return jax.lax.bitcast_convert_type(bits, jnp.float32)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + exp(-x))


def tension(s: list[Array]) -> Array:
    """Mean over cross pairs of σ(fear) [1, F]."""
    rows = total(s[3:])
    return total([rows[i : i + 1] for i in range(8)]) * np.float32(1 / 32)


def begin(p: dict[str, Array], x: Array, r: Array) -> State:
    """State before the first step."""
    f = tuple(jnp.broadcast_to(p["mux"] if d > 3 else p["muw"], x.shape) for d in range(1, 8))
    return State(x, f, r, jnp.zeros_like(r), jnp.zeros_like(r))


def step(p: dict[str, Array], now: State, key: Array | None) -> State:
    """One quarter; no key: chance off (z = ζ = 0, u = 1)."""

    def normal(first: int) -> Array:
        return chance.normal(key, np.arange(first, first + 8, dtype=np.uint32)) if key is not None else jnp.float32(0)

    a, s = jnp.exp(now.x), [sigmoid(f) for f in now.f]
    pull = total([s[d - 1] * partner(a, d) for d in range(1, 8)])
    G = once((p["k"] * pull + p["g"]) / a - p["m"] + p["v"] * normal(0) / np.sqrt(DT))
    up = jnp.where(now.r < 4, p["h0"] * jnp.exp(p["beta"] * (tension(s) - 0.5) + now.r * jnp.log(p["q"])), 0)
    down = jnp.where(now.r > 0, p["d"], 0)
    happens = 1 - jnp.exp(-(up + down) * DT)
    climbs = happens * up / (up + down)
    hazard = now.hazard + jnp.where((now.r == 2) & (now.ever == 0), climbs, 0)
    speed = DT * p["lam"]
    level = [speed * p["muw"], speed * (p["mux"] + p["cr"] * now.r)]
    g, jitter = speed * p["cg"] * G, p["sf"] * np.sqrt(DT)
    fear = tuple((1 - speed) * f + level[d > 3] + partner(g, d) + jitter * normal(8 * d) for d, f in enumerate(now.f, 1))
    u = chance.uniform(key, np.array([64], np.uint32)) if key is not None else jnp.ones_like(now.r)
    r = now.r + jnp.where(u < climbs, 1.0, jnp.where(u < happens, -1.0, 0.0))
    return State(now.x + DT * G, fear, r, jnp.where(r >= 3, 1.0, now.ever), hazard)


def drawn(key: Array) -> tuple[dict[str, Array], Array, Array]:
    """Parameters [1, F] ([8, F] for g), log arms [8, F] and rung of each future."""
    u = chance.uniform(key, np.arange(29, dtype=np.uint32))

    def uniform(low: float, high: float, rows: slice) -> Array:
        return np.float32(low) + np.float32(high - low) * u[rows]

    def log_uniform(low: float, high: float, rows: slice) -> Array:
        return jnp.exp(uniform(np.log(low), np.log(high), rows))

    ranges = {
        "k": (log_uniform, 0.02, 0.06), "m": (log_uniform, 0.25, 0.5), "v": (log_uniform, 0.02, 0.1), "lam": (log_uniform, 0.1, 0.5), "cg": (uniform, 0, 4),
        "cr": (uniform, 0, 1), "sf": (log_uniform, 0.1, 0.4), "mux": (uniform, -0.5, 1), "muw": (uniform, -3, -1), "h0": (log_uniform, 0.1, 0.6),
        "beta": (uniform, 1, 5), "q": (uniform, 0.4, 0.9), "d": (log_uniform, 0.3, 1.5),
    }  # fmt: skip
    p = {name: law(low, high, slice(i, i + 1)) for i, (name, (law, low, high)) in enumerate(ranges.items())}
    p["g"] = uniform(0.05, 0.2, slice(13, 21))
    return p, uniform(np.log(0.5), np.log(2), slice(21, 29)), jnp.zeros_like(p["k"])


def chunk(seed: Array, futures: Array) -> Array:
    """Outcomes of a chunk of futures: rows A, T, rung, ever, hazard [5, F]. Year 0 is for parameters, year 1 for the steps."""
    start = begin(*(drawn_now := drawn(chance.step_key(chance.luck_keys(seed, futures, 0), 0))))
    luck = chance.luck_keys(seed, futures, 1)
    quarters = jnp.arange(STEPS, dtype=jnp.uint32)
    end, _ = jax.lax.scan(lambda now, t: (step(drawn_now[0], now, chance.step_key(luck, t)), None), start, quarters)
    a = jnp.exp(end.x)
    rows = [total([a[i : i + 1] for i in range(8)]) / 8, tension([sigmoid(f) for f in end.f]), end.r, end.ever, end.hazard]
    return jnp.concatenate(rows)


@partial(jax.jit, static_argnames=("chunks", "workers"), compiler_options=WIDE)
def outcomes(seed: Array, first: Array, chunks: int, workers: int = 1) -> Array:
    """[chunk, 5, WIDTH] of chunks · WIDTH futures from number `first`, over so many host devices."""
    futures = (first + jnp.arange(chunks * WIDTH, dtype=jnp.uint32)).reshape(chunks, WIDTH)

    def many(part: Array) -> Array:
        return jax.lax.map(partial(chunk, seed), part)

    if workers == 1:
        return many(futures)
    mesh = Mesh(np.array(jax.devices()[:workers]), ("worker",))
    return jax.shard_map(many, mesh=mesh, in_specs=PartitionSpec("worker"), out_specs=PartitionSpec("worker"), check_vma=False)(futures)


def sample(n: int, seed: int, workers: int = 1) -> np.ndarray:
    """Rows A, T, rung, ever, hazard [5, n]; n a multiple of WIDTH times workers."""
    return np.asarray(outcomes(np.uint32(seed), np.uint32(0), n // WIDTH, workers)).transpose(1, 0, 2).reshape(5, n)


def unchanced(p: dict[str, np.ndarray], x: np.ndarray, r: np.ndarray, steps: int) -> State:
    """The state after so many steps without chance, from NumPy values with futures last."""
    q = {name: jnp.asarray(np.atleast_2d(v), jnp.float32) for name, v in p.items()}
    now = begin(q, jnp.asarray(x, jnp.float32), jnp.asarray(np.atleast_2d(r), jnp.float32))
    for _ in range(steps):
        now = _unchanced_step(q, now)
    return now


@jax.jit
def _unchanced_step(p: dict[str, Array], now: State) -> State:
    return step(p, now, None)
