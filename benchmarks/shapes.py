"""What the shapes of array code cost inside a compiled step on a CPU, for a system of some 25 directed pairs, 12 actors and 60 state rows.

    python benchmarks/shapes.py [NAME ...]

Each case is a scan of 100 steps over arrays [n, F]; the figure is the best of many runs, in ns per step and future, so that other users of
the machine disturb it little. Every case is run with vectors of the compiler's own choice and, after the slash, of 512 bits.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count=2")

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from detente.engine import chance

STEPS, ACTORS, PAIRS = 100, 12, 25
WIDE = {"xla_cpu_prefer_vector_width": 512}
_rng = np.random.default_rng(1)
SOURCE, TARGET = _rng.integers(0, ACTORS, PAIRS), _rng.integers(0, ACTORS, PAIRS)
Body = Callable[[Any, Any], Any]


def best(call: Callable[[], Any], seconds: float = 0.5) -> float:
    """Least wall time of one call, over about so many seconds."""
    jax.block_until_ready(call())
    least, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        jax.block_until_ready(call())
        least = min(least, time.perf_counter() - start)
    return least


def scan(body: Body, start: Any, width: int) -> tuple[float, float]:
    """ns per step and future of a scan of `body(state, t)`, plain and with 512-bit vectors."""

    def run(state: Any) -> Any:
        return jax.lax.scan(lambda c, t: (body(c, t), None), state, jnp.arange(STEPS, dtype=jnp.uint32))[0]

    out = []
    for options in ({}, WIDE):
        compiled = jax.jit(run, compiler_options=options)
        out.append(best(lambda f=compiled: f(start)) / STEPS / width * 1e9)
    return out[0], out[1]


def show(name: str, figures: tuple[float, float]) -> None:
    print(f"{name:78s}{figures[0]:9.2f} / {figures[1]:.2f}", flush=True)


def total(parts: Sequence[Any]) -> Any:
    value = parts[0]
    for part in parts[1:]:
        value = value + part
    return value


def onehot(index: np.ndarray, rows: int) -> np.ndarray:
    return (index[:, None] == np.arange(rows)).astype(np.float32)


def gathers(width: int = 256) -> None:
    """An actor's row brought to each directed pair: x[idx] on the leading axis, in four ways, with cheap and with dear work before it."""
    x, f = jnp.ones((ACTORS, width)), jnp.ones((PAIRS, width))
    ways: dict[str, Callable[[Any], Any]] = {
        "x[idx], index a NumPy constant": lambda x: x[SOURCE],
        "x.at[idx].get(mode=promise_in_bounds)": lambda x: x.at[SOURCE].get(mode="promise_in_bounds"),
        "jnp.stack of single rows": lambda x: jnp.stack([x[i] for i in SOURCE]),
        "jnp.concatenate of slices": lambda x: jnp.concatenate([x[i : i + 1] for i in SOURCE]),
        "one-hot matmul": lambda x: jnp.matmul(onehot(SOURCE, ACTORS), x, precision="highest"),
    }
    for work, g in {"x itself": lambda x: x, "exp(x)": jnp.exp}.items():
        for name, way in ways.items():
            show(
                f"gather 12 → 25 rows of {work}: {name}",
                scan(lambda c, t, w=way, g=g: (c[0] * 0.999 + 1e-3 * c[1][:ACTORS], 0.9 * c[1] + w(g(c[0]))), (x, f), width),
            )


def scatters(width: int = 256) -> None:
    """Pairs summed into actors."""
    x, f = jnp.ones((ACTORS, width)), jnp.ones((PAIRS, width))
    ways: dict[str, Callable[[Any], Any]] = {
        "zeros.at[idx].add": lambda f: jnp.zeros((ACTORS, width)).at[SOURCE].add(f),
        "jax.ops.segment_sum": lambda f: jax.ops.segment_sum(f, SOURCE, ACTORS),
        "one-hot matmul": lambda f: jnp.matmul(onehot(SOURCE, ACTORS).T, f, precision="highest"),
        "explicit adds of rows, stacked": lambda f: jnp.stack(
            [total([jnp.zeros(width)] + [f[k] for k in np.flatnonzero(i == SOURCE)]) for i in range(ACTORS)]
        ),
    }
    for work, g in {"f itself": lambda f: f, "sigmoid(f)": jax.nn.sigmoid}.items():
        for name, way in ways.items():
            show(
                f"sum 25 → 12 rows of {work}: {name}",
                scan(lambda c, t, w=way, g=g: (0.9 * c[0] + 0.01 * w(g(c[1])), 0.99 * c[1]), (x, f), width),
            )


def sums(width: int = 256) -> None:
    """A mean over pairs, used by every row."""
    f = jnp.ones((PAIRS, width))
    ways: dict[str, Callable[[Any], Any]] = {
        ".sum(axis=0)": lambda s: s.sum(axis=0),
        "explicit adds": lambda s: total([s[i] for i in range(PAIRS)]),
        "ones @ s": lambda s: jnp.matmul(np.ones((1, PAIRS), np.float32), s, precision="highest")[0],
    }
    for name, way in ways.items():
        show(f"sum of 25 sigmoids, used by 25 rows: {name}", scan(lambda c, t, w=way: 0.9 * c + 0.01 * w(jax.nn.sigmoid(c)), f, width))


def draws(width: int = 256) -> None:
    """Sixty normals a step, by where the key comes from and how many rows use a draw."""
    sites = np.arange(60, dtype=np.uint32)
    f = jnp.ones((60, width))
    luck = chance.luck_keys(1, jnp.arange(width, dtype=jnp.uint32), 1)
    years = jnp.stack([luck] * (STEPS // 4))
    keep = jax.lax.optimization_barrier
    keys: dict[str, Callable[[Any], Any]] = {
        "luck fixed, step_key in the step": lambda t: chance.step_key(luck, t),
        "luck fixed, step_key behind optimization_barrier": lambda t: keep(chance.step_key(luck, t)),
        "luck[t // 4] by dynamic_index, then step_key": lambda t: chance.step_key(
            jax.lax.dynamic_index_in_dim(years, t // 4, keepdims=False), t
        ),
        "luck[t // 4] by dynamic_index, step_key behind optimization_barrier": lambda t: keep(
            chance.step_key(jax.lax.dynamic_index_in_dim(years, t // 4, keepdims=False), t)
        ),
    }
    for name, key in keys.items():
        show(f"60 normals: {name}", scan(lambda c, t, k=key: 0.9 * c + chance.normal(k(t), sites), f, width))
    for name, wrap in {"as is": lambda z: z, "behind optimization_barrier": keep}.items():

        def body(c: Any, t: Any, wrap: Any = wrap) -> Any:
            z = wrap(chance.normal(keep(chance.step_key(luck, t)), sites))
            return 0.9 * c + z + 0.01 * total([z[i] for i in range(20)])

        show(f"60 normals, 20 of them also in a sum used by all: {name}", scan(body, f, width))
    for name, function in {
        "uniform": chance.uniform,
        "jax.scipy.special.ndtri(uniform)": lambda k, s: jax.scipy.special.ndtri(chance.uniform(k, s)),
    }.items():
        show(f"60 draws by {name}", scan(lambda c, t, g=function: 0.9 * c + g(keep(chance.step_key(luck, t)), sites), f, width))


def functions(width: int = 256) -> None:
    """Elementwise functions of 60 rows."""
    for name, g in {
        "exp": jnp.exp, "log": jnp.log, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "sqrt": jnp.sqrt, "x ** 0.7": lambda x: x**0.7, "log1p": jnp.log1p,
        "expm1": jnp.expm1, "gammaln": jax.scipy.special.gammaln, "division": lambda x: 1 / x,
    }.items():  # fmt: skip
        show(f"60 × {name}", scan(lambda c, t, g=g: 0.5 + 0.1 * g(c), jnp.ones((60, width)), width))


def _system(width: int) -> tuple[Body, Any]:
    """Something like the engine's step: 25 pairs learn, 12 actors react, 37 draws."""
    luck = chance.luck_keys(1, jnp.arange(width, dtype=jnp.uint32), 1)
    sites = np.arange(PAIRS + ACTORS, dtype=np.uint32)

    def body(state: Any, t: Any) -> Any:
        x, f = state
        z = chance.normal(jax.lax.optimization_barrier(chance.step_key(luck, t)), sites)
        s, a = jax.nn.sigmoid(f), jnp.exp(x)
        pull = jnp.matmul(onehot(SOURCE, ACTORS).T, s * jnp.matmul(onehot(TARGET, ACTORS), a, precision="highest"), precision="highest")
        growth = 0.04 * pull / a - 0.3 + 0.1 * z[PAIRS:]
        return x + 0.1 * growth, f + 0.1 * (jnp.matmul(onehot(TARGET, ACTORS), growth, precision="highest") - f) + 0.1 * z[:PAIRS]

    return body, (jnp.zeros((ACTORS, width)), jnp.zeros((PAIRS, width)))


def widths() -> None:
    """Chunk width, same work per future."""
    for width in (64, 128, 256, 512, 1024, 2048):
        body, start = _system(width)
        show(f"a small system, chunks of {width}", scan(body, start, width))


def workers(width: int = 256, chunks: int = 32) -> None:
    """Two cores: shard_map over host devices with lax.map inside, or a thread to a device."""
    body, start = _system(width)

    def chunk(offset: Any) -> Any:
        state = jax.tree.map(lambda a: a + offset, start)
        return jax.lax.scan(lambda c, t: (body(c, t), None), state, jnp.arange(STEPS, dtype=jnp.uint32))[0][0]

    offsets = np.zeros(chunks, np.float32)
    one = jax.jit(lambda o: jax.lax.map(chunk, o), compiler_options=WIDE)
    mesh = Mesh(np.array(jax.devices()), ("worker",))
    spec = PartitionSpec("worker")
    both = jax.jit(
        jax.shard_map(lambda o: jax.lax.map(chunk, o), mesh=mesh, in_specs=spec, out_specs=spec, check_vma=False), compiler_options=WIDE
    )
    parts = [jax.device_put(part, device) for part, device in zip(np.split(offsets, 2), jax.devices(), strict=False)]

    def threads() -> None:
        pool = [threading.Thread(target=lambda p=p: jax.block_until_ready(one(p))) for p in parts]
        for t in pool:
            t.start()
        for t in pool:
            t.join()

    n = chunks * width
    print(
        f"one device, lax.map over {chunks} chunks of {width}: {n / best(lambda: one(offsets), 2):,.0f} futures of {STEPS} steps a second"
    )
    print(f"two devices, shard_map with lax.map inside: {n / best(lambda: both(offsets), 2):,.0f}")
    print(f"two devices, dispatched one after the other: {n / best(lambda: [one(p) for p in parts], 2):,.0f}")
    print(f"two devices, a Python thread each: {n / best(threads, 2):,.0f}")


CASES: dict[str, Callable[[], None]] = {f.__name__: f for f in (gathers, scatters, sums, draws, functions, widths, workers)}

if __name__ == "__main__":
    print(
        f"JAX {jax.__version__}, {jax.device_count()} host devices, load {os.getloadavg()[0]:.1f}; ns per step and future, plain / 512-bit vectors"
    )
    for chosen in sys.argv[1:] or CASES:
        CASES[chosen]()
