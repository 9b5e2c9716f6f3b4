"""What the main job promises: common luck, the same bits however it is run, answers that follow from theories, results that can be resumed."""

import re
from dataclasses import replace

import numpy as np
import pytest
import small_job as small

from detente.analysis import outside, project, questions, series, store
from detente.analysis.job import from_prior, job_digest
from detente.engine.setup import cache_dir
from detente.scenario import ScenarioError


@pytest.fixture(scope="module")
def result():
    return small.result()


def changed(theory: str, **update) -> object:
    """The scenario with one theory's first range replaced."""
    found = small.scenario()
    old = found.theories[theory]
    ranges = (old.ranges[0].model_copy(update=update), *old.ranges[1:])
    return found.model_copy(update={"theories": found.theories | {theory: old.model_copy(update={"ranges": ranges})}})


def same(a, b, names=("value", "mean", "hazard_mean", "survives", "agreed", "future_q", "history_q", "attributable")):
    for name in names:
        np.testing.assert_array_equal(a[name].values, b[name].values, err_msg=name)


def test_the_same_seed_gives_the_same_bits(result):
    same(result, small.job())


def test_a_course_is_told_once_and_read_afterwards(monkeypatch):
    drawn = {seed: project.prior(small.runner(), small.scenario().theories["spiral"], small.PARTICLES, seed) for seed in (1, 2)}

    def course(seed: int = 1):
        learnt = replace(drawn[seed], health={"conditioned": 1.0})
        return small.job(theories=["spiral"], policies=["no_change"], learn=lambda *_: learnt)["history_q"].values

    first, folder = course(), cache_dir() / "courses"
    (kept,) = folder.glob("*.npz")
    with monkeypatch.context() as patch:
        patch.setattr(small.runner(), "history", None)  # nothing may be told again
        np.testing.assert_array_equal(course(), first)
    kept.write_bytes(kept.read_bytes()[:100])
    np.testing.assert_array_equal(course(), first)
    assert not np.array_equal(course(2), first)


def test_another_seed_gives_other_futures(result):
    other = small.job(theories=["spiral"], policies=["no_change"], seed=2)
    assert not np.array_equal(other["value"].values[0, 0], result["value"].sel(theory="spiral", policy="no_change").values)


def test_theories_and_policies_never_compile_again(result):
    before = small.runner().traces
    small.job(theories=["deterrence"], policies=["restraint"])
    small.job(changed("spiral", range=(0.2, 0.3)), policies=["talks"])
    assert small.runner().traces == before


def test_what_else_is_asked_changes_no_number(result):
    alone = small.job(theories=["deterrence"], policies=["separation"])
    some = result.sel(theory=["deterrence"], policy=["no_change", "separation"])
    same(alone, some, ("value", "mean", "gain", "gain_error", "survives", "agreed"))


def test_blocks_and_workers_change_no_bit(result, monkeypatch):
    runner, found = small.runner(), small.scenario()
    learnt = project.prior(runner, found.theories["spiral"], small.PARTICLES, 1)
    common = project.common(runner.model, 500, 1)
    trace = series.traced(runner.model)

    def run(block):
        batch = project.projector(runner, learnt, common, block).run(found.policies["talks"], trace)
        return batch.state | {f"{name} over time": x for name, x in batch.traces.items()}

    whole, blocks = run(0), run(64)
    monkeypatch.setenv("DETENTE_WORKERS", "1")
    alone = run(256)
    for name, value in whole.items():
        np.testing.assert_array_equal(value, blocks[name], err_msg=name)
        np.testing.assert_array_equal(value, alone[name], err_msg=name)


def test_a_theory_changed_in_one_range_changes_itself_and_nothing_else(result):
    moved = small.job(changed("spiral", range=(0.8, 0.9)))
    others = [name for name in result["theory"].values if name != "spiral"]
    same(moved.sel(theory=others), result.sel(theory=others))
    assert not np.array_equal(moved["value"].sel(theory="spiral").values, result["value"].sel(theory="spiral").values)


def test_answers_differ_between_theories_because_their_ranges_do(result):
    found = small.scenario()
    twin = found.theories["deterrence"].model_copy(update={"ranges": found.theories["spiral"].ranges})
    twins = small.job(found.model_copy(update={"theories": found.theories | {"deterrence": twin}}), theories=["spiral", "deterrence"])
    np.testing.assert_array_equal(twins["value"].values[0], twins["value"].values[1])
    assert not np.array_equal(result["mean"].sel(theory="spiral").values, result["mean"].sel(theory="deterrence").values)


def test_a_package_without_a_lever_in_force_is_no_change_bit_for_bit(result):
    found = small.scenario()
    late = found.policies["restraint"]
    idle = late.model_copy(update={"levers": tuple(u.model_copy(update={"start": 2016.0, "end": None}) for u in late.levers)})
    run = small.job(
        found.model_copy(update={"policies": found.policies | {"restraint": idle}}), theories=["spiral"], policies=["restraint"]
    )
    np.testing.assert_array_equal(run["value"].values[0, 0], run["value"].values[0, 1])
    assert not run["gain"].values.any()


def test_packages_share_the_draw_of_a_lever(result):
    model = small.runner().model
    common = project.common(model, 50, 1)
    policy = small.scenario().policies["restraint"]
    doses, spans = project.lever_doses(model, policy, common.uniform)
    k = model.lever_rows.index(("restraint", "north"))
    wide = policy.model_copy(update={"levers": tuple(u.model_copy(update={"effect": (0.0, 1.0)}) for u in policy.levers)})
    np.testing.assert_allclose(doses[k], 0.2 + 0.3 * project.lever_doses(model, wide, common.uniform)[0][k], rtol=1e-5)
    assert (doses[k] >= 0.2).all()
    assert (doses[k] <= 0.5).all()
    assert np.unique(doses[k]).size > 40
    assert tuple(spans[k]) == (2011.5, 2016.0)
    assert not doses[[row for row, (name, _) in enumerate(model.lever_rows) if name != "restraint"]].any()


@pytest.mark.parametrize(("particles", "futures"), [(64, 128), (64, 1000), (1500, 1000), (7, 3), (1, 5), (500, 2)])
def test_futures_are_dealt_evenly_over_particles(particles, futures):
    chosen = project.assign(particles, futures)
    counts = np.bincount(chosen, minlength=particles)
    assert len(chosen) == futures
    assert counts[counts > 0].max() - counts[counts > 0].min() <= 1
    assert (counts > 0).sum() == min(particles, max(futures // 2, 1))


def test_the_accumulated_hazard_is_the_probability_without_bias(result):
    """Entries less their accumulated hazard are a martingale: zero on average, whatever the luck."""
    model, found = small.runner().model, small.scenario()
    learnt = project.prior(small.runner(), None, small.PARTICLES, 3)
    state = (
        project.projector(small.runner(), learnt, project.common(model, 512, 3))
        .run(found.policies["no_change"], series.traced(model))
        .state
    )
    gap = (state["reached"] - state["hazard"])[1:5]
    assert (abs(gap.mean(-1)) <= 4 * gap.std(-1) / np.sqrt(512)).all()


def test_the_surer_of_count_and_hazard_is_taken(result):
    for name, rung in (("crisis", 2), ("clash", 3), ("war", 4)):
        one = result.sel(item=f"{name}[great]")
        count, count_error = one["mean"], one["error"]
        mean, wrong = (result[f"hazard_{k}"].sel(rung=rung, rivalry="great") for k in ("mean", "error"))
        enough = (one["hits"] >= 10).values
        assert (wrong.values <= count_error.values + 1e-12)[enough].all()
        assert (abs(count - mean) <= 4 * np.hypot(wrong, count_error) + 1e-12).values[enough].all()


def test_every_rung_includes_the_rungs_above_it(result):
    reached = [result["value"].sel(item=f"{name}[great]").values for name in ("crisis", "clash", "war")]
    assert (reached[0] >= reached[1]).all()
    assert (reached[1] >= reached[2]).all()
    np.testing.assert_allclose(result["began"].sum("cause").sel(rung=2, rivalry="great").values, reached[0].mean(-1), atol=1e-6)


def test_nuclear_use_is_off_unless_asked_for(result):
    assert not [name for name in result["item"].values if name.startswith("nuclear")]
    assert 5 not in result["rung"].values
    asked = small.job(theories=["spiral"], policies=["no_change"], nuclear=True)
    assert "nuclear[great]" in asked["item"].values


def test_the_cumulative_series_end_where_the_outcomes_do(result):
    last = result["future_mean"].isel(time_future=-1)
    for name, item in (
        ("reached2[great]", "crisis[great]"),
        ("reopened[talks]", "reopened[talks]"),
        ("open[talks]", "channel_open[talks]"),
    ):
        np.testing.assert_allclose(last.sel(series=name).values, result["mean"].sel(item=item).values, atol=1e-6)
    fans = result["future_q"].sel(policy="no_change", series="threat[north>east]").values
    assert np.isfinite(fans).all()
    assert (np.diff(fans, axis=-1) >= 0).all()


def test_agreement_is_a_range_and_expected_lies_between(result):
    low, middle, high = (result[name].values for name in ("agreed_low", "agreed", "agreed_high"))
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert (result["agreed"].sel(policy="no_change") == 1).all()
    assert (result["agreed_low"].sel(policy="talks") == 0.2).all(), "a chance stated in the package's file goes before"
    both = np.stack([result["mean"].values, np.broadcast_to(result["mean"].sel(policy=["no_change"]).values, result["mean"].shape)])
    assert (result["expected"].values >= both.min(0) - 1e-9).all()
    assert (result["expected"].values <= both.max(0) + 1e-9).all()


def test_a_party_that_loses_by_a_package_is_less_likely_to_sign(result):
    gain = result["party_gain"].sel(policy="restraint")
    order = gain.min("actor").values.argsort()
    assert (np.diff(result["agreed"].sel(policy="restraint").values[order]) >= -0.25).all()
    assert np.isfinite(gain.sel(actor=["north", "east"]).values).all()
    assert np.isnan(gain.sel(actor="border").values).all()


# --------------------------------------------------------------------------------------------------------------- answers


def test_all_five_questions_are_answered_or_left_out(result):
    found = questions.answers(result, small.scenario())
    names = [answer.question for answer in found]
    assert names == ["Q1", "Q2", "Q4", "Q5"], "the small scenario has one theatre: no double containment"
    for answer in found:
        assert answer.sentences
        assert answer.data


def test_sentences_are_natural_frequencies_and_no_more_than_two_digits(result):
    text = " ".join(s for answer in questions.answers(result, small.scenario()) for s in answer.sentences)
    assert not re.search(r"\d\.\d*[1-9]\d{2,}|%|nuclear|\b(risk|chance|likely|nan)\b", text)
    assert "in 100" in text


def test_sentences_follow_the_numbers(result):
    moved = result.copy(deep=True)
    moved["hazard_mean"].loc[{"rung": 4, "rivalry": "great"}] = 0.06
    moved["hazard_mean"].loc[{"rung": 4, "rivalry": "great", "theory": "spiral"}] = 0.02
    moved["hazard_mean"].loc[{"rung": 4, "rivalry": "great", "theory": "deterrence"}] = 0.15
    moved["hits"].loc[{"item": "war[great]"}] = 50
    said = questions.direct_war(moved, small.scenario())[0][0]
    assert "about 6 in 100 futures (2 to 15 across 2 readings)" in said
    moved["hits"].loc[{"item": "war[great]"}] = 3
    assert "too few to say" in questions.direct_war(moved, small.scenario())[0][0]
    moved["hazard_mean"].loc[{"rung": 4, "rivalry": "great"}] = 0.001
    moved["hazard_error"].loc[{"rung": 4, "rivalry": "great"}] = 0.0002
    assert "fewer than 1 in 100 futures" in questions.direct_war(moved, small.scenario())[0][0]


def test_a_package_that_sets_the_channel_is_no_condition_of_its_opening(result):
    assert questions.own_levers(small.scenario(), "talks") == ("talks",)
    moved = result.copy(deep=True)
    moved["gain"].loc[{"item": "reopened[talks]"}] = 0.2
    moved["gain_error"].loc[{"item": "reopened[talks]"}] = 0.01
    sentences, data = questions.mission(moved, small.scenario())
    assert {row["policy"] for row in data["packages"]} == {"restraint", "separation"}
    assert "20 to 20 more in 100 futures" in " ".join(sentences)


def test_a_difference_within_its_error_is_not_told(result):
    moved = result.copy(deep=True)
    moved["gain"].loc[{"item": "joint"}] = 0.01
    moved["gain_error"].loc[{"item": "joint"}] = 0.02
    sentences, data = questions.joint_work(moved, small.scenario())
    assert data["packages"] == []
    assert "No package raises it" in sentences[1]


def test_the_outside_view_counts_entries_as_the_model_does():
    found = small.scenario()
    assert outside.entries(found, "local", 2) == (1, 10.0)
    assert outside.entries(found, "great", 2) == (0, 10.0)
    rate = outside.base_rate(found, "local", 2, 5.0)
    assert rate.value == pytest.approx(1 - (10 / 15) ** 1.5)
    assert rate.low < rate.value < rate.high


def test_a_tenfold_gap_to_the_outside_view_gets_a_sentence(result):
    moved = result.copy(deep=True)
    moved["hazard_mean"].loc[{"rivalry": "great"}] = [0.3, 0.1, 0.05, 0.0005]
    said = outside.gap(moved, small.scenario())
    assert len(said) == 1
    assert "tenfold or more below" in said[0]
    assert "Most of the gap lies in the step from an armed clash or worse on to war" in said[0]
    moved["hazard_mean"].loc[{"rivalry": "great", "rung": 4}] = 0.1
    assert outside.gap(moved, small.scenario()) == []


# ---------------------------------------------------------------------------------------------------------------- store


def test_a_job_that_was_stopped_goes_on_where_it_was(result, tmp_path):
    learnt, stops = [], {"deterrence"}

    def learn(runner, theory, record, seed, progress):
        if theory.id in stops:
            raise KeyboardInterrupt
        learnt.append(theory.id)
        return from_prior(small.PARTICLES)(runner, theory, record, seed, progress)

    out = tmp_path / "r.zarr"
    with pytest.raises(KeyboardInterrupt):
        small.job(out=out, learn=learn)
    with pytest.raises(ScenarioError, match="deterrence, calm"):
        store.read(out)
    stops.clear()
    whole = small.job(out=out, learn=learn)
    assert learnt == ["spiral", "deterrence", "calm"]
    same(whole, result)
    same(store.read(out), result)
    small.job(out=out, learn=learn)
    assert learnt == ["spiral", "deterrence", "calm"], "a finished result is read, not made again"
    small.job(out=out, learn=learn, theories=["spiral"])
    assert learnt == ["spiral", "deterrence", "calm", "spiral"], "another question is another job"


def test_the_same_result_is_the_same_bytes_and_has_no_time_or_path_in_it(result, tmp_path):
    for name in ("a", "b"):
        small.job(out=tmp_path / name, theories=["spiral"])
    one, two = ({p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()} for n in ("a", "b"))
    assert one == two
    text = (tmp_path / "a" / "zarr.json").read_text()
    assert str(tmp_path) not in text
    assert not re.search(r"\d\d:\d\d:\d\d", text)


def test_what_is_no_result_is_neither_read_nor_overwritten(tmp_path):
    place = tmp_path / "mine"
    place.mkdir()
    (place / "letter.txt").write_text("dear")
    with pytest.raises(ScenarioError, match="no result"):
        small.job(out=place, theories=["spiral"])
    assert (place / "letter.txt").read_text() == "dear"
    with pytest.raises(ScenarioError, match="expected the folder of a result"):
        store.read(place)


def test_progress_runs_to_its_end_and_each_theory_is_told_as_it_is_done():
    told, seen = [], []
    small.job(
        progress=lambda stage, done, total: told.append((done, total)),
        on_theory=lambda name, part: seen.append((name, bool(part["done"].all()))),
    )
    assert told[-1][0] == told[-1][1]
    assert [a for a, _ in told] == sorted(a for a, _ in told)
    assert seen == [("spiral", True), ("deterrence", True), ("calm", True)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"theories": ["spyral"]}, 'unknown theory "spyral"; did you mean "spiral"?'),
        ({"policies": ["restrain"]}, 'unknown policy "restrain"; did you mean "restraint"?'),
        ({"futures": 1}, "expected at least 2 futures, found 1"),
    ],
)
def test_a_name_that_does_not_exist_gets_a_sentence(asked, said):
    with pytest.raises(ScenarioError, match=re.escape(said)):
        small.job(**asked)


def test_the_digest_follows_what_matters_and_nothing_else():
    from detente.analysis.job import _prepare

    def key(found):
        job = _prepare(found, None, None, 64, 1, False, small.runner())
        return job_digest(job.plan, [t.id for t in job.theories], 64, 1)

    found = small.scenario()
    assert key(found) == key(found.model_copy(update={"title": "another title"}))
    assert key(found) != key(changed("spiral", range=(0.2, 0.3)))
    assert key(found) != key(found.model_copy(update={"aims": {}}))
