"""A claim about history is answered from the shipped data: what a person sees, and what must not go wrong silently."""

import json
import re

import numpy as np
import pytest

from detente.analysis.claims import ClaimError, ClaimResult, list_claims, run_claim
from detente.analysis.claims.blocs import find_enlargements, left_out
from detente.analysis.claims.matching import e_value, e_value_limit
from detente.analysis.claims.spec import Spec
from detente.analysis.claims.steps import step_table
from detente.analysis.claims.world import load_world
from detente.claims import table

pytest.importorskip("lifelines")
pytest.importorskip("statsmodels")


@pytest.fixture(scope="module")
def spread() -> ClaimResult:
    return run_claim("no_free_spread", curve=False)


def codes(world, places):
    return {int(world.codes[i]) for i in places}


def test_every_claim_of_the_list_has_a_question_data_and_limits():
    claims = list_claims()
    assert {"no_free_spread", "arms_races_disputes", "channels_and_crises", "burdens_and_threat"} <= {c.id for c in claims}
    for claim in claims:
        assert claim.question.endswith("?")
        for row in claim.spec["data"]:
            assert len(table(row["table"])) > 0, row


@pytest.mark.parametrize(
    ("year", "joiners"),
    [
        # signature of the protocols of accession (from memory, widely documented)
        (1951, {350, 640}),
        (1955, {255}),
        (1981, {230}),
        (1997, {290, 310, 316}),
        (2003, {317, 349, 355, 360, 366, 367, 368}),
        (2008, {339, 344}),
        (2016, {341}),
    ],
)
def test_known_accessions_to_the_north_atlantic_treaty_are_found(year, joiners):
    world = load_world()
    found = [s for s in find_enlargements(world) if s.family == "North Atlantic Treaty" and s.year == year]
    assert len(found) == 1
    assert codes(world, found[0].joiners) == joiners


def test_no_other_accession_to_the_north_atlantic_treaty_is_invented():
    years = [s.year for s in find_enlargements(load_world()) if s.family == "North Atlantic Treaty"]
    assert years == [1951, 1955, 1981, 1997, 2003, 2008, 2016]


def test_unification_of_a_state_is_not_read_as_joining():
    world = load_world()
    assert not [s for s in find_enlargements(world, 2, "any", True) if s.year == 1990 and 255 in codes(world, s.joiners)]


def test_those_left_out_in_1997_are_neighbours_outside_and_the_variant_drops_later_joiners():
    world = load_world()
    step = next(s for s in find_enlargements(world) if s.family == "North Atlantic Treaty" and s.year == 1997)
    assert {365, 369, 370, 367, 368} <= codes(world, left_out(world, step))
    never = codes(world, left_out(world, step, later_joiners=False))
    assert {365, 369, 370} <= never
    assert not {367, 368, 317, 360} & never


def test_the_two_codings_of_disputes_are_never_added():
    gml, cow = load_world("gml"), load_world("cow")
    raw = table("mid_dyads.csv.gz")
    for world, name in ((gml, "gml"), (cow, "cow")):
        rows = raw[(raw["source"] == name) & (raw["onset"] == 1)]
        heirs = dict(zip(table("succession.csv")["ccode"], table("succession.csv")["continues_as"]))
        pairs = {(y, *sorted((heirs.get(a, a), heirs.get(b, b)))) for y, a, b in zip(rows["year"], rows["ccode1"], rows["ccode2"])}
        assert world.onset.sum() == 2 * len(pairs)
    assert not gml.onset[2011 - 1816 :].any()


def test_disputes_of_the_year_of_the_step_count_on_neither_side():
    """Mauritania and Senegal clashed in 1989, the year of the step: the row shows it apart."""
    row = step_table(Spec()).query("year == 1989 and joined == 'MAA'").iloc[0]
    assert row["dispute"] == ""
    assert row["dispute_same_year"]


def test_counter_examples_have_somebody_left_out_and_no_dispute_in_either_coding(spread):
    quiet = spread.tables["counter_examples"]
    assert (quiet["left_out"] != "").all()
    for coding in ("gml", "cow"):
        steps = step_table(Spec(coding=coding)).set_index(["year", "joined"])
        for row in quiet.itertuples():
            same = steps.loc[(row.year, row.joined)]
            assert same["dispute"] == "" or not same["seen"]


def test_rates_stand_beside_their_base_rates_with_intervals(spread):
    pairs, steps = spread.tables["pairs"], spread.tables["steps"]
    assert set(pairs["horizon"]) == {5, 10}
    for side in ("treated", "control", "difference", "ratio"):
        assert (pairs[f"{side}_low"] <= pairs[side]).all()
        assert (pairs[side] <= pairs[f"{side}_high"]).all()
    assert (steps["low"] < steps["share"]).all()
    assert 0 < spread.numbers["mechanical_any_dispute"] < 1
    assert 0 < spread.numbers["other_windows"] < 1


def test_matching_balances_what_it_matched_on(spread):
    balance = spread.tables["balance"]
    assert balance["smd_after"].abs().max() < 0.1 < balance["smd_before"].abs().max()


def test_verdict_is_made_of_the_numbers_and_says_what_it_cannot_see(spread):
    text = " ".join(s.text for s in spread.verdict)
    assert "cannot see" in {s.kind for s in spread.verdict}
    pair = spread.tables["pairs"].query("horizon == 10 and measure == 'onset_joiner'").iloc[0]
    assert (
        f"about {round(100 * pair['treated'])} in 100 ({round(100 * pair['treated_low'])} to {round(100 * pair['treated_high'])})" in text
    )
    assert f"Of the {spread.numbers['n_asked_either']} enlargements with neighbours left out" in text


def test_verdict_follows_the_numbers_when_they_change(spread):
    quick = run_claim("no_free_spread", curve=False, outcome="begun")
    assert quick.numbers["n_without_any"] != spread.numbers["n_without_any"]
    assert quick.verdict[0].text != spread.verdict[0].text


def test_no_sentence_gives_a_share_with_more_than_two_digits(spread):
    for sentence in spread.verdict:
        assert not re.search(r"[1-9]\d*\.\d{2,}|\b0\.0*[1-9]\d{2,}|\d+\.\d+ ?%", sentence.text), sentence.text


def test_same_seed_same_answer_to_the_last_character(spread):
    assert run_claim("no_free_spread", curve=False).to_json() == spread.to_json()


def test_json_holds_every_figure_with_its_error_and_no_nan(spread):
    found = json.loads(spread.to_json(), parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    assert {"log_odds_se", "e_value_limit", "difference_low"} <= set(found["tables"]["pairs"][0])
    assert found["claim"] == "no_free_spread"


def test_hazard_ratio_agrees_with_the_curves_in_direction_or_is_not_told_apart(spread):
    curve = spread.tables["survival"].query("year == 20").set_index("group")["share"]
    more = curve["beside an enlargement"] < curve["matched, no enlargement"]
    low, high = spread.numbers["hazard_ratio_low"], spread.numbers["hazard_ratio_high"]
    assert low <= 1 <= high or more == (low > 1)


def test_e_value_of_published_example():
    """VanderWeele and Ding (2017): risk ratio 3.9, E-value 7.26; lower limit 1.8, E-value 3.0."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01)
    assert e_value_limit(1.8, 8.7) == pytest.approx(3.0, abs=0.01)
    assert e_value_limit(0.9, 2.0) == 1.0
    assert np.isnan(e_value(0.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: run_claim("no_free_spred"), "did you mean 'no_free_spread'?"),
        (lambda: run_claim("no_free_spread", codng="gml"), "did you mean 'coding'?"),
        (lambda: run_claim("no_free_spread", coding="gmi"), "expected one of gml, cow"),
        (lambda: run_claim("no_free_spread", min_bloc=7), "expected one of 3, 2, 4"),
    ],
)
def test_bad_input_gets_one_sentence_with_the_nearest_right_name(call, words):
    with pytest.raises(ClaimError) as caught:
        call()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_shipped_estimate_is_what_the_run_gives(tmp_path):
    from detente.analysis.claims.estimate import estimate
    from detente.claims import get_claim, read_yaml

    shipped = read_yaml(get_claim("no_free_spread").folder / "estimate.yaml")
    fresh = estimate(run_claim("no_free_spread"))
    assert shipped["source"] == fresh["source"]
    for measure, row in fresh["log_odds"].items():
        for key in ("estimate", "low", "high"):
            assert shipped["log_odds"][measure][key] == pytest.approx(row[key], abs=0.01), (measure, key)
        for key, value in row["over_definitions"].items():
            assert shipped["log_odds"][measure]["over_definitions"][key] == pytest.approx(value, abs=0.02), (measure, key)


def test_arms_races_first_definition_counts_pairs_and_the_critics_count_disputes():
    found = run_claim("arms_races_disputes")
    war = found.tables["escalation"]
    pair, dispute = (war[war["unit"] == unit].set_index(["race", "sample", "world_wars"]) for unit in ("pair", "dispute"))
    assert (pair["after_race"] + pair["without_race"] >= dispute["after_race"] + dispute["without_race"]).all()
    kept, dropped = (war[war["world_wars"] == w].set_index(["race", "unit", "sample"]) for w in (True, False))
    assert (kept["war_after_race"] >= dropped["war_after_race"]).all()
    listed = war.query("race == 'list' and unit == 'pair' and sample == 'rivals' and world_wars").iloc[0]
    assert listed["after_race"] > 0
    assert {"above", "unclear"} <= set(war["lies"]), "the answer is said to depend on the definition; here it does not"


def test_growth_is_never_taken_across_the_change_of_currency():
    from detente.analysis.claims.arms_races_disputes import growth, spending

    money = spending(load_world())
    for years in (3, 5):
        rate = growth(money, years)
        assert np.isnan(rate[1914 + 1 - 1816 : 1914 + 1 + years - 1816]).all()
        assert np.isfinite(rate[1914 - 1816]).any()


def test_channels_closed_because_of_a_crisis_do_not_make_the_order_a_finding():
    found = run_claim("channels_and_crises", draws=1000)
    main = found.tables["variants"].iloc[0]
    assert 0 < main["p_difference"] <= 1
    assert main["after"] <= main["endings"]
    assert (main["lies"] == "unclear") == (main["p_difference"] >= 0.05)


def test_burdens_panel_starts_with_accession_and_ends_with_the_record():
    found = run_claim("burdens_and_threat", draws=500)
    panel = found.tables["panel"]
    assert (panel["year"] >= panel["member_from"]).all()
    assert panel["year"].max() <= 2021
    assert panel["share_gdp"].between(0, 0.2).all()


def test_a_known_effect_planted_in_the_panel_is_found():
    from detente.analysis.claims.burdens_and_threat import fixed_effects, panel

    data = panel().query("year >= 2004")
    planted = data.assign(term=data["near"] * (data["year"] > 2014))
    planted["burden"] = planted["burden"] + 0.5 * planted["term"]
    shift = fixed_effects(planted, "term")["coefficient"] - fixed_effects(data.assign(term=planted["term"]), "term")["coefficient"]
    assert shift == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("claim_id", ["arms_races_disputes", "channels_and_crises", "burdens_and_threat"])
def test_page_prints_verdict_tables_limits_and_exit_code(claim_id, tmp_path, capsys):
    pytest.importorskip("altair")
    from detente.report.claims import claim_command

    page = tmp_path / "page.html"
    assert claim_command(claim_id, figures=tmp_path / "figures", html=page) == 0
    shown = capsys.readouterr().out
    assert "CANNOT SEE" in shown
    assert "What to mind" in shown
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert len(list((tmp_path / "figures").glob("*.svg"))) >= 2


def test_list_names_every_claim_and_json_is_json(capsys):
    from detente.report.claims import claim_command

    assert claim_command(list_=True) == 0
    assert "no_free_spread" in capsys.readouterr().out
    assert claim_command("channels_and_crises", json_=True, set_=["window=6", "draws=1000"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["options"]["window"] == 6


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("no_free", ()), "did you mean 'no_free_spread'?"),
        (("channels_and_crises", ("windw=6",)), "did you mean 'window'?"),
        (("channels_and_crises", ("window",)), "expected NAME=VALUE"),
        (("burdens_and_threat", ("turn=1990",)), "expected one of 2014, 2008"),
    ],
)
def test_bad_command_says_one_sentence_and_returns_two(args, words, capsys):
    from detente.report.claims import claim_command

    assert claim_command(args[0], set_=args[1]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err
    assert shown.err.count("\n") == 1


def test_verdicts_keep_the_rules_for_words(spread):
    from detente.report.words import complaints

    for result in (spread, *(run_claim(c) for c in ("arms_races_disputes", "channels_and_crises", "burdens_and_threat"))):
        for sentence in result.verdict:
            assert not complaints(sentence.text)
            assert "expansion" not in sentence.text.lower()


def test_a_claim_that_asks_for_a_number_nobody_computes_is_refused(tmp_path):
    from detente.analysis.claims.words import verdict
    from detente.claims import Claim

    spec = {"verdict": [{"kind": "supports", "text": "It holds in {nothing} cases."}]}
    with pytest.raises(ClaimError, match="nothing"):
        verdict(Claim("x", "x", "x?", "x", tmp_path, spec), {}, {})


def test_a_broken_claim_file_is_named_with_its_line(tmp_path):
    from detente.claims import read_claim

    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "claim.yaml").write_text("id: mine\ntitle: [\n", encoding="utf-8")
    with pytest.raises(ClaimError, match=r"mine/claim\.yaml, line \d+"):
        read_claim(folder)


def test_a_missing_library_is_said_in_one_sentence(monkeypatch):
    from detente.analysis.claims import extras

    def gone(name):
        raise ImportError(name)

    monkeypatch.setattr(extras, "import_module", gone)
    with pytest.raises(extras.MissingExtra, match=r"detente\[claims\]"):
        extras.need("lifelines")


def test_no_state_or_bloc_is_named_in_the_code_of_claims(root):
    """Neutrality: names are data, so that relabelling the data relabels everything."""
    names = {*table("states.csv")["name"], *table("bloc_labels.csv")["family"], *table("allies.csv")["capital"], "NATO", "Soviet", "USSR"}
    common = {"Georgia", "Chad", "Jordan", "Turkey", "Mali"}  # none is used either, but as words they would not prove a name
    for folder in ("analysis/claims", "claims"):
        for path in (root / "src/detente" / folder).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            found = [name for name in names - common if re.search(rf"\b{re.escape(name)}\b", text)]
            assert not found, (path.name, found)


def test_an_unknown_family_of_blocs_is_refused_with_the_nearest_name():
    with pytest.raises(ClaimError, match="did you mean 'Warsaw Pact'"):
        Spec().with_(leave_out="Warsaw Pakt")


def test_a_changed_main_definition_still_answers():
    found = run_claim("no_free_spread", curve=False, coding="cow", world_wars=False, leave_out="North Atlantic Treaty")
    assert not found.tables["enlargements"]["world_war"].any()
    assert "North Atlantic Treaty" not in set(found.tables["enlargements"]["family"])
    assert found.verdict[-1].kind == "cannot see"
