"""A folder of further years: read like a scenario's record, joined on, weighed; bad folders are one sentence."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import small_job
from hypothesis import given
from hypothesis import strategies as st
from untaught import untaught

from detente.analysis.further import ONWARD, carry, groups_of, learn_on, log_mean, longer, longer_record, share_out, tell, update
from detente.engine.compose import compose, vocabulary
from detente.engine.record import build_record
from detente.engine.simulate import Runner, to_theta
from detente.report.update import update_page
from detente.scenario import ScenarioError, further

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "further_example"


@cache
def joined():
    return further(small_job.scenario(), EXAMPLE, vocabulary())


@cache
def after():
    """The runner of the longer model."""
    return Runner(longer(small_job.runner().model, joined()))


@cache
def updated():
    return update(small_job.scenario(), joined(), ["spiral", "calm"], learn=untaught, runners=(small_job.runner(), after()), onward=None)


def only_new(record, old_steps):
    """The longer record with its old quarters blank: what was known before is then the prior, and needs no sampler."""

    def cut(has):
        return has & (np.arange(len(has)) >= old_steps)[:, None]

    return replace(
        record,
        events={k: replace(e, has=cut(e.has)) for k, e in record.events.items()},
        choices={k: replace(c, has=cut(c.has)) for k, c in record.choices.items()},
        measures={k: tuple(replace(m, has=cut(m.has)) for m in group) for k, group in record.measures.items()},
    )


def test_the_example_of_the_documentation_is_read():
    assert joined().history.end.year == 2011
    assert len(joined().events) == len(small_job.scenario().events) + 1
    assert small_job.scenario().history.end.year == 2010


def test_the_longer_model_tells_the_old_rows_as_the_old_model_does():
    """Reweighing is only right when nothing but the new rows is new."""
    runner, new = small_job.runner(), after()
    old, record = runner.model, build_record(runner.model)
    learned = untaught(runner, None, record)
    particles = carry(old, new.model, learned, None, 1)
    told = tell(new, longer_record(record, new.model), particles, old.history_steps)
    before = runner.history(to_theta(learned.z, learned.ranges), learned.luck, record).weights.astype(float).sum(axis=0)
    assert np.allclose(told.old, before, rtol=1e-4, atol=1e-3)
    assert told.parts.shape[1] == 4
    assert np.ptp(told.log_weight) > 0.0


def test_constants_made_of_levels_stay_those_of_the_old_record():
    old = compose(small_job.scenario())
    fresh, kept = compose(joined()), longer(old, joined())
    assert not np.array_equal(fresh.world.constants["reach"], old.world.constants["reach"])
    assert np.array_equal(kept.world.constants["reach"], old.world.constants["reach"])
    record = build_record(old)
    assert all(np.array_equal(e.reference, longer_record(record, kept).events[k].reference) for k, e in record.events.items())


def test_what_the_rows_say_adds_to_what_the_year_says():
    found = updated()
    assert np.allclose(found["part"].sum(("name", "year")), found["log_predictive"], atol=1e-4)
    assert float(found["gain"].sel(theory="calm")) == 0.0
    assert float(found["gain_error"].sel(theory="spiral")) > 0.0
    assert (found["effective"] <= 64).all()


def test_taking_particles_on_finds_what_many_reweighed_ones_find():
    old, new = small_job.runner().model, after()
    record = only_new(longer_record(build_record(old), new.model), old.history_steps)
    many = carry(old, new.model, untaught(small_job.runner(), None, None, 4096), None, 1)
    few = carry(old, new.model, untaught(small_job.runner(), None, None, 512), None, 2)
    value, error, _ = log_mean(tell(new, record, many, old.history_steps).log_weight, many.ancestor)
    _, way = learn_on(new, record, few, old.history_steps, replace(ONWARD, bridge_moves=2, final_moves=4), 3)
    assert len(way.islands) == 8
    assert np.allclose(way.parts.sum(axis=(1, 2)), way.islands, atol=1e-3)
    assert way.gain == pytest.approx(value, abs=4 * np.hypot(error, way.error))


def test_families_are_not_split_between_groups():
    family = np.random.default_rng(3).integers(0, 40, 300)
    groups = groups_of(family, 8)
    assert len({len(g) for g in groups}) == 1
    homes = [set(family[g]) for g in groups]
    assert sum(map(len, homes)) == len(set().union(*homes))


def test_too_poor_a_reweighing_is_taken_on_and_said_to_be():
    runners = (small_job.runner(), after())
    effort = replace(ONWARD, bridge_moves=1, final_moves=2)
    found = update(small_job.scenario(), joined(), ["calm"], learn=untaught, runners=runners, onward=effort)
    assert list(found["way"].values) == ["learnt on"]
    assert float(found["effective"].item()) <= 64
    assert np.allclose(found["part"].sum(("name", "year")), found["log_predictive"], atol=1e-3)
    assert np.isfinite(found["moved_error"]).all()
    page = update_page(found, joined())
    assert page.data["readings"]["calm"]["way"] == "learnt on"


def test_few_particles_decide_nothing():
    page = update_page(updated(), joined())
    assert "does not decide" in page.blocks[0]
    assert page.data["readings"]["spiral"]["decided"] is False


@given(st.integers(0, 2**31), st.floats(0.1, 4.0))
def test_shares_of_the_parts_add_to_the_log_of_the_mean_weight(seed, width):
    rng = np.random.default_rng(seed)
    parts = width * rng.standard_normal((3, 2, 200))
    whole = parts.sum(axis=(0, 1))
    value, error, effective = log_mean(whole, np.arange(200))
    assert share_out(parts, whole).sum() == pytest.approx(value, abs=1e-6)
    assert error > 0.0
    assert 1.0 <= effective <= 200.0


def test_kin_is_no_independent_evidence():
    rng = np.random.default_rng(1)
    w = np.repeat(rng.standard_normal(50), 4)
    _, alone, _ = log_mean(w, np.arange(200))
    _, kin, _ = log_mean(w, np.repeat(np.arange(50), 4))
    assert 1.8 < kin / alone < 2.2


HEADS = {
    "events.csv": "date,draw,item,value,confidence,source,note",
    "measures.csv": "series,date,item,value,error,confidence,source,note",
    "coverage.csv": "draw,item,start,end,note",
}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"events.csv": "2009-04-12,reopen,talks,1,high,invented,"}, "outside the record"),
        ({"events.csv": "2011-04-12,reopen,talks,1,high,invented,"}, "no row of coverage.csv covers"),
        ({"events.csv": "2011-04-12,reopen,talk,1,high,invented,"}, 'did you mean "talks"'),
        ({"coverage.csv": "reopn,*,2011-01-01,2011-12-31,"}, "reopn"),
        ({"measures.csv": "gdpp,2011-12-31,north,1.0,,high,invented,"}, 'did you mean "gdp"'),
        ({"measures.csv": "gdp,2015-12-31,north,1.0,,high,invented,"}, "outside the record"),
        ({"measures.csv": "gdp,2011-12-31,north,lots,,high,invented,"}, "expected a number"),
        ({"event.csv": ""}, 'did you mean "events.csv"'),
        ({"README.md": ""}, "expected further rows"),
    ],
)
def test_a_bad_folder_is_one_sentence(tmp_path, files, said):
    for name, row in files.items():
        (tmp_path / name).write_text(f"{HEADS.get(name, '')}\n{row}\n")
    with pytest.raises(ScenarioError) as stop:
        further(small_job.scenario(), tmp_path, vocabulary())
    assert said in str(stop.value)
    assert "\n" not in str(stop.value)


def test_a_folder_that_is_not_there_is_said():
    with pytest.raises(ScenarioError, match="expected a folder"):
        further(small_job.scenario(), EXAMPLE / "nothing", vocabulary())
