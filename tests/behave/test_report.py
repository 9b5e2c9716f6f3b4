"""The report: first what it cannot tell, then answers with ranges, each with its provenance; one file, no network."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
import synthetic_result as synthetic

from detente.analysis import job
from detente.analysis.outcomes import OUTCOMES
from detente.analysis.questions import answers
from detente.engine.compose import compose
from detente.report import charts, data, export, html, provenance, tables, words
from detente.report.blocks import Figure, Fold, Grid, to_json


@pytest.fixture(scope="module")
def ds():
    return synthetic.result(futures=120)


@pytest.fixture(scope="module")
def model():
    return compose(synthetic.scenario())


@pytest.fixture(scope="module")
def whole(ds, model):
    return html.report(ds, model)


@pytest.fixture(scope="module")
def page(whole):
    return html.to_html(whole)


class Reader(HTMLParser):
    """Collects ids, links, tags and the order of texts; complains of tags left open."""

    VOID = frozenset(["meta", "br", "hr", "link", "img", "input"])

    def __init__(self) -> None:
        super().__init__()
        self.ids, self.links, self.addresses, self.open, self.unbalanced = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a" and found.get("href", "").startswith("#"):
            self.links.append(found["href"][1:])
        self.addresses += [found[k] for k in ("src", "href", "xlink:href") if found.get(k, "").startswith(("http", "//"))]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture(scope="module")
def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def figures(whole):
    return [b for s in whole.sections for b in s.blocks if isinstance(b, Figure)]


def test_what_it_cannot_tell_comes_first_in_the_agreed_words(page, whole):
    assert [head for head, _ in whole.front] == ["Sources", "The war", "What a figure is"]
    assert whole.front[0][1].startswith("The arguments come from one public report, written by the host in English")
    assert whole.front[1][1].endswith("it is no guide to its conduct or its end.")
    assert page.index("What a figure is") < page.index("<h2")
    assert ".front p { font-size: 1.4rem" in page  # the type of the headline
    assert "h1, .front p" in page


def test_it_is_one_small_file_without_network(page, read):
    assert len(page.encode()) < 8e6
    assert read.addresses == []
    assert "url(" not in page.replace("url(#", "")  # clips and gradients of its own pictures
    assert "@import" not in page
    assert read.unbalanced == []
    assert read.open == []


def test_every_link_leads_somewhere_and_every_anchor_is_one_place(read):
    assert set(read.links) <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))


def test_each_question_is_answered_in_a_sentence_above_its_table(ds, whole):
    blocks = next(x for x in whole.sections if x.key == "answers").blocks
    for answer in answers(ds, synthetic.scenario()):
        place = next(k for k, b in enumerate(blocks) if isinstance(b, Grid) and b.key == answer.question)
        assert blocks[place - 1] == f"{answer.question}. {' '.join(answer.sentences)}"


def test_every_figure_of_an_answer_opens_to_what_it_rests_on(ds, model, whole):
    cards = {c.key: c for c in provenance.cards(ds, model)}
    for grid in tables.answers(ds, model.scenario, key_of=provenance.PREFIX):
        for link in grid.links:
            rows = cards[link].blocks[1].rows
            assert rows
            assert all(row[2] and row[3] and row[4] for row in rows)


def test_a_range_of_a_theory_is_told_with_claim_confidence_and_argument(ds, model):
    s = model.scenario
    cards = {c.key: c for c in provenance.cards(ds, model)}
    text = " ".join(" ".join(row) for row in [r for b in cards["from-Q1-thomson"].blocks if isinstance(b, Grid) for r in b.rows])
    said = s.theories["thomson"].ranges
    assert said
    for r in said:
        assert r.argument in text
        assert r.confidence in text
        assert f"{r.range[0]:g} – {r.range[1]:g}" in text


def test_claims_and_sources_of_a_card_are_links(page):
    card = page[page.index('id="from-Q1-grushko"') :]
    card = card[: card.index("</details>")]
    assert 'href="#claim-S4"' in card
    assert 'href="#source-valdai2021"' in card
    assert 'id="claim-S4"' in page
    assert 'id="source-valdai2021"' in page


def test_citations_are_those_used_and_exist(ds, model):
    keys = provenance.used_sources(ds, model)
    assert set(keys) <= set(model.scenario.sources)
    few = synthetic.result(futures=20, theories=("timofeev", "baseline"), policies=("no_change",))
    assert set(provenance.used_sources(few, model)) <= set(keys)
    unused = set(model.scenario.sources) - set(keys)
    assert all(key not in " ".join(r.source for r in model.rows) for key in unused)


def test_a_package_card_names_whom_it_binds_without_a_signature(ds, model, page):
    s = model.scenario
    page = re.sub(r"</?span[^>]*>", "", page)
    for policy in data.packages(ds):
        if policy != "no_change":
            card = html.package_card(ds, s, policy)
            assert "inds without their signature: " in card.blocks[0]
            assert card.blocks[0] in page.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")


def test_every_picture_has_words_a_table_and_the_foot(whole):
    found = figures(whole)
    assert len(found) >= 8
    for f in found:
        assert "<title>" in f.svg
        assert "<desc>" in f.svg
        assert 'role="img"' in f.svg
        assert len(f.alt) > 40
        assert f.grid is not None
        assert len(f.grid.rows) >= 7
        assert f.foot == whole.foot


def test_panels_are_all_readings_in_the_fixed_order(ds, model):
    spec = charts.history(ds, model.scenario, "threat").chart.to_dict(validate=False)
    order = [r.argument for r in data.readings(ds)]
    assert [a.replace("|", " ") for a in spec["facet"]["sort"]] == order
    assert "resolve" not in spec  # one axis for all


def test_history_has_the_records_dots_and_joins_the_futures(ds, model):
    spec = charts.history(ds, model.scenario, "threat").chart.to_dict(validate=False)
    rows = spec["data"]["values"] if "values" in spec.get("data", {}) else next(iter(spec["datasets"].values()))
    polls = {s.id for s in model.scenario.record if s.draw == "fear" and s.use == "score"}
    expected = sum(m.series in polls and m.item in ("rus>usa", "usa>rus") for m in model.scenario.measures)
    assert sum("value" in r for r in rows) == expected * ds.sizes["theory"]
    times = sorted({r["time"] for r in rows if "q50" in r})
    assert times[0] == 1991
    assert times[-1] == 2031.5
    assert np.allclose(np.diff(times), 0.5)


def test_no_colour_of_a_flag_and_no_colour_alone(ds, model):
    spec = to_json(charts.channels(ds, model.scenario).chart.to_dict(validate=False))
    assert "strokeDash" in spec
    assert not {"#ff0000", "#0000ff", "red", "blue"} & set(re.findall(r'"(#[0-9a-f]{6}|[a-z]+)"', spec))


def test_a_difference_that_luck_could_make_is_blank(model):
    ds = synthetic.result(futures=60)
    ds["gain"].values[:] = 0.03
    ds["gain_error"].values[:] = 0.02
    picture = charts.difference_map(ds, model.scenario, "crisis[nato_russia]")
    assert {cell for row in picture.rows for cell in row[1:]} == {"·"}
    ds["gain_error"].values[:] = 0.005
    picture = charts.difference_map(ds, model.scenario, "crisis[nato_russia]")
    assert {cell for row in picture.rows for cell in row[1:]} == {"+3"}


@pytest.mark.parametrize(
    ("difference", "error", "families", "decides"),
    [(5.0, 0.3, 400, True), (5.0, 3.0, 400, False), (5.0, float("nan"), 400, False), (5.0, 0.3, 60, False), (0.4, 0.01, 400, False)],
)
def test_the_record_decides_only_with_error_and_particles_enough(difference, error, families, decides):
    ds = synthetic.result(futures=20)
    ds["log_evidence"].values[:] = -700.0
    ds["log_evidence"].values[0] += difference
    ds["log_evidence_error"].values[:] = error
    ds["families"].values[:] = families
    said = tables.fit_of(ds, "grushko", "baseline")[2]
    assert (said != "the record does not decide") is decides


def test_the_fit_is_closed_until_asked_for_and_in_the_speakers_order(whole, ds):
    section = next(s for s in whole.sections if s.key == "fit")
    fold = section.blocks[-1]
    assert isinstance(fold, Fold)
    assert not fold.open
    assert [row[0] for row in fold.blocks[0].rows] == [r.argument for r in data.readings(ds)]


def test_sections_without_analysis_are_absent(model):
    alone = synthetic.result(futures=20, theories=("thomson",), policies=("no_change",))
    keys = {s.key for s in html.report(alone, model).sections}
    assert "answers" in keys
    assert not {"packages", "gains", "cards", "fit"} & keys


def test_outside_view_stands_beside_the_first_question(whole):
    grids = [b for b in next(s for s in whole.sections if s.key == "answers").blocks if isinstance(b, Grid)]
    keys = [g.key for g in grids]
    assert keys.index("outside-Q1") == keys.index("Q1") + 1


def test_the_command_to_reproduce_names_scenario_seed_and_futures(ds, model, page):
    assert provenance.command(ds, model.scenario) == "detente run euro_atlantic --futures 120 --seed 3"
    few = synthetic.result(futures=20, theories=("thomson",), policies=("reopen_and_talk",))
    assert provenance.command(few, model.scenario).endswith("--theory thomson --policy no_change --policy reopen_and_talk")
    assert "detente run euro_atlantic --futures 120 --seed 3" in page


def test_the_same_result_gives_the_same_report(ds, model, page):
    assert html.to_html(html.report(ds, model)) == page


def test_a_picture_to_hand_on_has_title_note_and_foot_in_it(whole):
    for name, svg in html.figures(whole):
        assert re.fullmatch(r"[a-z0-9_]+", name)
        assert "currentColor" not in svg
        assert "not a forecast." in re.sub(r"</text><text[^>]*>", " ", svg).lower()
        assert 'aria-label="' in svg


def test_json_has_full_figures_with_errors_and_no_place_or_time(ds, model):
    text = to_json(export.summary(ds, model.scenario))
    assert text == to_json(export.summary(ds, model.scenario))
    found = export.summary(ds, model.scenario)["theories"]["thomson"]["no_change"]["clash[nato_russia]"]
    assert set(found) == {"mean", "error", "low", "high", "unit", "hits"}
    assert "/" not in found["unit"]
    assert not re.search(r'"/[a-z]+/|\d\d:\d\d', text)
    assert "nuclear[" not in text


def test_markdown_has_the_same_first_page_and_tables(whole):
    text = html.report_markdown(whole)
    assert text.index("**Sources.**") < text.index("## ")
    assert text.count("| --- |") >= 10
    assert words.foot("2021-12-31") in text.replace("\\", "")


def test_what_is_read_is_what_the_job_writes():
    ds = synthetic.result(futures=4)
    for name, variable in ds.data_vars.items():
        assert ("theory", *job.DIMS[name]) == variable.dims, name


def test_every_outcome_has_words_for_a_tables_head():
    assert set(data.PHRASES) == set(OUTCOMES)


def test_a_hostile_label_stays_text(model, ds):
    s = model.scenario
    evil = '<img src=x onerror="alert(1)">'
    first = s.policies["reopen_and_talk"].model_copy(update={"label": evil, "note": evil})
    theory = s.theories["thomson"].model_copy(update={"argument": evil})
    hostile = s.model_copy(update={"policies": s.policies | {"reopen_and_talk": first}, "theories": s.theories | {"thomson": theory}})
    bad = ds.copy(deep=True)
    arguments = bad["argument"].values.astype(object)
    arguments[3] = evil
    bad = bad.assign_coords(argument=("theory", arguments))
    page = html.to_html(html.report(bad, compose(hostile)))
    assert "<img" not in page


def test_a_share_smaller_than_its_error_is_not_settled(ds):
    shaky = ds.copy(deep=True)
    shaky["hazard_error"].values[:] = np.inf
    assert data.cell(shaky, "thomson", "no_change", "crisis[nato_russia]").short() == words.UNSETTLED
    assert data.cell(ds, "thomson", "no_change", "crisis[nato_russia]").short() != words.UNSETTLED
    assert all(row[1] == words.UNSETTLED for row in charts.rungs(shaky, synthetic.scenario()).rows)


def test_packages_are_ordered_by_their_worst_case_and_the_order_says_how_sure_it_is(ds):
    grid = tables.worst_case(ds, synthetic.scenario())
    worst = [float(row[1].split(" ")[0]) for row in grid.rows]
    assert worst == sorted(worst)
    assert {row[2].split(":")[0] for row in grid.rows} <= {r.argument for r in data.readings(ds) if r.table == "at"}
