"""Chance without state: counter-based random numbers as pure functions of (seed, future, year, quarter, name).

Nothing here remembers anything, so the same question gets the same answer for any chunking, worker count or order. Two policies
asked under the same seed share their luck (common random numbers), and a draw added to a model leaves every other draw alone.

The bits come from a small multiply–xorshift hash: threefry is about 2.5 times dearer inside a compiled step. It is home-made, so it
is tested as a generator would be (tests/properties/test_chance.py, benchmarks/chance_battery.py, docs/chance.md).

A key is two uint32 words per future, shape [2, F], futures last. One 32-bit word would not do: at a million futures and sixty sites
thousands of pairs would share a stream by the birthday rule.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import jax
import jax.numpy as jnp
import numpy as np

# Odd multipliers with shifts, from searches for low avalanche bias by Wellons ("Prospecting for hash functions", 2018; from memory).
_M1, _M2 = np.uint32(0x21F0AAAD), np.uint32(0xD35A2D97)
_M3 = np.uint32(0x9E3779B1)  # odd, near 2**32 divided by the golden ratio
_QUARTER = np.uint32(0x13198A2E), np.uint32(0x03707344)  # more digits of pi: a quarter must not enter both words alike
_PHASE = np.uint32(0x85EBCA6B)  # tells the second word of a site from the first

# log2(1 + f) / f on [1/sqrt 2 - 1, sqrt 2 - 1], relative error 1.1e-6, highest power first; benchmarks/fit_normal.py makes all three.
_LOG2 = (0.17162465, -0.26932034, 0.29569954, -0.35937163, 0.48062676, -0.72136360, 1.4426965)
# Normal quantile over x = -log2 p, p the two-sided tail: numerator and denominator in x; error 5.6e-7 down to p = 2**-32.
_ABOVE = (8.621574670542032e-05, 0.009599841199815273, 0.17982199788093567, 0.8140193223953247, 0.8687116503715515)
_BELOW = (2.334413011340075e-06, 0.001019741059280932, 0.04465145617723465, 0.44674909114837646, 1.2833653688430786, 1.0)


def site(name: str) -> int:
    """The uint32 by which a draw's name enters the hash: the same on every machine and in every release."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little")


def check_sites(names: Iterable[str]) -> None:
    """Raise ValueError if two of the names share a site or are the same: they would share their luck."""
    seen: dict[int, str] = {}
    for name in names:
        other = seen.get(site(name))
        if other is not None:
            raise ValueError(f"draws {other!r} and {name!r} would share their luck: give one of them another name")
        seen[site(name)] = name


def mix(a: jax.Array) -> jax.Array:
    """Scramble uint32 words one to one: each input bit flips every output bit in about half of all words. Any shape."""
    a = (a ^ (a >> 16)) * _M1
    a = (a ^ (a >> 15)) * _M2
    return a ^ (a >> 15)


def absorb(a: jax.Array, b: jax.Array, word: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Fold a word into the two-word state (a, b). One to one in (a, b) for each word, so that distinct states never merge."""
    a = mix(a ^ word)
    return a, mix(b + a * _M3)


def luck_keys(seed: int | jax.Array, futures: jax.Array, year: int | jax.Array) -> jax.Array:
    """Keys of one year's luck, uint32[2, F]. `futures` uint32[F] are global numbers; `seed` may have 64 bits if a Python int."""
    low, high = (seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF) if isinstance(seed, int) else (seed, 0)
    a, b = jnp.uint32(0x243F6A88), jnp.uint32(0x85A308D3)  # any constants will do: the first digits of pi
    for word in (low, high, year, futures):
        a, b = absorb(a, b, jnp.asarray(word, jnp.uint32))
    return jnp.stack([a, b])


def step_key(luck: jax.Array, quarter: int | jax.Array) -> jax.Array:
    """The key of one quarter from its year's luck: uint32[2, F] to uint32[2, F], each word one to one.

    The words left `luck_keys` well mixed, so they need not meet again. The stack and the barrier together have the key made once and
    not inside every draw: without either of them the compiler fuses the look-up of quarter or luck into the draws, which then are not
    vectorised and cost ten to twenty times as much (JAX 0.10.2; benchmarks/shapes.py).
    """
    q = jnp.asarray(quarter, jnp.uint32)
    return jax.lax.optimization_barrier(jnp.stack([mix(luck[0] ^ mix(q ^ _QUARTER[0])), mix(luck[1] ^ mix(q ^ _QUARTER[1]))]))


def bits(key: jax.Array, sites: Sequence[int] | np.ndarray | jax.Array) -> jax.Array:
    """32 random bits per site and future: uint32[n, F] from a key uint32[2, F] and sites uint32[n]."""
    s = jnp.asarray(np.asarray(sites, np.uint32) if not isinstance(sites, jax.Array) else sites)[:, None]
    # Sites are scrambled first, on [n] words rather than [n, F]: neighbouring numbers (rows of one name) cost nothing extra.
    first, second = mix(s), mix(s ^ _PHASE)
    w = (key[0] ^ first) * _M1
    w = ((w ^ (w >> 16)) + (key[1] ^ second)) * _M2
    w = (w ^ (w >> 15)) * _M3
    return w ^ (w >> 16)


def uniform(key: jax.Array, sites: Sequence[int] | np.ndarray | jax.Array) -> jax.Array:
    """Uniforms on (0, 1), float32[n, F]: 23 bits plus a half. With 24 bits float32 rounds the largest to 1."""
    return ((bits(key, sites) >> 9).astype(jnp.float32) + 0.5) * np.float32(2.0**-23)


def normal(key: jax.Array, sites: Sequence[int] | np.ndarray | jax.Array) -> jax.Array:
    """Standard normals, float32[n, F], by a rational quantile of one word each: one bit the sign, 31 the two-sided tail.

    Tail probabilities keep float32's relative precision down to 2**-32, so values reach 6.3, not the 5.2 that 23 bits allow. The
    distribution function is met within 5e-7. Box and Muller's pairs cost half as much by hand but tie two draws together, and
    compiled they cost the same: the pair is made once for either half (benchmarks/common/RESULTS.md).
    """
    w = bits(key, sites)
    x = -_log2(((w & 0x7FFFFFFF).astype(jnp.int32).astype(jnp.float32) + 0.5) * np.float32(2.0**-31))
    size = x * _polynomial(_ABOVE, x) / _polynomial(_BELOW, x)
    return _float(_word(size) ^ (w & np.uint32(0x80000000)))


def _log2(x: jax.Array) -> jax.Array:
    """Base-2 logarithm of positive normal float32 numbers, relative error 1.1e-6: the library's is not vector code on a CPU."""
    b = _word(x) - np.uint32(0x3F3504F3)  # so that the fraction lies around 1
    exponent = jax.lax.bitcast_convert_type(b, jnp.int32) >> 23
    f = _float((b & np.uint32(0x7FFFFF)) + np.uint32(0x3F3504F3)) - 1.0
    return exponent.astype(jnp.float32) + f * _polynomial(_LOG2, f)


def _polynomial(coefficients: Sequence[float], x: jax.Array) -> jax.Array:
    """Horner's rule, highest power first."""
    value = jnp.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        value = value * x + np.float32(c)
    return value


def _word(x: jax.Array) -> jax.Array:
    return jax.lax.bitcast_convert_type(x, jnp.uint32)


def _float(x: jax.Array) -> jax.Array:
    return jax.lax.bitcast_convert_type(x, jnp.float32)
