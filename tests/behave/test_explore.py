"""What `detente explore` and `detente conditions` promise: they find what is there, say on which sample it stands, and find nothing in noise."""

from types import SimpleNamespace

import numpy as np
import pytest
import small_job as small
import xarray as xr

from detente.analysis import conditions as cond
from detente.analysis import explore, global_sensitivity
from detente.analysis.project import prior
from detente.engine.record import build_record
from detente.report import conditions as told
from detente.report import explore as shown
from detente.report.words import complaints
from detente.scenario import ScenarioError

FUTURES = 600


def made(rule, seed: int = 3, shift: float = 0.0) -> xr.Dataset:
    """A design of two readings and six inputs; `rule(x [input, sample, theory, future])` says what happens; `shift` moves input 0 once learnt."""
    rng = np.random.default_rng(seed)
    x = rng.random((6, 2, 2, FUTURES)).astype(np.float32)
    x[0, 1] = np.clip(x[0, 1] - shift, 0.0, None)
    value = (rng.random((2, 2, FUTURES)) < rule(x))[None].astype(np.float32)
    family = np.broadcast_to(np.arange(FUTURES) // 2, (2, 2, FUTURES)).astype(np.int32)
    return xr.Dataset(
        {
            "value": (("item", "sample", "theory", "future"), value),
            "parameter": (("input", "sample", "theory", "future"), x),
            "family": (("sample", "theory", "future"), family),
            "effective": (("theory",), np.ones(2)),
        },
        coords={
            "item": np.array(["crisis[great]"], dtype=object),
            "sample": np.array(explore.SAMPLES, dtype=object),
            "theory": np.array(["one", "two"], dtype=object),
            "input": np.array([f"x{k}" for k in range(6)], dtype=object),
        },
        attrs={"scenario": "made", "policy": "none", "seed": 1, "futures": FUTURES},
    )


def boxes_of(ds: xr.Dataset) -> list[explore.Box]:
    cases, _ = explore.fails(ds, "crisis[great]")
    return explore.discover(ds, cases)[0]


def test_a_box_is_found_where_it_is_and_stands_on_both_samples():
    found = boxes_of(made(lambda x: np.where((x[1] > 0.6) & (x[2] < 0.5), 0.9, 0.05)))
    assert {b.method for b in found} == {"PRIM", "CART"}
    for b in found:
        assert b.where == "both"
        assert {"x1", "x2"} <= set(b.limits)
        assert b.limits["x1"][0] == pytest.approx(0.6, abs=0.08)
        assert b.own.density > 0.7
        assert max(b.p["x1"], b.p["x2"]) < 0.02


def test_a_box_that_what_was_learnt_has_left_behind_is_said_to_stand_on_the_prior_only():
    found = [b for b in boxes_of(made(lambda x: np.where(x[0] > 0.7, 0.9, 0.05), shift=0.8)) if b.sample == "prior"]
    assert found
    assert {b.where for b in found} == {"prior"}


def test_a_box_may_be_a_reading():
    rule = lambda x: np.broadcast_to(np.array([0.6, 0.05])[None, :, None], x.shape[1:])  # noqa: E731
    found = [b for b in boxes_of(made(rule)) if b.method == "CART"]
    assert {b.readings for b in found} == {("one",)}


def test_noise_has_no_box_that_stands():
    standing = [b for seed in range(3) for b in boxes_of(made(lambda x: np.full(x.shape[1:], 0.3), seed)) if b.where == "both"]
    assert standing == []


def test_measures_rank_the_inputs_of_a_known_function_and_leave_noise_out():
    """Ishigami's function on three inputs and one idle one: x2 first, the idle one below what a shuffled outcome gives."""
    rng = np.random.default_rng(5)
    x = rng.uniform(-np.pi, np.pi, (4, 1500))
    y = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    index, noise = global_sensitivity.pawn(x, y)
    assert index[1] > noise[1]
    assert index[0] > noise[0]
    assert index[3] < index[:2].min()


def test_of_hundreds_of_unknowns_none_is_a_finding_where_luck_decides_and_the_one_that_matters_is():
    from detente.analysis.global_sensitivity import by_luck
    from detente.analysis.packages import strength

    x = np.random.default_rng(3).random((200, 600))
    luck = np.random.default_rng(4).random(600)
    for y, matter in ((luck < 0.2, []), (luck < 0.05 + 0.4 * x[7], [7])):
        bears = strength(x, y.astype(float)) > by_luck(x, y.astype(float), np.arange(600))
        assert np.flatnonzero(bears).tolist() == matter


def test_what_few_families_share_is_no_finding():
    """Eight families, each with parameters of its own and an outcome of its own: every unknown tells them apart, and none need matter."""
    from detente.analysis.global_sensitivity import by_luck
    from detente.analysis.packages import strength

    kept = blind = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        kin = np.repeat(np.arange(8), 75)
        x = rng.random((60, 8))[:, kin] + 0.05 * rng.random((60, 600))
        y = (rng.random(600) < rng.uniform(0.1, 0.5, 8)[kin]).astype(float)
        kept += bool((strength(x, y) > by_luck(x, y, kin)).any())
        blind += bool((strength(x, y) > by_luck(x, y, rng.permutation(600))).any())
    assert kept <= 3
    assert blind >= 10


# ------------------------------------------------------------------------------------------------------------------ conditions


def reading(futures: int = 800):
    """A reading of two unknowns whose event needs the lever and the first unknown above its middle; and the model's rows."""
    rng = np.random.default_rng(8)
    theta = rng.random((2, futures))
    model = SimpleNamespace(rows=tuple(SimpleNamespace(name=n, group="x") for n in ("a", "b")))
    ready = SimpleNamespace(theta=theta, family=np.arange(futures) // 2, cluster=np.arange(futures) // 2)
    luck = rng.random(futures)
    happens = np.stack([luck < 0.1, luck < np.where(theta[0] > np.median(theta[0]), 0.9, 0.2), luck < 0.1])
    return model, ready, happens


def test_the_smallest_set_is_found_and_measured_on_the_other_half():
    model, ready, happens = reading()
    found = cond._answer(model, "t", ready, [(), ("talk",), ("idle",)], happens, 0.7, 3, 1)
    assert [f.size for f in found.sets] == [2]
    assert found.sets[0].levers == ("talk",)
    assert [(s.parameter, s.above) for s in found.sets[0].sides] == [("a", True)]
    assert found.sets[0].share == pytest.approx(0.9, abs=0.06)
    assert found.base == pytest.approx(0.1, abs=0.04)


def test_where_nothing_is_enough_the_nearest_is_named():
    model, ready, happens = reading()
    found = cond._answer(model, "t", ready, [(), ("talk",), ("idle",)], happens, 0.99, 2, 1)
    assert not found.sets
    assert found.best is not None
    assert found.best.levers == ("talk",)


def test_of_many_sets_that_are_not_enough_hardly_any_passes_by_luck():
    """Sixty sets of levers that all bring it about in just half of the futures, asked for half: most are tried, and luck lifts some of them."""
    names, passed = [(), *((f"lever{k}",) for k in range(60))], 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        happens = rng.random((61, 400)) < 0.5
        ready = SimpleNamespace(theta=np.zeros((1, 400)), family=np.arange(400) // 2, cluster=np.arange(400) // 2)
        model = SimpleNamespace(rows=(SimpleNamespace(name="a", group="x"),))
        answer = cond._answer(model, "t", ready, names, happens, 0.5, 1, seed)
        passed += bool(answer.sets)
    assert passed <= 1
    assert cond.critical(1) == pytest.approx(cond.Z95)
    assert cond.critical(30) > 3.1


def test_a_lever_of_the_channel_asked_about_is_no_condition():
    model = small.runner().model
    channel = next(c for c, x in small.scenario().channels.items() if x.mission)
    kept, _ = cond.allowed(model, channel)
    pulled = {(n, e) for n, m in kept.items() for u in m.uses for e in u.on}
    assert not {(n, channel) for n in cond.CHANNEL_LEVERS} & pulled
    assert cond.event(model, "Q5").channel == channel


@pytest.mark.parametrize(("question", "options", "said"), [("Q9", {}, "Q"), ("Q4", {}, "--level"), ("Q1", {"by": 2012}, "--by")])
def test_a_question_that_cannot_be_asked_is_answered_in_a_sentence(question, options, said):
    with pytest.raises(ScenarioError, match=said):
        cond.event(small.runner().model, question, **options)


# --------------------------------------------------------------------------------------------------------------- the whole way


@pytest.fixture(scope="module")
def learned():
    return {t: prior(small.runner(), small.scenario().theories[t], 64, 1) for t in list(small.scenario().theories)[:2]}


def lint(blocks) -> list[str]:
    texts = [b if isinstance(b, str) else " ".join([b.title, b.note, *sum(getattr(b, "rows", ()), ())]) for b in blocks]
    return [c for text in texts for c in complaints(text)]


def test_a_small_scenario_is_explored_and_its_page_keeps_to_the_house_words(learned):
    policy = small.scenario().policies["restraint"]
    found = shown.explored(small.runner(), learned, policy, "crisis[great]", None, 128, None, 1)
    page = shown.page(found, small.runner().model)
    assert lint(page.blocks) == []
    assert found.ds["value"].shape == (1, 2, 2, 128)
    assert (found.ds["effective"].values >= 1).all()
    assert set(page.data["shares"]) == {"prior", "learnt"}


def test_conditions_of_a_small_scenario_are_told_in_the_house_words(learned):
    asked = cond.event(small.runner().model, "Q5")
    found = cond.conditions(small.runner(), learned, asked, 0.3, 64, 2)
    page = told.page(found, small.runner().model)
    assert lint(page.blocks) == []
    assert [a.theory for a in found.answers] == list(learned)
    none = found.levers_only[()]
    assert [share for share, _ in none] == pytest.approx([a.base for a in found.answers])


def test_the_record_is_what_holds_the_prior_sample(learned):
    """Its futures start where the record ends, not where an unheld history would."""
    runner = small.runner()
    theory = small.scenario().theories[next(iter(learned))]
    ready, left = explore.from_prior(runner, build_record(runner.model), theory, explore.common(runner.model, 64, 1))
    assert ready.theta.shape[1] == 64
    assert 1 <= left <= 64
