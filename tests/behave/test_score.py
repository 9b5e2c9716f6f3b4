"""Forecasts from an earlier date know nothing of later rows, are scored beside what any model must beat, and go on where they stopped."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import jax
import numpy as np
import pytest
import small_job
from untaught import untaught

from detente.analysis import references
from detente.analysis.hindcast import ask, cut, hindcast
from detente.analysis.observables import KINDS, answers
from detente.analysis.origins import read, rolling, stamped, write
from detente.analysis.support import REFERENCES, support, together
from detente.engine.compose import compose
from detente.engine.record import build_record
from detente.engine.simulate import Runner
from detente.engine.step import record_inputs
from detente.report.blocks import to_markdown
from detente.report.score import score_page
from detente.report.scoring import Hindcast, score_command
from detente.report.words import complaints
from detente.scenario import ScenarioError

UNTIL = 2005


@cache
def small():
    """The small scenario with a record that covers all that changes a channel, a wish and the ladder."""
    found = small_job.scenario()
    first = found.coverage[0]
    more = tuple(replace(first, draw=draw, item="*") for draw in ("reopen", "withdraw", "rung", "promise", "join"))
    return found.model_copy(update={"coverage": found.coverage + more})


@cache
def runner():
    return Runner(compose(small()))


def forecast(scenario, year=UNTIL):
    return hindcast(scenario, year, ["spiral", "calm"], futures=128, whole=runner(), learn=untaught)


@cache
def told():
    return forecast(small())


def after(scenario, year=UNTIL):
    """The same scenario with another history after a year: budgets tripled, events and spells struck out."""
    return scenario.model_copy(
        update={
            "measures": tuple(replace(m, value=3 * m.value) if m.date.year > year and m.series == "arms" else m for m in scenario.measures),
            "events": tuple(e for e in scenario.events if e.date.year <= year),
            "rungs": tuple(r for r in scenario.rungs if r.start.year <= year),
        }
    )


def test_no_forecast_knows_what_came_later():
    """All that a forecast is made of is the same, whatever came after the date: constants from levels of the record, start values, unknowns, rows."""
    one, other = (compose(cut(scenario, UNTIL)) for scenario in (small(), after(small())))
    assert small().measures != after(small()).measures
    for key, value in one.world.constants.items():
        assert all(np.array_equal(a, b) for a, b in zip(np.atleast_1d(value), np.atleast_1d(other.world.constants[key]), strict=True)), key
    assert all(np.array_equal(value, other.start[key]) for key, value in one.start.items())
    assert one.rows == other.rows
    first, second = (jax.tree.leaves(record_inputs(build_record(model))) for model in (one, other))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert one.history_steps == 4 * (UNTIL - 2001 + 1)
    whole, changed = (compose(scenario) for scenario in (small(), after(small())))
    assert not all(np.array_equal(value, changed.world.constants[key]) for key, value in whole.world.constants.items() if key == "reach")


def test_what_happened_is_what_the_record_says():
    """The channel of the small scenario, as its rows of events have it."""
    question = ask(small(), UNTIL, runner())
    for s, sight in enumerate(question.sights):
        if sight.kind == "open":
            is_open, expected = float(small().channels[sight.element].open), []
            rows = [(e.date.year, e.draw) for e in small().events if e.draw in ("suspend", "reopen") and e.item == sight.element]
            for year in range(2001, 2011):
                for when, what in rows:
                    if when == year:
                        is_open = float(what == "reopen")
                expected.append(is_open)
            assert question.told[s].tolist() == expected
            break
    else:
        pytest.fail("no question about a channel")


def test_questions_are_asked_of_years_after_the_date_only():
    assert told()["year"].values.min() == UNTIL + 1
    assert told()["time"].values.min() > UNTIL + 1
    assert set(told()["outcome"].values) <= {0.0, 1.0}


def test_a_year_without_a_record_on_both_sides_is_refused():
    for year in (1990, 2002, 2010, 2050):
        with pytest.raises(ScenarioError, match="inside the record"):
            cut(small(), year)


def test_a_question_about_a_year_reads_four_quarters():
    rung = np.zeros((8, 2, 3), np.float32)
    rung[5, 1, 2] = 2.0
    kind = KINDS["crisis"]
    from detente.analysis.observables import Sight

    found = answers((Sight("crisis", "a", 0), Sight("crisis", "b", 1)), {kind.state: rung})
    assert found.sum() == 1
    assert found[1, 1, 2]


def test_skill_is_nought_against_oneself_and_negative_for_the_worse():
    ds = told().copy(deep=True)
    truth = ds["outcome"].values
    ds["p"].values[0] = 1.0 - truth
    ds["p"].values[1] = truth
    found = support(ds, resamples=200)
    skill = found["skill"].sel(score="log")
    assert all(float(skill.sel(forecaster=r, reference=r)) == 0.0 for r in REFERENCES)
    assert (skill.isel(forecaster=0) < 0).all()
    assert (found["skill_high"].isel(forecaster=0) < 0).all()
    assert (skill.isel(forecaster=1).sel(reference="climatology") > 0.9).all()
    assert (found["skill_low"] <= found["skill"] + 1e-12).all()


def test_murphys_terms_add_up_to_the_brier_score():
    found = support(told(), resamples=20)
    term = found["murphy"]
    whole = term.sel(term="reliability") - term.sel(term="resolution") + term.sel(term="uncertainty") + term.sel(term="within")
    assert np.allclose(whole, found["mean"].sel(score="brier"))


def test_a_skill_below_nought_is_printed_as_such():
    ds = told().copy(deep=True)
    ds["p"].values[0] = 1.0 - ds["outcome"].values
    page = score_page(ds, support(ds, resamples=50), small())
    grid = next(b for b in page.blocks if getattr(b, "key", "") == "questions")
    assert all(cell.startswith("−") for cell in grid.rows[0][3:])


def test_a_kept_forecast_is_read_again_only_while_nothing_it_depends_on_changed(tmp_path, monkeypatch):
    scenario = small()
    asked = (["spiral", "calm"], 64, 128, 1, 3, 1.0)
    write(tmp_path / "until_2005.json", told(), stamped(scenario, 2005, *asked))
    monkeypatch.setattr("detente.analysis.origins.hindcast", lambda *a, **k: pytest.fail("forecast again"))
    kept = rolling(scenario, [2005], *asked, folder=tmp_path)
    assert np.allclose(kept["p"], told()["p"], rtol=1e-4)
    assert np.allclose(kept["crps"], told()["crps"], rtol=1e-4)
    assert stamped(after(scenario), 2005, *asked) != stamped(scenario, 2005, *asked)
    assert read(tmp_path / "until_2005.json", "another") is None
    (tmp_path / "until_2006.json").write_text("{}")
    with pytest.raises(ScenarioError, match="until_2006"):
        read(tmp_path / "until_2006.json", "any")


def test_several_dates_are_scored_together():
    whole = together([told(), told().assign_attrs(until=2007)])
    assert whole.sizes["case"] > told().sizes["case"]
    assert whole["log_evidence"].dims == ("until", "theory")
    assert support(whole, resamples=20).attrs["questions"] == whole.sizes["case"]


def test_references_know_a_line_a_habit_and_a_constant():
    time = np.arange(2000.0, 2010.0)
    line = references.series(time, 2.0 * time, 2012.0)
    assert np.allclose(line["trend"], 4024.0)
    assert references.series(time, np.full(10, 3.0), 2012.0)["persistence"] == pytest.approx(np.full(14, 3.0))
    habit = references.question(np.array([0.0, 0, 0, 0, 1, 1, 1, 1, 1, 1]), 1)
    assert habit["persistence"] > habit["climatology"] > 0.5
    never = references.question(np.zeros(10), 3)
    assert all(0.0 < p < 0.1 for p in never.values())


def asked(**other):
    usual = {
        "scenario": "euro_atlantic",
        "until": None,
        "origins": None,
        "theories": (),
        "particles": 64,
        "futures": 50,
        "seed": 1,
        "effort": 1.0,
    }
    return Hindcast(**(usual | {"keep": None, "figures": None, "record": None, "json": True} | other))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (asked(until=1800), "expected a year from 1993 to 2020"),
        (asked(origins="1999;2004"), "expected years such as 1999,2004,2009"),
        (asked(until=2004, origins="1999"), "--until and --origins were given; expected one of them"),
        (asked(theories=("grusko",)), "did you mean"),
        (asked(record=Path("nowhere")), "expected a folder"),
        (asked(scenario="collective_risk"), "record"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_sentence_before_any_work(request_, said):
    with pytest.raises(ScenarioError, match=re.escape(said)):
        score_command(request_)


def test_no_figure_on_the_page_is_more_exact_than_its_error_allows():
    assert complaints(to_markdown(score_page(told(), support(told(), resamples=50), small()))) == []
