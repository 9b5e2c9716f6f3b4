"""`detente crux`: shares that add up to the difference, exact where in reach, found where they were planted; values at which packages turn."""

import json
from functools import cache

import numpy as np
import pytest
import small_job as small
import xarray as xr
from typer.testing import CliRunner

from detente.analysis import crux, tipping
from detente.analysis.outcomes import items
from detente.analysis.sensitivity import gaussian_value, interactions, orders, shapley, shapley_by_orders, variance_value
from detente.cli.base import app
from detente.replications.song2016 import FOUR, INPUTS
from detente.report import crux as shown
from detente.report.blocks import to_markdown
from detente.report.words import complaints
from detente.scenario import ScenarioError

FUTURES = 64


def base():
    return small.scenario().policies["no_change"]


@cache
def two() -> crux.Pair:
    s, runner = small.scenario(), small.runner()
    return crux.pair(runner, (s.theories["spiral"], None), (s.theories["deterrence"], None), items(runner.model), FUTURES, basis="ranges")


@cache
def found():
    return crux.attribute(two(), small.scenario().policies["restraint"], base(), exact=6)


# ------------------------------------------------------------------------------------------------------ the attribution itself


def test_orders_give_the_shapley_effects_of_the_linear_gaussian_model():
    v = gaussian_value(np.array(INPUTS["four"]["weights"]), np.array(INPUTS["four"]["covariance"]))
    value = lambda inside: np.array([v(frozenset(np.flatnonzero(column))) for column in inside.T])  # noqa: E731
    by_run = shapley_by_orders(value, orders([1] * 4, 600, seed=1))
    wrong = by_run.std(axis=-1, ddof=1) / np.sqrt(by_run.shape[-1])
    np.testing.assert_array_less(np.abs(by_run.mean(axis=-1) - FOUR), 4 * wrong)
    assert wrong.max() < 0.01


def test_orders_give_the_shapley_effects_of_the_ishigami_function():
    a, b = INPUTS["ishigami"]["a"], INPUTS["ishigami"]["b"]
    parts = {
        frozenset({0}): (1 + b * np.pi**4 / 5) ** 2 / 2,
        frozenset({1}): a**2 / 8,
        frozenset({0, 2}): b**2 * np.pi**8 * (1 / 18 - 1 / 50),
    }
    v = variance_value(parts)
    value = lambda inside: np.array([v(frozenset(np.flatnonzero(column))) for column in inside.T])  # noqa: E731
    by_run = shapley_by_orders(value, orders([1] * 3, 64, seed=2))
    np.testing.assert_allclose(
        by_run.mean(axis=-1), [0.435747023179, 0.44241114479, 0.121841832031], rtol=1e-9
    )  # mirrored orders: exact in pairs
    np.testing.assert_allclose(interactions(v, 3)[0, 2], parts[frozenset({0, 2})] / sum(parts.values()), rtol=1e-12)
    assert abs(interactions(v, 3)[0, 1]) < 1e-12


def test_values_may_be_arrays_and_are_shared_out_element_by_element():
    v = gaussian_value(np.array([1.0, 2.0]), np.array([[1.0, 0.3], [0.3, 1.0]]))
    both = shapley(lambda s: np.array([v(s), -2.0 * v(s)]), 2)
    np.testing.assert_allclose(both, np.outer(shapley(v, 2), [1.0, -2.0]))


def test_shares_of_parameters_add_up_to_their_mechanisms():
    v = gaussian_value(np.array(INPUTS["four"]["weights"]), np.array(INPUTS["four"]["covariance"]))
    value = lambda inside: np.array([v(frozenset(np.flatnonzero(column))) for column in inside.T])  # noqa: E731
    mine = shapley_by_orders(value, orders([3, 1], 400, seed=3)).mean(axis=-1)
    groups = shapley(lambda s: v(frozenset(k for g in s for k in ((0, 1, 2), (3,))[g])), 2)
    np.testing.assert_allclose([mine[:3].sum(), mine[3]], groups, atol=0.02)


# ----------------------------------------------------------------------------------------------------------- two theories


def test_the_shares_add_up_to_the_difference():
    ds = found()
    np.testing.assert_allclose(ds["share"].sum("unknown"), ds["difference"], atol=1e-5)
    np.testing.assert_allclose(ds["group_share"].sum("group"), ds["difference"], atol=1e-5)
    np.testing.assert_allclose(ds["second"] - ds["first"], ds["difference"], atol=1e-5)


def test_the_gain_is_the_difference_of_the_two_policies():
    ds = found()
    np.testing.assert_allclose(ds["share"].sel(of="gain"), ds["share"].sel(of="restraint") - ds["share"].sel(of="no_change"), atol=1e-6)


def test_exact_and_drawn_shares_of_a_mechanism_agree():
    exact, drawn = found(), crux.attribute(two(), None, base(), exact=0).isel(of=0)
    assert exact.attrs["method"] == "exact"
    assert drawn.attrs["method"] == "orders"
    gap = np.abs(exact["group_share"].sel(of="no_change") - drawn["group_share"]).values
    wrong = np.hypot(exact["group_share_error"].sel(of="no_change"), drawn["group_share_error"]).values
    assert (gap <= 5 * wrong + 1e-6).all()


def test_a_parameter_of_which_two_theories_do_not_differ_carries_nothing():
    names = {u.name for u in two().parts}
    s = small.scenario()
    told = {r.parameter for t in ("spiral", "deterrence") for r in s.theories[t].ranges}
    assert names <= told


def test_two_theories_are_their_own_futures_at_the_ends():
    pair = two()
    for taken, side in ((False, pair.a), (True, pair.b)):
        ready = pair.hybrid(np.full((len(pair.parts), pair.runs), taken))
        np.testing.assert_array_equal(ready.theta, side.theta)
        for name, value in side.state.items():
            np.testing.assert_allclose(ready.state[name], value, atol=1e-6)


def test_a_package_that_is_better_in_every_world_need_not_wait():
    s = small.scenario()
    needs = crux.unneeded(two(), [s.policies["restraint"], s.policies["separation"]], base())
    sign, verdict = needs["sign"].values, needs["verdict"].values
    sure = np.abs(needs["gain"].values) > crux.SURE * needs["gain_error"].values
    opposite = ((sign > 0) & sure).any(axis=1) & ((sign < 0) & sure).any(axis=1)
    np.testing.assert_array_equal(verdict == 2, opposite)
    agreed = (sign[:, 0] == sign[:, 1]) & (sign[:, 0] != 0) & ~opposite
    np.testing.assert_array_equal(np.abs(verdict) == 1, agreed)
    assert (verdict[agreed] == sign[:, 0][agreed]).all()


def test_errors_count_kin_of_either_side():
    x = np.repeat(np.random.default_rng(1).normal(size=50), 8)
    alone, kin = np.arange(400), np.arange(400) // 8
    assert crux.two_way(x, kin, alone) == pytest.approx(float(crux.two_way(x, alone, kin)))
    assert float(crux.two_way(x, kin, alone)) > 2 * float(crux.two_way(x, alone, alone))


def test_the_page_says_what_may_stand_on_a_wall():
    ds = found()
    s = small.scenario()
    names = [i for i in ("crisis[great]", "crises[great]") if i in ds["item"].values]
    more = {"pairs": crux.together(two(), ds, base(), names[0])}
    page = shown.page(s, small.runner().model, "spiral", "deterrence", ds, names, more)
    assert complaints(to_markdown(page)) == []
    assert set(page.data["mechanisms"]["gain"]) == set(ds["group"].values)


def test_what_would_settle_it_is_the_most_telling_that_is_told_apart():
    chance = np.zeros((2, 3, 1, 2))
    chance[0, :, 0], chance[1, :, 0] = [0.2, 0.8], [0.6, 0.4]
    seen = xr.Dataset(
        {
            "bits": (("observable", "year"), [[0.1], [0.3], [0.5]]),
            "error": (("observable", "year"), [[0.01], [0.01], [0.4]]),
            "chance": (("theory", "observable", "year", "outcome"), chance),
        },
        coords={
            "observable": ["a", "b", "c"],
            "what": ("observable", ["crisis", "clash", "war"]),
            "kind": ("observable", ["question"] * 3),
            "element": ("observable", ["great", "local", "great"]),
            "year": [2022],
            "theory": ["spiral", "deterrence"],
            "prior": ("theory", [0.5, 0.5]),
        },
    )
    rows = shown.settle(small.scenario(), seen).rows
    assert [r[1].partition(" or worse")[0] for r in rows] == ["armed clash", "crisis"], "the third is not told apart from nothing"
    s = small.scenario().theories
    assert rows[0][3:] == (s["spiral"].argument, s["deterrence"].argument)


@pytest.mark.parametrize("words", [["spiral"], ["spiral", "deterence"], ["a", "b", "c", "d"]])
def test_wrong_words_end_in_one_sentence(words):
    import detente.cli  # noqa: F401 — registers the verbs

    home = str(small.scenario().origin.folder)
    result = CliRunner().invoke(app, ["crux", *words, *([home] if len(words) == 2 else [])])
    assert isinstance(result.exception, ScenarioError)


def test_the_verb_prints_json_that_adds_up(monkeypatch):
    import detente.cli  # noqa: F401 — registers the verbs

    monkeypatch.setattr("detente.engine.simulate.Runner", lambda model: small.runner())  # compiled once for all tests
    home = str(small.scenario().origin.folder)
    done = CliRunner().invoke(app, ["crux", "spiral", "deterrence", home, "--basis", "ranges", "--futures", "64", "--json"])
    assert done.exit_code == 0, done.exception
    data = json.loads(done.output)
    assert data["basis"] == "ranges"
    for item, one in data["difference"]["no_change"].items():
        shares = sum(row[item][0] for row in data["mechanisms"]["no_change"].values())
        assert shares == pytest.approx(one["difference"], abs=1e-4)


def test_the_same_seed_gives_the_same_shares():
    again = crux.attribute(two(), small.scenario().policies["restraint"], base(), exact=6)
    np.testing.assert_array_equal(again["share"], found()["share"])


# --------------------------------------------------------------------------------------------------------- tipping values


class _Ready:
    """Stands for a theory's futures: two packages whose outcomes are straight lines in one parameter."""

    def __init__(self) -> None:
        self.luck = np.random.default_rng(4).normal(0, 0.05, 200)
        self.family = np.arange(200)
        self.runner = self
        self.model = self
        self.states: dict = {}

    def find(self, parameter: str) -> list[int]:
        return [0]

    def run(self, policy, trace, set_to):
        x = set_to["x"]
        mean = {"flat": 0.5, "steep": 2.0 * x, "last": -1.0}[policy.id]
        self.state = {"y": mean + self.luck * (1.0 if policy.id == "flat" else -1.0)}
        return self


class _Policy:
    def __init__(self, name: str) -> None:
        self.id = name


def test_the_value_at_which_the_best_package_changes_is_found_with_its_error():
    packages = [_Policy("flat"), _Policy("steep"), _Policy("last")]
    tip = tipping.tipping(_Ready(), packages, lambda state: state["y"], "x", 0.0, 1.0)
    assert (tip.low_best, tip.high_best) == ("flat", "steep")
    assert abs(tip.value - 0.25) < 3 * tip.error + 1 / 256
    assert tip.error == pytest.approx(2 * 0.05 / np.sqrt(200) / 2.0, rel=0.2)
    assert tip.sure


def test_a_package_that_leads_all_along_has_no_tipping_value():
    tip = tipping.tipping(_Ready(), [_Policy("flat"), _Policy("last")], lambda state: state["y"], "x", 0.0, 1.0)
    assert np.isnan(tip.value)


def test_the_parameter_on_which_the_choice_turns_is_the_one_that_moves_it():
    rng = np.random.default_rng(6)
    theta = rng.random((4, 400))
    scores = np.stack([theta[2] + 0.1 * rng.normal(size=400), np.full(400, 0.5), np.zeros(400)])
    rows = [type("Row", (), {"group": "m", "parameter": f"p{k}"})() for k in range(4)]
    assert tipping.turning(theta, scores, rows)[0] == "p2"
