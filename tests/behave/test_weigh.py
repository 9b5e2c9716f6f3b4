"""Weighing theories against the record: evidence with an error that holds, parts that add up, order that is called undecided when it turns."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import synthetic_result as synthetic
import xarray as xr
from program import inside

from detente.analysis import bridge, fragility, judge, sequential, verdict
from detente.analysis import claim_evidence as ce
from detente.analysis.weigh import Study, weigh
from detente.engine.assimilate import Settings, log_mean_exp, normal
from detente.engine.compose import compose
from detente.engine.record import build_record
from detente.engine.simulate import Runner, draw_luck, draw_z
from detente.report import words
from detente.report.blocks import Page, to_json, to_markdown
from detente.report.weigh import headline, warnings, weigh_page
from detente.report.weigh_charts import figure
from detente.report.weigh_claim import NATS, claim_grid
from detente.report.weigh_words import DECIBAN, UNDECIDED, decibans
from detente.report.weigh_words import verdict as says
from detente.scenario import load

EFFORT = Settings(particles=128, moves=8, bridge_moves=6, final_moves=20)


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(compose(load("richardson_1914")))


@pytest.fixture(scope="module")
def held(runner):
    """Record (measured much less exactly, so that plain draws can tell), names, targets of the baseline and of a theory that narrows two ranges."""
    base = runner.model.ranges(None)
    record = fragility.varied(fragility.Variation("blurred", "error", 15.0), base, base, build_record(runner.model)).record
    moved = base.copy()
    for k in runner.model.find("reaction"):
        moved[k, :2] = 2.0, 5.0
    names = bridge.scored_names(record)
    return SimpleNamespace(record=record, names=names, base=bridge.Target(base, record), theory=bridge.Target(moved, record))


def plain(runner: Runner, held, target: bridge.Target, draws: int = 16384) -> tuple[float, float]:
    """(log evidence, standard error) by nothing but draws from the prior: six unknowns and four years allow it."""
    model, ids = runner.model, np.arange(draws)
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    found = bridge.parts_of(runner, target, held.names, draw_z(model, 9, ids), draw_luck(9, ids, years)).sum(axis=(0, 1), dtype=float)
    weight = np.exp(found - found.max())
    return log_mean_exp(found), float(weight.std() / weight.mean() / draws**0.5)


@pytest.fixture(scope="module")
def known(runner, held):
    return {name: plain(runner, held, getattr(held, name)) for name in ("base", "theory")}


# ------------------------------------------------------------------------------------------------------------ the figures


def test_the_record_taken_in_year_by_year_gives_the_evidence_that_plain_sampling_gives(runner, held, known):
    effort = Settings(particles=256, bridge_moves=6, final_moves=16, islands=1)
    found = np.array([sequential.by_year(runner, held.names, held.base, effort, seed).parts.sum() for seed in (1, 2, 3, 4)])
    level, error = known["base"]
    assert error < 0.25, "the yardstick of this test is itself unsure"
    assert abs(log_mean_exp(found) - level) < 4.0 * np.hypot(error, found.std(ddof=1) / 2.0)


def particles(runner, held, target, seed=3, count=256):
    """Particles of a posterior, by resampling many draws of the prior."""
    model, ids = runner.model, np.arange(16384)
    years = range(model.start_year, model.start_year + model.history_steps // 4)
    z, luck = draw_z(model, seed, ids), draw_luck(seed, ids, years)
    total = bridge.parts_of(runner, target, held.names, z, luck).sum(axis=(0, 1), dtype=float)
    chosen = np.random.default_rng(seed).choice(len(ids), count, p=normal(total))
    return z[:, chosen], luck[..., chosen]


def test_a_crossing_ends_at_the_known_difference_and_its_parts_add_up(runner, held, known):
    z, luck = particles(runner, held, held.base)
    way = bridge.cross(runner, held.names, z, luck, (held.base, held.theory), EFFORT)
    assert np.allclose(way.parts.sum(axis=(1, 2)), way.islands, atol=1e-5)
    wanted, error = known["theory"][0] - known["base"][0], np.hypot(known["theory"][1], known["base"][1])
    assert abs(way.gain - wanted) < 4.0 * np.hypot(error, max(way.error, 0.2))
    assert way.strain.sum() == pytest.approx(1.0)


def test_a_crossing_to_where_one_is_gains_nothing(runner, held):
    z, luck = particles(runner, held, held.base, count=64)
    way = bridge.cross(runner, held.names, z, luck, (held.base, held.base), EFFORT)
    assert way.gain == 0.0
    assert not way.parts.any()
    assert len(way.levels) == 1


def test_reused_particles_and_a_crossing_tell_the_same_variation_alike(runner, held):
    z, luck = particles(runner, held, held.base, count=1024)
    lighter = bridge.Target(held.base.ranges, held.record, dict.fromkeys(held.names, 0.7))
    way = bridge.cross(runner, held.names, z, luck, (held.base, lighter), EFFORT)
    total = bridge.parts_of(runner, held.base, held.names, z, luck).sum(axis=(0, 1), dtype=float)
    found = judge.reuse(-0.3 * total, np.unique(z[0], return_inverse=True)[1])
    assert found.sound
    assert abs(way.gain - found.gain) < 4.0 * np.hypot(way.error, found.error)


def test_widened_ranges_stay_within_what_theory_and_baseline_allow():
    base = np.array([[0.0, 1.0, 0.0], [0.1, 10.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 1.0, 0.0]])
    ranges = np.array([[0.4, 0.6, 0.0], [1.0, 4.0, 1.0], [0.8, 1.0, 0.0], [-1.0, 1.0, 0.0]])
    wide, narrow = fragility.widened(ranges, base, 2.0), fragility.widened(ranges, base, 0.5)
    assert np.allclose(wide[:, :2], [[0.3, 0.7], [0.5, 8.0], [0.7, 1.0], [-1.0, 1.0]])
    assert np.allclose(narrow[:, :2], [[0.45, 0.55], [2.0**0.5, 2.0**1.5], [0.85, 0.95], [-1.0, 1.0]])


def test_reuse_is_refused_when_few_particles_or_few_families_stand_behind_it():
    rng = np.random.default_rng(1)
    alone, calm = np.arange(1000), 0.3 * rng.normal(size=1000)
    assert judge.reuse(calm, alone).sound
    assert not judge.reuse(4.0 * rng.normal(size=1000), alone).sound
    kin = np.arange(1000) // 100
    shared = np.repeat(3.0 * rng.normal(size=10), 100)
    assert not judge.reuse(shared, kin).sound
    assert judge.reuse(shared, kin).error > 3.0 * judge.reuse(shared, alone).error


def test_an_order_that_turns_is_not_called_one_that_holds():
    gain, error = np.array([0.0, -5.0, -5.2]), np.array([0.2, 0.2, 0.2])
    calm = np.array([gain])
    stands = judge.standing(gain, error, calm, np.array([error]))
    assert stands[0, 1] == stands[1, 0] == 1
    assert stands[1, 2] == 0, "two figures within their errors have no order"
    turned = judge.standing(gain, error, np.array([[-6.0, -5.0, -5.2]]), np.array([error]))
    assert turned[0, 1] == -1
    opened = judge.standing(gain, error, np.array([[np.nan] * 3]), np.array([[np.nan] * 3]), np.array([[-6.0, -5.0, -5.2]]))
    assert opened[0, 1] == 0, "a first-order figure opens a pair and never turns it"
    unknown = judge.standing(gain, error, np.array([[np.nan] * 3]), np.array([[np.nan] * 3]))
    assert unknown[0, 1] == 1


# ------------------------------------------------------------------------------------------------------------ the whole study


@pytest.fixture(scope="module")
def study(runner, tmp_path_factory):
    folder = tmp_path_factory.mktemp("weighed")
    found = load("richardson_1914")
    return folder, weigh(runner, Study(tuple(found.ordered_theories()), settings=EFFORT, folder=folder))


def test_the_gap_between_the_two_ways_is_part_of_the_error(study):
    _, ds = study
    found = verdict.figures(ds)
    assert np.allclose(found.gain, 0.5 * (ds["there"] + ds["back"]).values[:, 0])
    assert (found.error >= 0.5 * np.abs(found.gap)).all()


def test_what_was_weighed_is_kept_and_comes_back_alike(runner, study):
    folder, ds = study
    told = []
    again = weigh(
        runner, Study(tuple(load("richardson_1914").ordered_theories()), settings=EFFORT, folder=folder), lambda *x: told.append(x)
    )
    xr.testing.assert_identical(ds, again)
    assert not [x for x in told if "level" in x[0]], "it learnt again what it had"


# ---------------------------------------------------------------------------------------------------------------- what is shown


def invented(back: float = 0.5, families: int = 600, seeds: int = 1) -> xr.Dataset:
    """A study's shape with invented numbers on the shipped scenario."""
    scenario = synthetic.scenario()
    model = compose(scenario)
    theories = [t for t in scenario.ordered_theories() if t.table == "at"]
    record = build_record(model)
    names = bridge.scored_names(record)
    groups = fragility.group_of(model, record, names)
    plan = fragility.variations(groups, record)
    rng, (t, n, s, v) = np.random.default_rng(2), (len(theories), len(names), seeds, len(plan))
    steps, rows = model.history_steps, len(model.rows)
    parts = 0.05 * rng.normal(size=(t, s, 4, n, steps)) * (rng.random((t, 1, 1, n, steps)) < 0.05)
    parts[:, :, :, n - 3, 4 * 18 + 1] -= 2.0
    total = parts.sum(axis=(3, 4)).mean(axis=2)
    vary = 0.2 * rng.normal(size=(t, s, v))
    vary[:, :, 1] = np.nan
    one = np.ones((t + 1, s))
    two, held = ("theory", "seed"), ("held", "seed")
    moved = np.zeros((t + 1, rows), bool)
    moved[1:, :3] = True
    pull = 0.05 * rng.normal(size=(t + 1, s, rows))
    pull[:, :, 1] = 0.6
    return xr.Dataset(
        {
            "there": (two, total - back), "back": (two, total), "there_error": (two, 0.2 * one[1:]), "back_error": (two, 0.3 * one[1:]),
            "yardstick": (("seed",), -600.0 + np.arange(s)),
            "yardstick_error": (("seed",), np.full(s, 0.6)), "parts": ((*two, "island", "name", "time"), parts),
            "vary": ((*two, "variation"), vary), "vary_error": ((*two, "variation"), np.full(vary.shape, 0.1)),
            "vary_base": (("seed", "variation"), np.zeros((s, v))), "vary_base_error": (("seed", "variation"), np.full((s, v), 0.1)),
            "accepted": ((*held, "kind"), np.full((t + 1, s, 3), 0.3)), "pull": ((*held, "row"), pull),
            "strain": ((*held, "name", "time"), rng.dirichlet(np.ones(n * steps), (t + 1, s)).reshape(t + 1, s, n, steps)),
            "levels": (held, 5 * one), "effective": (held, 0.5 * one), "ancestors": (held, 0.5 * one), "families": (held, families * one),
            "particles": (held, 1024 * one), "returned": (held, 0.1 * one),
        },
        {
            "theory": [x.id for x in theories], "argument": ("theory", [x.argument for x in theories]),
            "same": ("theory", [not x.ranges for x in theories]), "held": ["", *(x.id for x in theories)], "moved": (("held", "row"), moved),
            "seed": np.arange(1, s + 1), "name": list(names), "group": ("name", [groups[x] for x in names]),
            "time": model.start_year + 0.25 * np.arange(steps), "variation": [x.id for x in plan], "factor": ("variation", [x.factor for x in plan]),
            "concerns": (("variation", "name"), [[x in p.names and p.kind in ("series", "weight") for x in names] for p in plan]),
            "kind": ["fitted", "prior", "luck"], "row": [r.name for r in model.rows],
        },
        {"full": 0},
    )  # fmt: skip


@pytest.fixture(scope="module")
def page() -> tuple[xr.Dataset, Page]:
    ds = invented()
    return ds, weigh_page(ds, synthetic.scenario(), figure(ds, synthetic.scenario()))


def test_in_sample_evidence_is_called_fit_and_never_support(page):
    text = to_markdown(page[1])
    assert page[1].title.startswith("Fit of our reading")
    assert "support" not in text.lower()
    assert "no forecast was scored" in text
    assert words.complaints(text) == []
    assert words.foot(synthetic.scenario().as_of) in text


def test_readings_stand_in_the_speakers_order_whatever_their_weight(page):
    ds, shown = page
    fit = next(b for b in shown.blocks if getattr(b, "key", "") == "weigh-fit")
    assert [row[0] for row in fit.rows] == [str(a) for a in ds["argument"].values]


def test_the_headline_does_not_decide_unless_every_pair_stands(page):
    assert headline(page[0]).startswith(words.sentence(UNDECIDED))
    clear = invented(back=0.0).isel(theory=[0, 1], held=[0, 1, 2])
    clear["parts"] = clear["parts"] * 0.0
    clear["there"] = clear["back"] = clear["back"] * 0.0 + xr.DataArray([-4.0, -9.0], dims="theory")
    clear["vary"] = clear["vary"] * 0.0
    assert headline(clear).startswith("The order of the readings stands")
    clear["vary"][:, :, 0] = xr.DataArray([0.0, 12.0], dims="theory")
    assert headline(clear).startswith(words.sentence(UNDECIDED))
    assert "1 turns" in headline(clear)


def test_parts_by_series_and_by_period_add_up_to_the_whole(page):
    ds, _ = page
    whole = verdict.figures(ds).gain
    for by in (verdict.by_group, verdict.by_period):
        rest = whole - by(ds)[1].sum(axis=1)
        assert np.allclose(rest, (whole - verdict.course(ds)[0][:, -1]))
    data = page[1].data["theories"]["grushko"]
    assert sum(x[0] for x in data["by_series"].values()) + data["not_attributed"] == pytest.approx(data["gain"])


def test_the_quarter_that_moved_most_is_named_with_what_happened_in_it(page):
    ds, shown = page
    first = verdict.moments(ds, 0, 1)[0]
    assert first.time == 2009.25
    turns = next(b for b in shown.blocks if getattr(b, "key", "") == "weigh-turns")
    assert turns.rows[0][1].startswith("Q2 2009, −")
    assert f"polls {decibans(first.groups[0][1])}" in turns.rows[0][1]


def test_an_unhealthy_sampler_is_a_warning_with_its_likely_cause():
    assert warnings(invented(), synthetic.scenario()) == []
    told = warnings(invented(back=3.0, families=12), synthetic.scenario())
    assert len(told) == 7, "the yardstick and six readings with ranges of their own"
    assert "12 families stand behind 1024 particles" in told[0]
    assert "the way back ends 13 decibans above the way there" in told[1]
    torn = invented()
    torn["effective"][2] = 0.004
    assert "hardest step left 0 in 100 particles effective" in warnings(torn, synthetic.scenario())[0]
    row = str(invented()["row"].values[1])
    assert all("Likely cause" in t and row in t and "hardest observation is Q" in t for t in told)


def test_one_run_says_that_its_error_is_its_own_and_several_say_how_they_differ():
    one, four = (to_markdown(weigh_page(invented(seeds=k), synthetic.scenario())) for k in (1, 4))
    assert "of this run alone" in one
    assert "sd over seeds" not in one
    assert "over 4 seeds" in four
    assert "sd over seeds" in four


def test_a_weight_of_evidence_is_said_only_when_it_stands():
    nats = 12.0 / DECIBAN
    assert says(nats, 0.1, nats, nats) == "told clearly better by its ranges than by the yardstick's"
    assert says(-nats, 0.1, -nats, -nats).startswith("told clearly less well")
    for found in (
        says(nats, nats, nats, nats),
        says(nats, 0.1, -1.0, nats),
        says(4.0 / DECIBAN, 0.1, nats, nats),
        says(nats, 0.1, nats, nats, 30),
    ):
        assert found.startswith(UNDECIDED)
    assert decibans(-6.7, 0.6) == "−29 ± 3"
    assert decibans(-16.3, 5.5) == "−70 ± 20"


def test_a_refused_variation_is_said_to_be_refused_or_first_order(page):
    grid = next(b for b in page[1].blocks if getattr(b, "key", "") == "weigh-fragile")
    without = next(row for row in grid.rows if row[0] == "without the open door")
    assert all(cell.startswith("≈ ") for cell in without[1:])
    assert "no run stands behind it" in grid.note


def test_the_command_refuses_what_it_does_not_know(capsys):
    code, out, err = inside(capsys, "weigh", "--theory", "grusko")
    assert (code, out) == (2, "")
    assert "grushko" in err
    code, _, err = inside(capsys, "weigh", "--fragility", "ful")
    assert code == 2
    assert "full" in err


def test_the_command_gives_json_without_time_or_place_and_a_picture(capsys, tmp_path):
    file = tmp_path / "course.svg"
    words_ = ("weigh", "richardson_1914", "--particles", "64", "--json")
    first = inside(capsys, *words_, "--figure", str(file))
    again = inside(capsys, *words_)
    assert first[0] == again[0] == 0
    assert first[1] == again[1]
    assert str(Path.home()) not in first[1]
    assert set(json.loads(first[1])["theories"]) == {"mutual_reaction", "self_stimulation"}
    assert file.read_text(encoding="utf-8").startswith("<svg")


def test_json_holds_the_whole_answer(page):
    data = json.loads(to_json(page[1].data))
    assert data["headline"] == headline(page[0])
    assert len(data["theories"]["thomson"]["course"]) == page[0].sizes["time"]


def test_what_history_says_stands_with_and_without_and_moves_each_reading_by_its_own_difference():
    ds, what = invented(), ce.evidence()
    shift = {q.name: (-0.1, 0.0, 0.1) for q in what.quantities}
    weights = {str(n): ce.ClaimWeight(-10.0, 0.0, {}, shift) for n in ds["theory"].values} | {"": ce.ClaimWeight(-30.0, 0.0, {}, shift)}
    grid = claim_grid(ds, synthetic.scenario(), weights, what)
    found = verdict.figures(ds)
    for k, row in enumerate(grid.rows):
        assert row[1] == decibans(found.gain[k], found.error[k])
        assert row[2] == "20"
        assert row[3] == decibans(found.gain[k] + 20.0 * NATS, found.error[k])
    assert "Assumed:" in grid.note
    assert len(grid.rows) == ds.sizes["theory"]
