"""`detente compare`: what it prints of a finished result, a package's page, weights only when asked for, and boxes that luck cannot make."""

import json

import numpy as np
import pytest
import small_job as small
import xarray as xr
from made_result import made
from typer.testing import CliRunner

from detente.analysis import compare, packages, store, weights
from detente.analysis.job import from_prior
from detente.cli.base import app
from detente.report import compare as shown
from detente.report.blocks import to_markdown
from detente.report.package import page
from detente.report.words import complaints
from detente.scenario import ScenarioError


@pytest.fixture(scope="module")
def result():
    return small.result()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, result):
    place = tmp_path_factory.mktemp("compare")
    store.write(place / "result.zarr", result)
    return place


def run(*words: str):
    import detente.cli  # noqa: F401 — registers the verbs

    return CliRunner().invoke(app, ["compare", *words], catch_exceptions=True)


# --------------------------------------------------------------------------------------------------------------- the verb


def test_a_finished_result_is_compared_without_running_anything(folder):
    home = str(small.scenario().origin.folder)
    found = run(str(folder), "--scenario", home, "--quick", "--json", "--outcome", "crisis")
    assert found.exit_code == 0, found.output
    data = json.loads(found.output)
    assert set(data["theories"]) == set(small.result()["theory"].values)
    one = data["theories"]["calm"]["policies"]["restraint"]
    assert list(one["items"]) == ["crisis[great]", "crisis[local]"]
    assert {"mean", "error", "gain", "gain_error", "regret", "expected"} <= set(one["items"]["crisis[great]"])
    again = run(str(folder), "--scenario", home, "--quick", "--json", "--outcome", "crisis")
    assert again.output == found.output


def test_a_wrong_name_is_told_with_the_nearest(folder):
    found = run(str(folder), "--scenario", str(small.scenario().origin.folder), "--quick", "--outcome", "crisys")
    assert isinstance(found.exception, ScenarioError)
    assert "crisis" in str(found.exception)


def test_a_wrong_name_is_told_before_any_job_is_run(monkeypatch):
    monkeypatch.setattr("detente.report.compare_run._job", lambda *_: pytest.fail("a job was run"))
    for option, name, near in (("--package", "restraimt", "restraint"), ("--outcome", "crisys", "crisis")):
        found = run(str(small.scenario().origin.folder), option, name)
        assert isinstance(found.exception, ScenarioError)
        assert near in str(found.exception)


def test_the_page_says_no_figure_that_may_not_stand_on_a_wall(result):
    found = shown.page(result, small.scenario())
    assert complaints(to_markdown(found)) == []
    assert not any("of 0" in c for b in found.blocks if hasattr(b, "columns") for c in b.columns if "at the table" in c)


def test_the_largest_regret_is_that_of_the_worst_theory(result):
    found = compare.worst_regret(result)
    some = compare.at_table(result)["regret"]
    np.testing.assert_allclose(found["regret"], some.max("theory"))
    item = "crisis[great]"
    assert float(found["regret"].sel(item=item).min()) <= float(found["regret"].sel(item=item).max())


# ---------------------------------------------------------------------------------------------------------------- weights


def test_no_sum_over_outcomes_unless_weights_are_given(result):
    assert "weighed" not in str(shown.data(result, small.scenario(), ["crisis[great]"]))


def test_the_first_place_holds_between_the_ends_said_and_not_beyond():
    rng = np.random.default_rng(3)
    luck = rng.normal(size=(1, 1, 2, 400))
    shift = np.array([[0.0, 0.0], [-2.0, 1.0], [0.0, -1.5]])  # p1 better in x0 and worse in x1; p2 better in x1
    ds = made(luck + shift[None, :, :, None])
    found = weights.ranking(ds, {"x0": 2.0, "x1": 1.0})
    assert found["first"].values[0] == "p1"
    low, high = float(found["low"][0, 0]), float(found["high"][0, 0])
    assert low == pytest.approx(1.25)
    assert high == np.inf
    for w, first in ((low * 1.01, "p1"), (low * 0.99, "p2")):
        assert weights.ranking(ds, {"x0": w, "x1": 1.0})["first"].values[0] == first


def test_a_weight_inside_the_cone_keeps_the_whole_order():
    rng = np.random.default_rng(5)
    ds = made(rng.normal(size=(1, 5, 3, 60)))
    given = {"x0": 1.0, "x1": 1.0, "x2": 1.0}
    found = weights.ranking(ds, given)
    cone = found["half_spaces"].values[0]
    for w in rng.dirichlet(np.ones(3), size=40):
        same = (weights.ranking(ds, dict(zip(given, w, strict=True)))["rank"].values == found["rank"].values).all()
        assert same == bool((cone @ w >= 0).all())


@pytest.mark.parametrize("text", ["x0", "x0=-1", "x0=a", "x0=1,x0=2", "=1"])
def test_weights_that_are_none_are_refused(text):
    with pytest.raises(ScenarioError):
        weights.read_weights(text)


def test_an_outcome_whose_better_direction_is_an_opinion_is_not_weighed():
    with pytest.raises(ScenarioError, match="no direction"):
        weights.ranking(made(np.zeros((1, 2, 1, 4)), direction=""), {"x0": 1.0})


# --------------------------------------------------------------------------------------------------- boxes and early signs


def planted(depends: bool, theories: int = 3, futures: int = 600, inputs: int = 6) -> tuple[xr.Dataset, np.ndarray]:
    """Futures that fail where the first input is high (or by luck alone); the second observable shows it."""
    rng = np.random.default_rng(8)
    x = rng.random((inputs, theories, futures))
    chance = np.where(x[0] > 0.7, 0.9, 0.2) if depends else np.full(x[0].shape, 0.4)
    fails = rng.random(x[0].shape) < chance
    shows = np.stack([rng.random(fails.shape), fails + rng.normal(0, 0.3, fails.shape)])
    ds = xr.Dataset(
        {
            "parameter": (("input", "theory", "future"), x),
            "shows": (("sign", "theory", "future"), shows),
            "family": (("theory", "future"), np.broadcast_to(np.arange(futures) // 2, fails.shape)),
        },
        coords={
            "theory": [f"t{k}" for k in range(theories)],
            "input": [f"x{k}" for k in range(inputs)],
            "sign": ["open[a]", "rung2[b]"],
        },
    )
    return ds, fails


def test_a_planted_box_is_found_and_measured_on_the_other_half():
    ds, fails = planted(True)
    found = packages.box(ds, fails)
    assert set(found.limits) == {"x0"}
    assert 0.6 < found.limits["x0"][0] < 0.75
    assert found.density == pytest.approx(0.9, abs=0.06)
    assert found.base == pytest.approx(0.41, abs=0.05)


def test_luck_makes_no_box_and_no_sign():
    ds, fails = planted(False)
    assert packages.box(ds, fails) is None
    assert [s.name for s in packages.signs(ds, fails)] == ["rung2[b]"], "the second observable follows the failing itself"


def test_what_only_tells_theories_apart_is_no_condition():
    theory = np.repeat([0, 1], 500)
    rng = np.random.default_rng(2)
    cases, inside = rng.random(1000) < np.where(theory, 0.8, 0.2), theory.astype(bool)
    slope, wrong = packages.within(cases, inside, theory, np.arange(1000))
    assert abs(slope) <= 2 * wrong or wrong == np.inf


def test_a_figure_turns_on_what_moves_it():
    rng = np.random.default_rng(1)
    x = {t: rng.random((5, 500)) for t in ("a", "b")}
    y = {t: 3 * v[2] + rng.normal(0, 0.5, 500) for t, v in x.items()}
    found = packages.movers(x, y, list("pqrst"))
    assert list(found) == ["r"]
    assert set(found["r"]) == {"a", "b"}


def test_a_package_has_its_page(result):
    found, runner = small.scenario(), small.runner()
    plan = packages.plan_of(found, runner.model, "no_change")
    learn = from_prior(small.PARTICLES)
    learnt = {t: learn(runner, found.theories[t], None, 1, None) for t in result["theory"].values}
    study = packages.study(plan, runner, found.policies["restraint"], learnt, 64)
    whole = page(result, found, "restraint", study, runner.model)
    text = to_markdown(whole)
    assert "Who must agree" in text
    assert complaints(text) == []
    assert whole.data["required"] == ["north", "east"]
    assert set(whole.data["boxes"]) == set(found.values)
