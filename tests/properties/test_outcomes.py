"""Invariants of the arithmetic between futures and answers, for any numbers."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from detente.analysis import agree, words
from detente.analysis.outcomes import OUTCOMES, Item, places, vocabulary
from detente.analysis.spread import clusters, components, error, jeffreys, quantiles, share_interval

FINITE = st.floats(-1e3, 1e3, width=32)
SHARES = st.floats(0.0, 1.0)


@st.composite
def grouped(draw):
    """Values [item, future] and a label of each future, at least two groups and one future more than groups."""
    futures = draw(st.integers(4, 40))
    labels = np.array(draw(st.lists(st.integers(0, max(futures // 2, 2)), min_size=futures, max_size=futures)))
    labels[:2] = (0, 1)
    labels[2] = 0
    values = draw(hnp.arrays(np.float32, (2, futures), elements=FINITE))
    return values, labels


@given(grouped(), st.integers(0, 2**32 - 1))
def test_the_order_of_futures_changes_no_spread(data, seed):
    values, labels = data
    mixed = np.random.default_rng(seed).permutation(len(labels))
    for f in (error, lambda v, c: components(v, c)[0], lambda v, c: components(v, c)[1]):
        before, after = f(values, clusters(labels)), f(values[:, mixed], clusters(labels[mixed]))
        np.testing.assert_allclose(before, after, rtol=1e-6, atol=1e-6 * (1 + np.abs(values).max() ** 2))


@given(grouped())
def test_spreads_are_never_negative_and_vanish_for_a_constant(data):
    values, labels = data
    groups = clusters(labels)
    assert all((x >= 0).all() for x in (error(values, groups), *components(values, groups)))
    flat = np.ones_like(values)
    np.testing.assert_allclose(error(flat, groups), 0.0, atol=1e-12)
    np.testing.assert_allclose(components(flat, groups)[0], 0.0, atol=1e-12)


@given(hnp.arrays(np.float32, st.integers(2, 60), elements=FINITE))
def test_with_every_future_its_own_family_the_error_is_the_usual_one(x):
    usual = x.std(ddof=1, dtype=np.float64) / math.sqrt(len(x))
    np.testing.assert_allclose(error(x, clusters(np.arange(len(x)))), usual, rtol=1e-5, atol=1e-6)


@given(hnp.arrays(np.float32, st.integers(2, 60), elements=FINITE))
def test_a_family_copied_is_no_new_evidence(x):
    """Doubling every future within its family leaves the error where it was."""
    labels = np.arange(len(x))
    once, twice = error(x, clusters(labels)), error(np.tile(x, 2), clusters(np.tile(labels, 2)))
    np.testing.assert_allclose(once, twice, rtol=1e-5, atol=1e-6)


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 50)), elements=FINITE))
def test_quantiles_are_the_usual_ones(x):
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    usual = np.moveaxis(np.quantile(x.astype(np.float64), levels, axis=-1), 0, -1)
    np.testing.assert_allclose(quantiles(x, levels), usual, rtol=1e-4, atol=1e-3)


@given(SHARES, st.floats(0.0, 0.3))
def test_a_share_interval_lies_within_zero_and_one_and_in_order(mean, variance):
    low, high = share_interval(np.array([mean]), np.array([variance]))
    assert 0.0 <= low[0] <= high[0] <= 1.0


@given(st.integers(0, 50), st.integers(1, 50))
def test_jeffreys_interval_holds_the_share(hits, more):
    low, high = jeffreys(hits, hits + more)
    assert 0.0 <= low <= hits / (hits + more) <= high <= 1.0


GAINS = st.lists(st.floats(-2, 2), min_size=1, max_size=6)


@given(GAINS, st.floats(1, 20), st.floats(0, 0.5), st.integers(1, 5))
def test_independent_wills_agree_less_often_than_wills_moved_by_one_cause(gains, precision, reluctance, rounds):
    apart, together = (agree.chance(gains, precision, reluctance, rounds, t) for t in (False, True))
    assert 0.0 <= apart <= together + 1e-12 <= 1.0 + 1e-12


@given(GAINS, st.floats(1, 20), st.floats(0, 0.5), st.integers(1, 5), st.floats(0, 1), st.booleans())
def test_a_party_that_gains_more_never_lowers_the_chance(gains, precision, reluctance, rounds, more, together):
    before = agree.chance(gains, precision, reluctance, rounds, together)
    after = agree.chance([gains[0] + more, *gains[1:]], precision, reluctance, rounds, together)
    assert after >= before - 1e-12


@given(GAINS, st.floats(1, 20), st.floats(0, 0.5), st.booleans(), st.floats(-2, 2))
def test_a_further_signature_never_raises_the_chance(gains, precision, reluctance, together, other):
    assert (
        agree.chance([*gains, other], precision, reluctance, 2, together) <= agree.chance(gains, precision, reluctance, 2, together) + 1e-12
    )


@given(SHARES, SHARES, SHARES, st.integers(0, 1000), st.floats(0, 0.1))
def test_a_frequency_has_no_decimals_and_says_little_of_few(share, a, b, hits, wrong):
    text = words.frequency(share, min(a, b), max(a, b), "across 7 readings", hits, wrong)
    assert "." not in text
    assert "%" not in text
    if hits < words.FEWEST and share + 2 * wrong >= 0.01:
        assert text == words.TOO_FEW
    else:
        assert "in 100 futures" in text


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_scale_of_nought_to_one_is_said_to_hundredths(a, b):
    said = words.scale(min(a, b), max(a, b))
    for part, value in zip(said.split(" to "), (min(a, b), max(a, b)), strict=False):
        if part == "under 0.01":
            assert 0.0 < value < 0.005
        else:
            assert abs(float(part) - value) <= 0.0051
            assert len(part) == 4
    assert (" to " in said) == (said.partition(" to ")[0] != said.partition(" to ")[2] != "")


def test_outcomes_exist_for_every_actor_and_say_which_way_is_better():
    """The signs of outcomes are the same for all: nobody's loss is another's gain in the table itself."""
    named = vocabulary()
    assert {name for name, entry in named.items() if entry["better"] is None} == {"arms", "containment", "pivot"}
    assert {name for name, o in OUTCOMES.items() if o.axis == "actor"} == {"alarm", "arms", "burden", "spent", "influence"}
    assert all(o.meaning and o.unit and o.needs for o in OUTCOMES.values())


def test_items_are_found_by_outcome_and_element():
    wanted = (Item("war", "a"), Item("war", "b"), Item("joint", ""))
    assert places(wanted, "war") == [0, 1]
    assert places(wanted, "war", ("b",)) == [1]
    assert places(wanted, "joint") == [2]
    assert [i.name for i in wanted] == ["war[a]", "war[b]", "joint"]
