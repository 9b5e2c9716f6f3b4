"""What a comparison of packages promises: paired on common luck, worst case first, errors that are errors, no order where there is none."""

import numpy as np
import pytest
import small_job as small
import xarray as xr
from made_result import made

from detente.analysis import agree, compare
from detente.analysis.outcomes import Item


@pytest.fixture(scope="module")
def result():
    return small.result()


def test_a_paired_difference_is_surer_than_two_separate_means(result):
    """Common luck: where a package changes little, the error of its difference is far below that of either mean."""
    pair = result["gain_error"].sel(policy="restraint").values
    apart = np.hypot(result["error"].sel(policy="restraint").values, result["error"].sel(policy="no_change").values)
    varies = apart > 1e-9
    assert np.median(pair[varies] / apart[varies]) < 0.8


def test_a_difference_is_shown_only_when_its_interval_excludes_zero():
    luck = np.random.default_rng(1).normal(size=(1, 1, 1, 400))
    value = np.concatenate([luck, luck + 0.5, luck + np.random.default_rng(2).normal(size=luck.shape), luck], axis=1)
    found = compare.gains(made(value))
    assert found["shown"].values[0, :, 0].tolist() == [False, True, False, False]
    assert found["better"].values[0, :, 0].tolist() == [0, -1, 0, 0]
    assert compare.gains(made(value, direction=""))["better"].values.any() == np.False_


def test_regret_is_zero_for_the_best_package_of_each_outcome_and_never_below(result):
    known = result["direction"].values != ""
    regret = result["regret"].values[:, :, known]
    assert (regret >= -1e-12).all()
    assert (regret.min(axis=1) == 0).all()
    assert np.isnan(result["regret"].values[:, :, ~known]).all()


def test_regret_looks_in_the_direction_that_is_better(result):
    crises, joint = "crises[great]", "joint"
    for item, best in ((crises, result["mean"].sel(item=crises).min("policy")), (joint, result["mean"].sel(item=joint).max("policy"))):
        np.testing.assert_allclose(result["regret"].sel(item=item), abs(result["mean"].sel(item=item) - best), atol=1e-12)


def test_survival_means_every_outcome_of_the_profile_is_acceptable(result):
    by_hand = (result["value"].sel(item="crises[great]") <= 2) & (result["value"].sel(item="crises[local]") <= 2)
    by_hand &= result["value"].sel(item="denied[border]") <= 2
    np.testing.assert_array_equal(by_hand.values, result["survives"].sel(profile="peace").values)


def test_the_four_spreads_are_found_again():
    """Futures in pairs: x = theory + parameter + luck with known spreads."""
    rng = np.random.default_rng(5)
    n, theory = 4000, np.array([0.0, 3.0])
    value = theory[:, None, None, None] + np.repeat(rng.normal(size=(2, 1, 1, n)) * 2.0, 2, axis=-1) + rng.normal(size=(2, 1, 1, 2 * n))
    from detente.analysis.spread import clusters, components, error

    groups = clusters(np.arange(2 * n) // 2)
    parameters, luck = components(value, groups)
    data = made(value).assign(
        variance_parameters=(("theory", "policy", "item"), parameters),
        variance_luck=(("theory", "policy", "item"), luck),
        error=(("theory", "policy", "item"), error(value, groups)),
    )
    found = compare.spreads(data)
    np.testing.assert_allclose(found["parameters"], 2.0, rtol=0.05)
    np.testing.assert_allclose(found["luck"], 1.0, rtol=0.05)
    np.testing.assert_allclose(found["error"], np.sqrt((4 + 0.5) / n), rtol=0.05)
    np.testing.assert_allclose(found["between"], 3.0 / np.sqrt(2), rtol=0.05)


def test_dominance_needs_a_gain_and_no_loss():
    luck = np.random.default_rng(3).normal(size=(1, 1, 2, 300))
    better_all, trade = luck - 1.0, luck + np.array([-1.0, 1.0])[:, None]
    found = compare.dominance(made(np.concatenate([luck, better_all, trade], axis=1))).values[0]
    assert found[1].tolist() == [True, False, True]
    assert not found[2].any()
    assert not found[0, 1:].any()
    assert not np.diag(found).any()


def test_no_package_dominates_each_other(result):
    found = compare.dominance(result)
    assert not (found.values & np.swapaxes(found.values, 1, 2)).any()


def test_who_gains_and_who_loses_is_told_by_actor():
    luck = np.random.default_rng(4).normal(size=(1, 1, 3, 200))
    moved = luck + np.array([-1.0, 1.0, 0.0])[:, None]
    verdict = compare.who_gains(made(np.concatenate([luck, moved], axis=1)))["verdict"].sel(policy="p1").values[0]
    assert verdict.tolist() == [compare.GAINS, compare.LOSES, compare.SAME]


def test_the_robust_order_is_by_the_worst_theory_and_profile():
    rng = np.random.default_rng(6)
    share = np.array([[[0.9, 0.9], [0.7, 0.7], [0.5, 0.95]], [[0.1, 0.9], [0.7, 0.7], [0.7, 0.9]]])  # theory, policy, profile
    survives = rng.random((*share.shape, 2000)) < share[..., None]
    found = compare.robust(made(np.zeros((2, 3, 1, 2000)), survives))
    assert found["policy"].values[found["rank"].values.argsort()].tolist() == ["p1", "p2", "no_change"]
    np.testing.assert_allclose(found["shortfall"], [0.6, 0.25, 0.4], atol=0.05)
    assert (found["worst_theory"].values[[0, 2]] == ["t1", "t0"]).all()
    assert float(found["first"].sel(policy="p1")) > 0.99
    assert float(found["as_ranked"]) > 0.99


def test_an_order_that_luck_made_is_said_to_be_one():
    """Five packages that are truly alike: no order of them is sure."""
    survives = np.random.default_rng(7).random((2, 5, 2, 400)) < 0.5
    found = compare.robust(made(np.zeros((2, 5, 1, 400)), survives))
    assert float(found["as_ranked"]) < 0.3
    assert float(found["first"].max()) < 0.8
    np.testing.assert_allclose(found["first"].sum(), 1.0)


def test_the_same_seed_gives_the_same_order(result):
    xr.testing.assert_identical(compare.robust(result), compare.robust(result))


def test_orders_of_packages_are_compared_between_theories():
    mean = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]])
    found = compare.orders(made(np.repeat(mean[:, :, None, None], 4, axis=-1)))
    np.testing.assert_allclose(found.values[0], [[1, -1, 1], [-1, 1, -1], [1, -1, 1]])


def test_theories_are_counted_at_the_table_and_off_it(result):
    found = compare.holds(result)
    assert found["table"].values.tolist() == ["at", "baseline"]
    assert found["of"].values.tolist() == [2, 1]
    sign = compare.gains(result)["better"]
    np.testing.assert_array_equal(found["better"].sel(table="at"), (sign.sel(theory=["spiral", "deterrence"]) > 0).sum("theory"))


# ------------------------------------------------------------------------------------------------------------- agreement


def test_the_chance_of_agreement_by_hand():
    half = agree.chance([0.2, 0.2], 10.0, 0.2, 1, together=False)
    assert half == pytest.approx(0.25)
    assert agree.chance([0.2, 0.2], 10.0, 0.2, 1, together=True) == pytest.approx(0.5)
    assert agree.chance([0.2, 0.2], 10.0, 0.2, 2, together=False) == pytest.approx(1 - 0.75**2)
    assert agree.chance([], 10.0, 0.2, 2, together=False) == 1.0


def test_a_gain_counts_in_the_direction_of_the_aim():
    found = small.scenario()
    wanted = (Item("crises", "great"), Item("alarm", "north"), Item("alarm", "east"))
    gain = agree.party_gain(found.aims["north"], wanted, np.array([-2.0, 0.1, -5.0]))
    assert gain == pytest.approx(0.5 * 2.0 - 1.0 * 0.1), "the other party's alarm counts nothing"


def test_a_required_party_without_aims_leaves_the_chance_unknown():
    found = small.scenario()
    policy = found.policies["restraint"].model_copy(update={"required": ("border",)})
    assert np.isnan(agree.agreement(found, policy, (), np.array([])).middle)


def test_a_bloc_signs_by_its_founders():
    found = small.scenario()
    policy = found.policies["restraint"].model_copy(update={"required": ("alliance", "east")})
    assert agree.parties(found, policy) == ("north", "east")
