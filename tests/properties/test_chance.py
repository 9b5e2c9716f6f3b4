"""The generator behaves as one: even, uncorrelated, avalanching, and blind to what else is drawn and how futures are batched."""

from __future__ import annotations

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import chi2, kstest

from detente.engine import chance

sys.path.insert(0, str(Path(__file__).parent))
import plain_chance as plain

F = 1 << 16
WORDS = st.integers(0, 2**32 - 1)
BITS = np.uint32(1) << np.arange(32, dtype=np.uint32)


@jax.jit
def _key(seed: jax.Array, futures: jax.Array, year: jax.Array, quarter: jax.Array) -> jax.Array:
    return chance.step_key(chance.luck_keys(seed, futures, year), quarter)


def key(seed: int = 1, futures: np.ndarray | None = None, year: int = 1991, quarter: int = 0) -> jax.Array:
    futures = np.arange(F) if futures is None else futures
    return _key(np.uint32(seed), jnp.asarray(futures, jnp.uint32), np.uint32(year), np.uint32(quarter))


_bits, _uniform, _normal = jax.jit(chance.bits), jax.jit(chance.uniform), jax.jit(chance.normal)


def words(k: jax.Array, sites: list[int]) -> np.ndarray:
    return np.asarray(_bits(k, jnp.asarray(np.array(sites, np.uint32))))


def uniforms(k: jax.Array, sites: list[int]) -> np.ndarray:
    return np.asarray(_uniform(k, jnp.asarray(np.array(sites, np.uint32))), np.float64)


def normals(k: jax.Array, sites: list[int]) -> np.ndarray:
    return np.asarray(_normal(k, jnp.asarray(np.array(sites, np.uint32))), np.float64)


def likely(statistic: float, freedom: int, p: float = 1e-6) -> bool:
    """Neither tail of χ²: seeds are fixed, so a true generator fails one such check in a million once and for all."""
    return bool(chi2.ppf(p, freedom) < statistic < chi2.isf(p, freedom))


# -------------------------------------------------------------------------------------------- it is what it says


@given(st.integers(0, 2**64 - 1), WORDS, st.integers(0, 9999), st.integers(0, 400), WORDS)
def test_the_plain_twin_gives_the_same_bits(seed: int, future: int, year: int, quarter: int, number: int) -> None:
    luck = chance.luck_keys(seed, jnp.asarray([future], jnp.uint32), year)
    k = chance.step_key(luck, quarter)
    twin = plain.step_key(plain.luck_key(seed, future, year), quarter)
    assert tuple(np.asarray(luck)[:, 0].tolist()) == plain.luck_key(seed, future, year)
    assert tuple(np.asarray(k)[:, 0].tolist()) == twin
    word = plain.bits(twin, number)
    assert int(chance.bits(k, [number])[0, 0]) == word
    assert float(chance.uniform(k, [number])[0, 0]) == np.float32(plain.uniform(word))
    assert float(chance.normal(k, [number])[0, 0]) == pytest.approx(plain.normal(word), abs=3e-6, rel=2e-6)


@given(st.text())
def test_a_name_has_one_site_for_ever(name: str) -> None:
    assert chance.site(name) == plain.site(name)
    assert 0 <= chance.site(name) < 2**32


def test_the_site_of_a_known_name_never_changes() -> None:
    assert chance.site("arms/noise") == 0x112C4F60, "results of earlier versions could not be repeated"


@given(WORDS, WORDS)
def test_mixing_is_one_to_one(a: int, b: int) -> None:
    x, y = np.asarray(chance.mix(jnp.asarray([a, b], jnp.uint32)))
    assert (a == b) == (x == y)


def test_names_that_collide_are_named() -> None:
    chance.check_sites(f"mechanism/{i}" for i in range(2000))
    seen: dict[int, str] = {}
    pair = None
    for i in range(400_000):  # a birthday search: at 32 bits a collision comes after some 80,000 names
        name = f"draw {i}"
        if (other := seen.setdefault(chance.site(name), name)) != name:
            pair = other, name
            break
    assert pair is not None
    with pytest.raises(ValueError, match=rf"'{pair[0]}' and '{pair[1]}'"):
        chance.check_sites(["harmless", *pair])
    with pytest.raises(ValueError, match="'twice' and 'twice'"):
        chance.check_sites(["twice", "once", "twice"])


# -------------------------------------------------------------------------------------------- it is even


def test_uniforms_are_inside_and_even() -> None:
    u = uniforms(key(), list(range(64))).ravel()
    assert u.min() > 0
    assert u.max() < 1
    seen = np.bincount((u * 4096).astype(int), minlength=4096)
    assert likely(((seen - len(u) / 4096) ** 2).sum() / (len(u) / 4096), 4095)
    assert kstest(u[: 1 << 20], "uniform").pvalue > 1e-6


def test_extreme_words_stay_inside() -> None:
    """All 32-bit words at the ends, whatever hash led to them."""
    w = jnp.asarray([[0, 1, 0x1FF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]], jnp.uint32)
    original = chance.bits
    chance.bits = lambda key, sites: w  # type: ignore[assignment]
    try:
        u, z = np.asarray(chance.uniform(w, [0])), np.asarray(chance.normal(w, [0]))
    finally:
        chance.bits = original
    assert (u > 0).all()
    assert (u < 1).all()
    assert u[0, 0] == np.float32(2.0**-24)
    assert u[0, -1] == np.float32(1 - 2.0**-24)
    assert np.isfinite(z).all()
    assert z == pytest.approx(plain.normals(np.asarray(w)), abs=2e-6)
    assert 6.2 < z[0, 0] < 6.4


def test_normals_meet_the_distribution_within_a_millionth() -> None:
    k, sites = key(), list(range(64))
    z, exact = normals(k, sites), plain.normals(words(k, sites))
    assert np.abs(ndtr(z) - ndtr(exact)).max() < 1e-6
    small = np.minimum(ndtr(exact), ndtr(-exact))
    tail = small < 1e-4
    assert tail.sum() > 500
    assert np.abs(np.minimum(ndtr(z), ndtr(-z))[tail] / small[tail] - 1).max() < 1e-4
    assert kstest(z.ravel()[: 1 << 20], "norm").pvalue > 1e-6
    n = z.size
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((z**power).mean() - moment) < 5 * np.sqrt(variance / n)


def test_every_bit_is_on_in_half_of_all_words() -> None:
    w = words(key(seed=3), list(range(32))).ravel()
    share = ((w[:, None] & BITS) > 0).mean(axis=0)
    assert np.abs(share - 0.5).max() < 5.5 * 0.5 / np.sqrt(len(w))


# -------------------------------------------------------------------------------------------- it is uncorrelated


@pytest.mark.parametrize("what", ["future", "site", "quarter", "year", "seed"])
def test_neighbours_are_uncorrelated(what: str) -> None:
    """Of the numbers and of their squares: one apart in each of the five things that make a draw what it is."""
    change = {
        "quarter": {"quarter": 1},
        "year": {"year": 1992},
        "seed": {"seed": 2},
        "future": {"futures": np.arange(1, F + 1)},
        "site": {},
    }
    a = normals(key(), list(range(32)))
    b = normals(key(**change[what]), list(range(1, 33)) if what == "site" else list(range(32)))
    for x, y in ((a, b), (a**2 - 1, b**2 - 1), (a, b**2 - 1)):
        assert abs((x * y).mean() / np.sqrt((x**2).mean() * (y**2).mean())) < 5 / np.sqrt(a.size)


def test_the_draws_of_one_step_are_uncorrelated() -> None:
    """All pairs of sixty: rows of one name, which lie side by side, and names."""
    z = normals(key(), [*range(30), *(chance.site(f"draw {i}") for i in range(30))])
    r = np.corrcoef(z)[np.triu_indices(60, 1)] * np.sqrt(F)
    assert likely((r**2).sum(), len(r))
    assert np.abs(r).max() < 5.5


def test_one_future_is_a_good_series() -> None:
    """Serial correlation along the quarters of a single future, at each lag to 16."""
    luck = [chance.luck_keys(9, jnp.arange(256, dtype=jnp.uint32), y) for y in range(1991, 2051)]
    z = np.stack([normals(chance.step_key(k, q), list(range(4))) for k in luck for q in range(4)])
    z = z - z.mean(axis=0)
    r = [(z[lag:] * z[:-lag]).mean() * np.sqrt(z[lag:].size) for lag in range(1, 17)]
    assert np.abs(r).max() < 5


# -------------------------------------------------------------------------------------------- avalanche


@pytest.mark.parametrize("what", ["seed", "future", "year", "quarter", "site"])
def test_one_flipped_bit_flips_half_of_all_bits(what: str) -> None:
    """Each of 32 bits of the input (the low 8 of year and quarter), each bit of the word: flipped in half of all futures."""
    futures = np.arange(1 << 14)
    base = words(key(futures=futures), [77])[0]
    for bit in range(8 if what in ("year", "quarter") else 32):
        flip = 1 << bit
        other = {
            "seed": lambda flip=flip: words(key(seed=1 ^ flip, futures=futures), [77])[0],
            "future": lambda flip=flip: words(key(futures=futures ^ flip), [77])[0],
            "year": lambda flip=flip: words(key(year=1991 ^ flip, futures=futures), [77])[0],
            "quarter": lambda flip=flip: words(key(quarter=flip, futures=futures), [77])[0],
            "site": lambda flip=flip: words(key(futures=futures), [77 ^ flip])[0],
        }[what]()
        share = (((base ^ other)[:, None] & BITS) > 0).mean(axis=0)
        assert np.abs(share - 0.5).max() < 5.5 * 0.5 / np.sqrt(len(futures) / 2)  # pairs of futures count twice


def test_no_two_futures_share_a_key() -> None:
    keys = [
        np.asarray(chance.luck_keys(s, jnp.arange(F, dtype=jnp.uint32), y)).astype(np.uint64)
        for s in (1, 2, 2**32 + 1)
        for y in (1991, 1992)
    ]
    both = np.concatenate([k[0] << np.uint64(32) | k[1] for k in keys])
    assert len(np.unique(both)) == len(both)


# -------------------------------------------------------------------------------------------- it is blind to company


@given(
    st.sampled_from((1, 12, 59)).flatmap(lambda n: st.lists(WORDS, min_size=n, max_size=n)),
    WORDS,
    st.sampled_from(["bits", "uniform", "normal"]),
)
def test_a_draw_added_leaves_every_other_untouched(sites: list[int], extra: int, kind: str) -> None:
    draw, k = getattr(chance, kind), key(futures=np.arange(32))
    alone = np.asarray(draw(k, sites))
    more = np.asarray(draw(k, [extra, *sites]))
    assert np.array_equal(alone, more[1:])


@pytest.mark.parametrize("kind", ["bits", "uniform", "normal"])
@pytest.mark.parametrize("width", [1, 7, 64, 256])
def test_batching_does_not_matter(kind: str, width: int) -> None:
    draw = jax.jit(getattr(chance, kind))
    sites, futures = jnp.asarray(np.arange(20, dtype=np.uint32)), np.arange(512)
    whole = np.asarray(draw(key(futures=futures), sites))
    parts = [np.asarray(draw(key(futures=futures[i : i + width]), sites)) for i in range(0, 512, width)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_compiled_in_a_scan_or_not_the_words_are_the_same() -> None:
    luck, sites = chance.luck_keys(4, jnp.arange(256, dtype=jnp.uint32), 2000), np.arange(12, dtype=np.uint32)
    quarters = jnp.arange(8, dtype=jnp.uint32)
    scanned = jax.jit(lambda k: jax.lax.scan(lambda c, q: (c, chance.normal(chance.step_key(k, q), sites)), 0, quarters)[1])(luck)
    eager = np.stack([np.asarray(chance.normal(chance.step_key(luck, q), sites)) for q in range(8)])
    # Compiled code fuses multiply and add, and twenty of these make a normal: eight units in the last place.
    np.testing.assert_allclose(scanned, eager, rtol=8 * 2.0**-23, atol=8 * 2.0**-24)
    words = jax.jit(lambda k: jax.lax.scan(lambda c, q: (c, chance.bits(chance.step_key(k, q), sites)), 0, quarters)[1])(luck)
    assert np.array_equal(np.asarray(words), np.stack([np.asarray(chance.bits(chance.step_key(luck, q), sites)) for q in range(8)]))
