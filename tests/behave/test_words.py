"""Numbers as natural frequencies with their range, and no number or word that may not stand on a wall."""

import re

import pytest
import synthetic_result as synthetic
from hypothesis import given
from hypothesis import strategies as st

from detente.report import html, show, show_claims, tables, words
from detente.report.blocks import Fold, Grid, Page, to_markdown

shares = st.floats(0, 1)


def test_a_share_is_a_natural_frequency_with_its_range():
    assert words.frequency(0.0612, 0.021, 0.148, across="readings") == "about 6 in 100 futures (2 to 15 across readings)"
    assert words.frequency(0.004) == "fewer than 1 in 100 futures"
    assert words.frequency(0.9999) == "more than 99 in 100 futures"


def test_fewer_than_ten_hits_are_too_few_to_say():
    assert words.frequency(0.009, 0.0, 0.02, hits=9) == "too few to say"
    assert words.short(0.3, hits=9) == "too few to say"
    assert words.short(0.99, hits=9) == "nearly all"
    assert words.frequency(0.1, hits=10) == "about 10 in 100 futures"


def test_a_difference_is_shown_only_when_its_interval_excludes_zero():
    assert words.difference(-0.04, -0.06, -0.02) == "4 fewer in 100 futures (2 to 6)"
    assert words.difference(-0.04, -0.09, 0.01) == words.NO_DIFFERENCE
    assert words.signed(0.03, 0.0, 0.06) == "·"
    assert words.signed(-0.04, -0.06, -0.02) == "−4"
    assert words.signed(0.03, float("nan"), float("nan")) == "·"


@given(shares, shares, shares)
def test_no_share_in_words_has_more_than_two_digits(value, low, high):
    text = words.frequency(value, min(low, high), max(low, high))
    assert all(len(number) <= 2 or number == "100" for number in re.findall(r"\d+", text))
    assert words.complaints(f"under this reading {text}") == []


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_quantity_has_no_powers_of_ten_and_its_range_beside_it(value, half):
    text = words.amount(value, value - half, value + half, "bn")
    assert re.fullmatch(r"[−\d.,]+ \([−\d.,]+ to [−\d.,]+\) bn", text)


def test_small_ends_of_a_range_take_the_decimals_of_the_largest():
    assert words.spread(0.05, 0.000000064, 0.27) == "0.05 (0.00–0.27)"
    assert words.spread(-0.4, -0.8, 0.1) == "−0.40 (−0.80 to 0.10)"


@pytest.mark.parametrize(
    "text",
    [
        "The probability is 0.153.",
        "War comes in 12.4 % of futures.",
        "The risk of war is falling.",
        "There is a good chance of agreement.",
    ],
)
def test_text_that_may_not_stand_is_found(text):
    assert len(words.complaints(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "About 6 in 100 futures.",
        "Under this reading the risk of a crisis is about 6 in 100 futures.",
        "The record's rate: 0.629 a year.",
        "A range of 0.15 to 0.4.",
        "Parameters between 0.3 and 12.5 bn USD.",
    ],
)
def test_text_that_may_stand_passes(text):
    assert words.complaints(text) == []


def user_facing() -> list[tuple[str, str]]:
    """Every text of the shipped scenario that a display may show, with where it stands."""
    s = synthetic.scenario()
    found: list[tuple[str, str]] = []

    def add(where: str, *texts: str) -> None:
        found.extend((where, t) for t in texts if t)

    add("scenario", s.title, s.note, *(q.text for q in s.questions.values()), *(v.label for v in s.views))
    for kind in ("actors", "blocs", "rivalries", "treaties", "channels", "applicants", "challenges"):
        for key, thing in getattr(s, kind).items():
            add(f"{kind} {key}", thing.label, thing.note)
    for t in s.theories.values():
        add(f"theory {t.id}", t.argument, t.holder, t.sentence, t.note)
        for r in t.ranges:
            add(f"theory {t.id}, {r.parameter}", r.argument, r.note, r.place)
    for p in s.policies.values():
        add(f"policy {p.id}", p.label, p.proposer, p.unravels, p.note, *(u.note for u in p.levers))
    for v in s.values.values():
        add(f"values {v.id}", v.label, v.holder, v.note, *(a.argument for a in v.accept))
    for head, text in html.front(s):
        add("front.md", head, text)
    for row in show_claims.read_claims(s):
        add(f"claim {row['id']}", show_claims.saying(row))
    return found


def test_the_shipped_scenario_says_nothing_that_may_not_stand():
    wrong = [f"{where}: {c}" for where, text in user_facing() for c in words.complaints(text)]
    assert wrong == []


def test_the_tables_and_pages_say_nothing_that_may_not_stand():
    s, ds = synthetic.scenario(), synthetic.result(futures=60)
    pages = [show.overview(s), show.theories(s), show.policies(s), show.values(s), html.terminal_page(ds, s)]
    lines = [c for page in pages for line in to_markdown(page).splitlines() for cell in line.split("|") for c in words.complaints(cell)]
    assert lines == []


def test_the_foot_is_the_one_sentence_agreed():
    assert words.foot("2021-12-31") == (
        "Share of simulated futures under a stated reading, record to 31 December 2021. Not a forecast. Ranges mostly assumed. "
        "Readings ours, not reviewed by the speakers."
    )


def test_every_table_of_figures_ends_with_the_foot_and_leads_with_the_argument():
    s, ds = synthetic.scenario(), synthetic.result(futures=60)
    grids = [b for b in html.terminal_page(ds, s).blocks if isinstance(b, Grid) and not b.key.startswith("outside")]
    assert len(grids) >= 10
    assert all(g.foot == words.foot(s.as_of) for g in grids)
    arguments = [t.argument for t in s.ordered_theories()]
    for grid in tables.answers(ds, s):
        assert [row[0].split(" (")[0] for row in grid.rows] == arguments


def test_no_actor_of_the_nuclear_rung_is_in_any_table():
    s, ds = synthetic.scenario(), synthetic.result(futures=60)
    text = to_markdown(html.terminal_page(ds, s)).lower()
    assert "nuclear use" not in text
    assert "nuclear" not in {i.split("[")[0] for i in html.headline(ds, s)}


def test_a_page_escapes_what_a_scenario_says():
    page = Page("t", (Fold("x", ("a <script>alert(1)</script> | *b*",)),))
    assert "<script" not in to_markdown(page).replace("\\<script", "")
