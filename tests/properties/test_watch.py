"""Expected information: its bounds and known values, what the jackknife mends, what a signpost is worth; and the whole on the small scenario."""

from functools import cache

import numpy as np
import pytest
import small_job
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from untaught import untaught

from detente.analysis.watch import CELLS, cells, information, jackknife, posterior, signposts, told_apart, watch
from detente.report.watch import watch_page

EVEN = np.array([0.5, 0.5])


def test_what_parts_two_theories_for_sure_tells_one_bit():
    assert information(np.array([[1.0, 0.0], [0.0, 1.0]]), EVEN) == pytest.approx(1.0)
    assert information(np.array([[0.3, 0.7], [0.3, 0.7]]), EVEN) == pytest.approx(0.0)
    noisy = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert information(noisy, EVEN) == pytest.approx(1.0 + 0.9 * np.log2(0.9) + 0.1 * np.log2(0.1))


@given(st.integers(0, 2**31), st.integers(2, 6), st.integers(2, 9))
def test_information_lies_between_nought_and_the_entropy_of_the_theories(seed, theories, outcomes):
    rng = np.random.default_rng(seed)
    prior = rng.dirichlet(np.ones(theories))
    bits = information(rng.dirichlet(np.full(outcomes, 0.3), theories), prior)
    assert -1e-9 <= bits <= -(prior * np.log2(prior)).sum() + 1e-9


def test_the_jackknife_takes_the_bias_of_few_futures_away():
    """Two theories that are one: every bit that the plug-in finds is bias."""
    rng = np.random.default_rng(1)
    plug, mended, wrong = [], [], []
    for _ in range(200):
        sums = rng.multinomial(5, np.full(8, 0.125), (2, 20)).astype(float)
        bits, error, first = jackknife(sums, EVEN)
        plug.append(first)
        mended.append(bits)
        wrong.append(error)
    assert np.mean(plug) > 0.02
    assert abs(np.mean(mended)) < 0.15 * np.mean(plug)
    assert 0.5 < np.mean(wrong) / np.std(mended) < 2.0


@given(st.integers(0, 2**31), st.booleans(), st.floats(0.02, 2.0))
def test_cells_hold_every_measurement(seed, student, error):
    levels = [np.random.default_rng(seed + k).normal(k, 1.0, 50) for k in range(2)]
    kernels, centres = cells(levels, error, student)
    assert all(np.allclose(kernel.sum(axis=1), 1.0) for kernel in kernels)
    assert len(centres) == CELLS
    assert kernels[1].mean(axis=0) @ centres > kernels[0].mean(axis=0) @ centres


def tiny(chance):
    """One question of one year under two theories."""
    whole = np.zeros((2, 1, 1, 2))
    whole[:, 0, 0] = chance
    data = {"chance": (("theory", "observable", "year", "outcome"), whole)}
    return xr.Dataset(data, {"theory": ["a", "b"], "prior": ("theory", EVEN), "observable": ["x"], "year": [2030]})


def test_a_signpost_is_worth_what_waiting_for_it_gains():
    """Two packages, each good under one theory only: perfect news is worth half of all futures, no news nothing."""
    held = xr.DataArray(
        [[[1.0], [0.0]], [[0.0], [1.0]]],
        dims=("theory", "policy", "profile"),
        coords={"theory": ["a", "b"], "policy": ["p", "q"], "profile": ["v"]},
    )
    sure = signposts(tiny([[1.0, 0.0], [0.0, 1.0]]), held)
    assert float(sure["gain"][0, 0, 0]) == pytest.approx(0.5)
    assert sure["choice"].values[0, 0, :, 0].tolist() == ["p", "q"]
    assert float(signposts(tiny([[0.4, 0.6], [0.4, 0.6]]), held)["gain"][0, 0, 0]) == 0.0
    assert posterior(tiny([[0.9, 0.1], [0.1, 0.9]])).sel(theory="b").values[0, 0].tolist() == pytest.approx([0.1, 0.9])


@cache
def found():
    """Three readings, two of which say the same."""
    scenario = small_job.scenario()
    twin = scenario.theories["calm"].model_copy(update={"id": "twin"})
    scenario = scenario.model_copy(update={"theories": {**scenario.theories, "twin": twin}})
    return watch(scenario, ["spiral", "calm", "twin"], years=2, futures=128, learn=untaught)


def test_the_next_years_are_watched():
    ds = found()
    assert ds["year"].values.tolist() == [2011, 2012]
    assert {"gdp[north]", "arms[east]"} <= set(ds["observable"].values)
    assert np.allclose(ds["chance"].sum("outcome"), 1.0)
    assert ds.attrs["entropy"] == pytest.approx(np.log2(3.0))
    assert (ds["bits"] <= 1.7).all()
    assert told_apart(ds).dtype == bool


def test_two_readings_that_say_the_same_are_told_apart_by_nothing():
    both = found()["chance"].sel(theory=["calm", "twin"]).transpose("observable", "year", "theory", "outcome").values
    assert np.abs(information(both, EVEN)).max() < 1e-12
    assert found()["plug_in"].max() > 0.0


def test_the_page_names_a_reading_beside_each_observable_and_ranks_no_reading():
    page = watch_page(found().sel(theory=["spiral", "calm"]), None, small_job.scenario())
    assert page.data["observables"]
    bits = [row["bits"] for row in page.data["observables"]]
    assert bits == sorted(bits, reverse=True)
