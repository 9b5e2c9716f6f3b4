"""What `detente search --tune` promises: doses and dates within what the packages allow, trade-offs found, figures from luck that evolution never saw."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import small_job as small

from detente.analysis import measures, tune
from detente.analysis.outcomes import evaluate
from detente.analysis.project import common, prior, projector
from detente.analysis.search import objectives
from detente.report import tune as shown
from detente.report.words import complaints
from detente.scenario import ScenarioError

OUTCOMES = ("crisis[great]", "alarm[north]")


@pytest.fixture(scope="module")
def learned():
    return {t: prior(small.runner(), small.scenario().theories[t], 64, 1) for t in list(small.scenario().theories)[:2]}


@pytest.fixture(scope="module")
def found(learned):
    return tune.tune(small.runner(), learned, outcomes=OUTCOMES, futures=32, evaluations=60)


def bench(worth, theories=2):
    """A field of one lever whose scores are a function of dose and start, the same in every future."""
    field = SimpleNamespace(
        earliest=np.array([2020.0]),
        latest=2030.0,
        bench=SimpleNamespace(objectives=(SimpleNamespace(tolerance=0.02),), ready=dict.fromkeys(range(theories))),
    )
    field.read = lambda plan: tune.Field.read(field, plan)
    field.scores = lambda plan: np.array([[[x] for x in worth(*(float(v[0]) for v in field.read(plan)))]])
    return field


def test_evolution_finds_a_dose_and_a_date_between_the_ends():
    field = bench(lambda dose, start: [-((dose - 0.6) ** 2) - ((start - 2026.0) / 10) ** 2], theories=1)
    plans = tune._evolve(field, 400, 1, lambda *a: None)
    best = max(plans, key=lambda p: field.scores(p).sum())
    dose, start = field.read(best)
    assert dose[0] == pytest.approx(0.6, abs=0.12)
    assert start[0] == pytest.approx(2026.0, abs=1.5)


def test_where_two_readings_pull_apart_plans_of_both_and_between_are_kept():
    field = bench(lambda dose, start: [dose, -(dose**2)])
    doses = np.array([field.read(p)[0][0] for p in tune._evolve(field, 300, 1, lambda *a: None)])
    assert doses.min() == 0.0
    assert doses.max() == 1.0
    assert ((doses > 0.2) & (doses < 0.8)).any()


def test_a_plan_in_full_is_the_package_itself_on_luck_that_evolution_never_saw(found, learned):
    runner = small.runner()
    full = int(np.flatnonzero(found["known_as"].values == "full")[0])
    whole = measures.package(list(measures.measures(runner.model).values()))
    wanted = [o.item for o in objectives(runner.model, found["objective"].values)]
    for j, posterior in enumerate(learned.values()):
        batch = projector(runner, posterior, common(runner.model, 32 * tune.FRESH, 2)).run(whole)
        value = evaluate(runner.model, batch.state, wanted).mean(axis=1)
        assert found["mean"].values[1, j, full] == pytest.approx(value[1], rel=1e-5)
        hazard = batch.state["hazard"][2, 0].mean()
        assert min(abs(found["mean"].values[0, j, full] - x) for x in (value[0], hazard)) < 1e-6


def test_doses_and_dates_stay_within_what_the_packages_allow_and_regret_is_against_the_best_kept(found):
    dose, start = found["dose"].values, found["start"].values
    pulled = dose > 0
    assert ((dose[pulled] >= tune.LEAST) & (dose[pulled] <= 1.0)).all()
    assert np.isnan(start[~pulled]).all()
    assert (start >= found["earliest"].values - 0.25)[pulled].all()
    assert (start[pulled] <= found.attrs["latest"]).all()
    assert (found["regret"].min("plan") == 0).all()
    assert {"none", "full"} <= set(found["known_as"].values)


def test_the_same_seed_gives_the_same_plans(found, learned):
    again = tune.tune(small.runner(), learned, outcomes=OUTCOMES, futures=32, evaluations=60)
    assert again.identical(found)


def test_the_page_keeps_to_the_house_words_and_its_figures_can_be_read(found):
    page = shown.page(found, small.scenario())
    texts = [b if isinstance(b, str) else " ".join([b.title, b.note, *sum(getattr(b, "rows", ()), ())]) for b in page.blocks]
    assert [c for text in texts for c in complaints(text)] == []
    assert json.loads(json.dumps(page.data))["plans"][0]["largest_regret_in_tolerances"] == float(found["worst"][0])


def test_a_lever_that_only_waiting_packages_pull_is_no_measure_and_is_refused_by_name():
    model = small.runner().model
    first = next(p for p in small.scenario().policies.values() if p.levers)
    lever = first.levers[0].lever
    policies = {
        p.id: p.model_copy(
            update={"levers": tuple(u.model_copy(update={"when": "rung[great] >= 2"}) if u.lever == lever else u for u in p.levers)}
        )
        for p in small.scenario().policies.values()
    }
    waits = SimpleNamespace(scenario=SimpleNamespace(policies=policies), levers=model.levers, lever_rows=model.lever_rows)
    assert lever not in measures.measures(waits)
    assert list(measures.waiting(waits)) == [lever]
    with pytest.raises(ScenarioError, match="waits for a condition"):
        measures.named(waits, [lever])
