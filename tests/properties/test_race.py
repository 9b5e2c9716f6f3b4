"""Successive elimination: what is surely worse goes, what is best stays, at the confidence that is said."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis import race
from detente.analysis.spread import clusters

FUTURES = 64


def criteria(mean: np.ndarray, noise: float, seed: int, tolerance: float = 0.1) -> list[race.Criterion]:
    """Scores with these true means [option, criterion] on luck that options share for the most part."""
    rng = np.random.default_rng(seed)
    kin = clusters(np.arange(FUTURES) // 2)
    shared, own = rng.normal(size=(mean.shape[1], 1, FUTURES)), rng.normal(size=(mean.shape[1], mean.shape[0], FUTURES))
    return [race.criterion(mean[:, [k]] + shared[k] + noise * own[k], kin, tolerance) for k in range(mean.shape[1])]


@given(st.integers(2, 30), st.integers(1, 3), st.integers(0, 10_000))
def test_who_sets_aside_is_no_costlier_and_stays(options, kinds, seed):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 4, options)
    found = race.eliminate(criteria(rng.normal(size=(options, kinds)), 0.2, seed), cost, 1e-4)
    gone = np.flatnonzero(~found.kept)
    assert found.kept.any()
    assert (cost[found.beaten_by[gone]] <= cost[gone]).all()
    assert found.kept[found.beaten_by[gone]].all()
    assert (found.margin[gone] > 0).all()


@given(st.integers(0, 10_000))
def test_what_is_surely_better_everywhere_sets_the_rest_aside_and_a_spared_one_stays(seed):
    mean = np.zeros((6, 2))
    mean[3] = 5.0
    spare = np.arange(6) == 0
    found = race.eliminate(criteria(mean, 0.1, seed), np.zeros(6), 1e-6, spare)
    assert found.kept.tolist() == [True, False, False, True, False, False]


@given(st.integers(0, 10_000))
def test_equal_under_all_but_cheaper_is_enough(seed):
    found = race.eliminate(criteria(np.zeros((2, 2)), 0.01, seed), np.array([1, 0]), 1e-6)
    assert found.kept.tolist() == [False, True]


def test_the_truly_best_is_hardly_ever_set_aside():
    """200 races of equal options but one slightly better: its false elimination is far rarer than the level allows."""
    lost = 0
    for seed in range(200):
        mean = np.zeros((20, 1))
        mean[7] = 0.2
        lost += not race.eliminate(criteria(mean, 1.0, seed, 1e-3), np.zeros(20), 0.05 / (20 * 19)).kept[7]
    assert lost <= 0.05 * 200


def test_a_difference_is_paired_and_its_error_is_the_clusters():
    (one,) = criteria(np.array([[0.0], [1.0]]), 0.0, 5)
    mean, wrong = race.difference(one, np.array([1]), np.array([0]))
    assert abs(mean.item() - 1.0) < 1e-6
    assert wrong.item() < 1e-6
