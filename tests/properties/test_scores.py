"""Scores, calibration, sensitivity and decisions: what must hold for any input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.analysis import calibration, decisions, scores, sensitivity

forecasts = st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=60)


def split(pairs):
    return np.array([p for p, _ in pairs]) / 100.0, np.array([float(o) for _, o in pairs])


@given(forecasts, st.sampled_from([None, 3, 10]))
def test_the_parts_of_the_brier_score_add_up(pairs, bins):
    p, o = split(pairs)
    parts = scores.murphy(p, o, bins)
    assert parts.reliability - parts.resolution + parts.uncertainty + parts.within == pytest.approx(parts.brier, abs=1e-12)
    assert parts.brier == pytest.approx(scores.brier(p, o))
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0.0
    if bins is None:
        assert parts.within == pytest.approx(0.0, abs=1e-15)


@given(st.integers(1, 99), st.integers(1, 99))
def test_saying_what_one_believes_is_best(truth, said):
    t, p = truth / 100.0, said / 100.0
    one, none = np.array([1.0]), np.array([0.0])
    for score in (scores.brier, scores.log_score):
        expected = [t * score(np.array([x]), one) + (1 - t) * score(np.array([x]), none) for x in (t, p)]
        assert expected[0] <= expected[1] + 1e-12


@given(forecasts)
def test_the_area_under_the_curve_depends_on_order_alone(pairs):
    p, o = split(pairs)
    area = scores.area_under_curve(p, o)
    if np.isnan(area):
        assert o.min() == o.max()
    else:
        assert scores.area_under_curve(p**2, o) == pytest.approx(area)
        assert scores.area_under_curve(p, 1.0 - o) == pytest.approx(1.0 - area)


@given(forecasts)
def test_reliability_counts_every_forecast_once(pairs):
    p, o = split(pairs)
    found = scores.reliability(p, o)
    assert found.count.sum() == len(p)
    assert (found.observed * found.count).sum() == pytest.approx(o.sum())
    assert ((found.low >= 0.0) & (found.low <= found.high) & (found.high <= 1.0)).all()


def test_an_impossible_event_that_happened_scores_infinity():
    assert scores.log_score(np.array([0.0]), np.array([1.0])) == np.inf


@pytest.mark.parametrize(("p", "o"), [([1.2], [1]), ([0.5], [0.4]), ([0.5, 0.5], [1]), ([], [])])
def test_what_is_no_forecast_is_refused(p, o):
    with pytest.raises(ValueError, match="expected"):
        scores.brier(np.array(p), np.array(o))


@settings(max_examples=25)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=8), st.floats(-50, 50))
def test_the_ensemble_score_is_the_integral_of_squared_steps(members, y):
    pytest.importorskip("scoringrules")
    points = np.sort(np.array([*members, y]))
    f = (np.array(members)[None] <= points[:-1, None]).mean(axis=1)
    integral = ((f - (y <= points[:-1])) ** 2 * np.diff(points)).sum()
    assert float(scores.crps_ensemble(np.array(y), np.array(members))) == pytest.approx(integral, abs=1e-9)


def test_ranks_of_a_right_sampler_are_uniform_and_of_a_biased_one_are_not():
    def posterior(shift):
        return lambda y, rng: y / 2.0 + shift + rng.standard_normal((19, 1)) / np.sqrt(2.0)

    def verdict(shift):
        ranks = calibration.recover(lambda rng: rng.standard_normal(1), lambda t, rng: t + rng.standard_normal(1), posterior(shift), 1500)
        return calibration.uniform(ranks[:, 0], 19)

    assert verdict(0.0).p > 0.001
    assert verdict(0.3).p < 1e-6


def test_ties_of_a_constant_sampler_are_broken_at_random():
    rng = np.random.default_rng(1)
    ranks = calibration.rank(np.zeros(3000), np.zeros((9, 3000)), rng)
    assert calibration.uniform(ranks, 9).p > 0.001
    with pytest.raises(ValueError, match="multiple of 10"):
        calibration.uniform(ranks, 10)


@settings(max_examples=30)
@given(st.integers(2, 5), st.integers(0, 10_000))
def test_shapley_effects_add_to_one_and_are_not_negative(size, seed):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((size, size))
    effects = sensitivity.shapley(sensitivity.gaussian_value(rng.standard_normal(size), root @ root.T + 0.1 * np.eye(size)), size)
    assert effects.sum() == pytest.approx(1.0)
    assert (effects > -1e-9).all()


def test_an_input_that_does_nothing_has_no_share():
    effects = sensitivity.shapley(sensitivity.gaussian_value(np.array([1.0, 0.0]), np.eye(2)), 2)
    assert effects == pytest.approx([1.0, 0.0])
    with pytest.raises(ValueError, match="at most"):
        sensitivity.shapley(lambda s: 0.0, 40)


@given(st.lists(st.lists(st.floats(-10, 10), min_size=3, max_size=3), min_size=1, max_size=6))
def test_regret_is_nought_for_the_best_and_never_negative(table):
    table = np.array(table)
    loss = decisions.regret(table)
    assert (loss >= 0.0).all()
    assert (loss.min(axis=0) == 0.0).all()
    row, most = decisions.minimax_regret(table)
    assert most[row] == most.min()
    p = np.full(3, 1 / 3)
    best, worth = decisions.perfect_information(table, p)
    assert best + worth == pytest.approx(table.max(axis=0) @ p)
