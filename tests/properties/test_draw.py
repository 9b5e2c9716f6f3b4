"""The door for chance and for the record: what it samples has the law it names, and what it scores is that law's probability."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from detente.contract import DT
from detente.engine import chance
from detente.engine.draws import Chance

FUTURES = 400_000
SITES = {name: (axis, np.array([chance.site(name)], np.uint32)) for name, axis in (("one", ""), ("row", "place"))}


def door(futures: int = FUTURES, seed: int = 1, **slices) -> Chance:
    return Chance(chance.luck_keys(seed, jnp.arange(futures, dtype=jnp.uint32), 7), SITES, slices, None)


def within(values: np.ndarray, expected: float, errors: float = 3.0) -> bool:
    """Is the mean of the values within so many of its standard errors?"""
    values = np.asarray(values, np.float64)
    return abs(values.mean() - expected) <= errors * values.std() / len(values) ** 0.5 + 1e-7


def measured(y, error, has=True, student=False, weight=1.0, series="s"):
    """One row of a measured series as the engine hands it over, for a draw of one element."""
    rows = {k: jnp.asarray([[v]]) for k, v in (("y", np.float32(y)), ("error", np.float32(error)), ("has", has))}
    return {**rows, "weight": weight, "offset": np.array([-1]), "student": student, "series": series}


# ------------------------------------------------------------------------------------------------------------ sampling


@pytest.mark.parametrize("hazard", [0.004, 0.3, 2.0, 12.0])
def test_an_event_happens_as_often_as_its_hazard_says(hazard):
    assert within(door().event("one", jnp.full(FUTURES, hazard)), -np.expm1(-hazard * DT))


@pytest.mark.parametrize("probability", [0.01, 0.5, 0.97])
def test_a_chance_comes_as_often_as_it_says_and_never_without_its_occasion(probability):
    when = jnp.arange(FUTURES) % 2 == 0
    happens = np.asarray(door().chance("one", jnp.full(FUTURES, probability), when))
    assert within(happens[::2], probability)
    assert not happens[1::2].any()


@pytest.mark.parametrize("mean", [0.05, 0.7, 3.0, 7.9, 8.1, 15.0, 80.0])
def test_counts_without_dispersion_have_the_poisson_mean_and_variance(mean):
    count = np.asarray(door().count("one", jnp.full(FUTURES, mean)), np.float64)
    assert within(count, mean)
    assert within((count - mean) ** 2, mean)
    assert np.array_equal(count, np.round(count))


@pytest.mark.parametrize("mean", [0.3, 2.0, 12.0, 60.0])
@pytest.mark.parametrize("size", [1.0, 2.5, 8.0])
def test_counts_with_dispersion_have_the_mean_and_variance_of_the_negative_binomial(mean, size):
    count = np.asarray(door().count("one", jnp.full(FUTURES, mean), jnp.full(FUTURES, size)), np.float64)
    assert within(count, mean)
    variance = mean + mean**2 / size
    # Three errors, and a half per cent for the cube of a normal that stands for a gamma.
    gap = (count - mean) ** 2
    assert abs(gap.mean() - variance) <= 3.0 * gap.std() / FUTURES**0.5 + 0.005 * variance


HAZARDS = [(0.5, 0.0, 2.0), (0.02, 0.01, 0.005), (6.0, 3.0, 9.0)]


@pytest.mark.parametrize("hazards", HAZARDS)
def test_competing_hazards_fire_in_proportion_and_otherwise_all_stays(hazards):
    stay = jnp.full((1, FUTURES), 2.0)
    index, probability = door().choice("row", jnp.asarray(hazards)[:, None, None] * jnp.ones((1, FUTURES)), stay)
    total = sum(hazards)
    expected = np.array(hazards) / total * -np.expm1(-total * DT)
    np.testing.assert_allclose(np.asarray(probability)[:, 0, 0], expected, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(probability)[:, 0].sum(axis=0) + np.exp(-total * DT), 1.0, rtol=1e-6)
    for k, p in enumerate(expected):
        assert within(np.asarray(index)[0] == k, p + (k == 2) * np.exp(-total * DT))


def test_a_pick_falls_in_proportion_to_its_weights():
    weights = jnp.asarray([1.0, 0.0, 3.0, 4.0])[:, None] * jnp.ones(FUTURES)
    index = np.asarray(door().pick("one", weights))
    for k, share in enumerate((0.125, 0.0, 0.375, 0.5)):
        assert within(index == k, share)


# --------------------------------------------------------------------------------------------------------- conditioning

numbers = st.floats(-3.0, 3.0)
positive = st.floats(0.05, 2.0)


@settings(max_examples=20)
@given(loc=numbers, scale=positive, y=st.tuples(numbers, numbers), error=st.tuples(positive, positive), weight=st.floats(0.0, 1.0))
def test_a_measured_normal_is_its_exact_conditional_and_weighs_what_scipy_says(loc, scale, y, error, weight):
    """One series, then two of the same state: the sample is mean + sd·z of the conditional, with the z of the draw."""
    plain = door(64).noise("row", jnp.zeros((1, 64)), jnp.ones((1, 64)))
    place, width = jnp.full((1, 64), loc), jnp.full((1, 64), scale)
    for count in (1, 2):
        d = door(64, row=[measured(y[k], error[k], weight=weight, series=f"s{k}") for k in range(count)])
        got = d.noise("row", place, width)
        precision = scale**-2 + sum(e**-2 for e in error[:count])
        mean = (loc / scale**2 + sum(v / e**2 for v, e in zip(y[:count], error, strict=False))) / precision
        np.testing.assert_allclose(got, mean + precision**-0.5 * np.asarray(plain), rtol=1e-3, atol=1e-3)
        cover = scale**2 * np.ones((count, count)) + np.diag(np.square(error[:count]))
        expected = weight * stats.multivariate_normal.logpdf(y[:count], [loc] * count, cover)
        np.testing.assert_allclose(sum(np.asarray(v)[0] for v in d.scores.values()), expected, rtol=2e-3, atol=2e-3)


def test_what_was_not_measured_neither_moves_nor_weighs():
    free = door(64).noise("row", jnp.zeros((1, 64)), jnp.ones((1, 64)))
    d = door(64, row=[measured(2.0, 0.1, has=False)])
    np.testing.assert_allclose(d.noise("row", jnp.zeros((1, 64)), jnp.ones((1, 64))), free, rtol=1e-6)
    assert not np.asarray(d.scores["s"]).any()


@pytest.mark.parametrize("y", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("scale", [0.0, 0.7])
def test_a_heavy_tail_weighs_as_students_t_on_average_over_luck(y, scale):
    """Four degrees of freedom, 400,000 draws of the mixing variance: the mean weight is the density, within three errors."""
    d = door(row=[measured(y, 0.5, student=True)])
    d.noise("row", jnp.zeros((1, FUTURES)), jnp.full((1, FUTURES), scale))
    density = stats.t(df=4, scale=0.5).pdf
    expected = density(y)
    if scale:
        expected = integrate.quad(lambda x: density(y - x) * stats.norm.pdf(x, 0.0, scale), -12.0, 12.0, points=[0.0, y])[0]
    assert within(np.exp(np.asarray(d.scores["s"], np.float64)), expected)


SLIP = 0.02


def happened(value, has=True, score=1.0, reference=0.1):
    pairs = (("has", has), ("value", np.float32(value)), ("slip", np.float32(SLIP)))
    return {k: jnp.asarray([v]) for k, v in (*pairs, ("reference", np.float32(reference)), ("score", np.float32(score)))}


def test_a_recorded_event_comes_out_as_recorded_and_weighs_its_probability():
    hazard = jnp.asarray([0.0, 0.4, 3.0])
    p = -np.expm1(-np.asarray(hazard, np.float64) * DT)
    for value, expected in ((1, np.log((1.0 - SLIP) * p + SLIP * 0.1)), (0, np.log1p(-p))):
        d = door(3, one=happened(value))
        assert np.array_equal(d.event("one", hazard), [value] * 3)
        np.testing.assert_allclose(d.scores["one"], expected, rtol=1e-5)
    d = door(3, one=happened(1, score=0.0))
    assert np.array_equal(d.event("one", hazard), [1, 1, 1])
    assert not np.asarray(d.scores["one"]).any()


def test_a_recorded_chance_weighs_only_on_its_occasion():
    d = door(2, one=happened(1))
    d.chance("one", jnp.asarray([0.3, 0.3]), jnp.asarray([True, False]))
    np.testing.assert_allclose(d.scores["one"], [np.log(0.98 * 0.3 + 0.01), 0.0], rtol=1e-5)


def test_a_recorded_set_of_rungs_is_never_left_and_weighs_its_mass():
    hazards = jnp.asarray([0.5, 0.4, 2.0])[:, None, None] * jnp.ones((1, FUTURES))
    row = {"has": jnp.asarray([[True]]), "allowed": jnp.asarray([[[True]], [[True]], [[False]]]), "slip": jnp.asarray([[SLIP]])}
    d = door(row=row)
    index, probability = d.choice("row", hazards, jnp.full((1, FUTURES), 2.0))
    assert set(np.unique(index)) == {0.0, 1.0}
    mass = np.asarray(probability)[:2, 0, 0].sum()
    np.testing.assert_allclose(np.asarray(d.scores["row"])[:2], np.log((1.0 - SLIP) * mass + SLIP * 2.0 / 3.0), rtol=1e-5)
    assert within(np.asarray(index)[0] == 0.0, 5.0 / 9.0)
