"""What must hold of any claim's machinery, whatever the data."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.analysis.claims.blocs import find_enlargements, largest_clique, left_out
from detente.analysis.claims.channels_and_crises import asymmetry, turned
from detente.analysis.claims.curve import specs
from detente.analysis.claims.matching import bootstrap_rates, difference, e_value, e_value_limit, rates
from detente.analysis.claims.sample import in_world_war, matched, steps_of, units
from detente.analysis.claims.spec import CHOICES, Spec
from detente.analysis.claims.words import above_below, natural
from detente.analysis.claims.world import FIRST, load_world
from detente.claims import get_claim

pytest.importorskip("statsmodels")

SPECS = [Spec(), Spec(coding="cow", later_joiners=False), Spec(min_bloc=2, reach=1, growth="any"), Spec(world_wars=False, horizon=5)]


@st.composite
def graphs(draw):
    n = draw(st.integers(2, 7))
    linked = np.zeros((n, n), bool)
    for i, j in combinations(range(n), 2):
        linked[i, j] = linked[j, i] = draw(st.booleans())
    return linked


@given(graphs())
def test_largest_clique_is_the_one_that_trying_all_sets_finds(linked):
    n = len(linked)
    sets = [c for size in range(1, n + 1) for c in combinations(range(n), size) if all(linked[i, j] for i, j in combinations(c, 2))]
    best = max(len(c) for c in sets)
    assert largest_clique(list(range(n)), linked) == min(c for c in sets if len(c) == best)


@given(graphs(), st.randoms(use_true_random=False))
def test_size_of_the_largest_clique_does_not_depend_on_the_order_of_states(linked, dice):
    order = list(range(len(linked)))
    dice.shuffle(order)
    assert len(largest_clique(list(range(len(linked))), linked)) == len(
        largest_clique(list(range(len(linked))), linked[np.ix_(order, order)])
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.changed())
def test_every_step_obeys_its_definition(spec):
    world = load_world(spec.coding, spec.obligation)
    for step in find_enlargements(world, spec.min_bloc, spec.growth, spec.returns):
        t, inside = step.year - FIRST, list(step.incumbents)
        assert len(inside) >= spec.min_bloc
        assert not set(step.joiners) & set(inside)
        assert world.exists[t, list(step.members)].all()
        assert world.exists[t - 1, inside].all()
        for j in step.joiners:
            gained = world.ally[t, j, inside] & ~world.ally[t - 1, j, inside]
            assert gained.sum() >= 2
        assert spec.growth == "any" or len(step.joiners) <= len(inside)
        outside = left_out(world, step, spec.reach, spec.later_joiners)
        assert not set(outside) & set(step.members)
        for k in outside:
            near = world.contig[t, k, list(step.joiners)]
            assert ((near > 0) & (near <= spec.reach)).any()


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.changed())
def test_no_control_is_near_an_enlargement_and_every_window_is_covered(spec):
    world, frame = load_world(spec.coding, spec.obligation), units(spec)
    assert (frame["year"] + spec.horizon <= world.last_dispute).all()
    assert spec.world_wars or not in_world_war(frame["year"].to_numpy(), spec.horizon).any()
    control = frame[frame["treated"] == 0]
    for step in steps_of(spec):
        near = control[(control["year"] - step.year <= 10) & (step.year - control["year"] <= spec.horizon)]
        states = set(near["k"]) | set(near["j"])
        assert not states & {*step.joiners, *left_out(world, step, spec.reach)}


def test_controls_of_each_pair_weigh_one_and_share_its_era():
    rows = matched(Spec()).rows
    for _, group in rows.groupby("set_id"):
        assert group.loc[group["treated"] == 1, "weight"].tolist() == [1.0]
        assert group.loc[group["treated"] == 0, "weight"].sum() == pytest.approx(1.0)
        assert group["era"].nunique() == 1


@st.composite
def matched_rows(draw):
    sets = draw(st.integers(4, 12))
    rows = []
    for s in range(sets):
        step = draw(st.integers(0, 3)) if s > 3 else s
        controls = draw(st.integers(1, 3))
        rows += [(1, s, step, 1.0, draw(st.integers(0, 1)))] + [
            (0, s, step, 1 / controls, draw(st.integers(0, 1))) for _ in range(controls)
        ]
    return pd.DataFrame(rows, columns=["treated", "set_id", "step", "weight", "y"])


@given(matched_rows())
def test_difference_is_that_of_the_rates_and_changes_sign_with_the_groups(rows):
    value, low, high = difference(rows, "y")
    a, b = rates(rows, "y")
    assert value == pytest.approx(a - b, abs=1e-9)
    assert low <= value + 1e-9
    assert value <= high + 1e-9
    swapped = rows.assign(treated=1 - rows["treated"])
    assert difference(swapped, "y")[0] == pytest.approx(-value, abs=1e-9)
    drawn = bootstrap_rates(rows, "y", seed=1, draws=200)
    assert drawn["treated"] == pytest.approx(a)
    assert drawn["control"] == pytest.approx(b)


@given(st.floats(0.01, 50))
def test_e_value_is_at_least_the_ratio_and_the_same_for_its_inverse(ratio):
    assert e_value(ratio) >= max(ratio, 1 / ratio) - 1e-9
    assert e_value(ratio) == pytest.approx(e_value(1 / ratio))
    assert e_value_limit(min(ratio, 1.0), max(ratio, 1.0)) == 1.0


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=20),
    st.lists(st.integers(0, 5000), min_size=1, max_size=8),
    st.sampled_from([6, 12, 24]),
)
def test_turning_time_around_exchanges_before_and_after(ends, starts, window):
    e, s = np.array(ends) * 2 + 1, np.array(starts) * 2  # never on the same day, which counts as after
    after, before, gap = asymmetry(e, s, window)
    back = asymmetry(20_000 - e, 20_000 - s, window)
    assert (back[0], back[1], back[2]) == (before, after, -gap)
    assert max(after, before) <= len(ends)


@given(st.lists(st.integers(0, 11_000), min_size=2, max_size=8), st.integers(0, 2**31))
def test_turned_crises_keep_their_distances_around_the_calendar(starts, seed):
    from detente.analysis.claims.channels_and_crises import DAYS

    s = np.array(starts)
    for row in turned(s, 5, seed):
        assert ((row - row[0] - (s - s[0])) % DAYS == 0).all()


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_shares_are_told_without_decimals(a, b, c):
    low, middle, high = sorted((a, b, c))
    text = natural(middle, low, high)
    assert "." not in text
    assert " in 100 (" in text
    assert natural(middle, low, high, hits=9).startswith("too few to say")


@given(st.floats(-5, 5), st.floats(0, 5))
def test_an_interval_that_holds_the_null_is_unclear(low, width):
    high = low + width
    assert above_below(low, high) == ("unclear" if low <= 0 <= high else "above" if low > 0 else "below")


def test_the_curve_holds_each_definition_once_and_only_declared_choices():
    sensitivity = get_claim("no_free_spread").spec["sensitivity"]
    found = [spec for spec, _ in specs(Spec(), sensitivity, True)]
    assert len(found) == len(set(found)) >= 64
    assert len(list(specs(Spec(coding="cow", world_wars=False), sensitivity, True))) == len(
        {s for s, _ in specs(Spec(coding="cow", world_wars=False), sensitivity, True)}
    )
    for spec in found:
        for name, values in CHOICES.items():
            assert getattr(spec, name) in values
