"""What the shipped record says of 1991–2021, and that it hangs together: order, sources, names, states that alternate, known values."""

import csv
import math
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from detente.scenario import check, load

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src" / "detente" / "scenarios" / "euro_atlantic"


@pytest.fixture(scope="module")
def scenario():
    return load("euro_atlantic")


def quarter(day):
    return 4 * (day.year - 1991) + (day.month - 1) // 3


def value(scenario, series, item, year):
    (found,) = [m.value for m in scenario.measures if (m.series, m.item, m.date.year) == (series, item, year)]
    return found


def test_the_shipped_scenario_has_no_problem():
    assert [str(problem) for problem in check("euro_atlantic")] == []


def test_every_row_names_a_source_of_the_bibliography(scenario):
    for row in (*scenario.events, *scenario.rungs, *scenario.measures):
        assert {key.strip() for key in row.source.split(";")} <= set(scenario.sources), row


def test_a_row_from_memory_is_never_of_high_confidence(scenario):
    assert [row for row in (*scenario.events, *scenario.rungs) if row.source == "from_memory" and row.confidence == "high"] == []


def test_items_stand_on_the_axis_of_their_draw(scenario):
    axes = scenario.axes
    axis = {
        "intervention": "bloc", "leadership": "actor", "exit": "party", "renew": "treaty", "enter": "treaty", "suspend": "channel",
        "reopen": "channel", "open_domain": "domain", "rung": "rivalry",
    } | dict.fromkeys(("wish", "withdraw", "declare", "promise", "join"), "applicant")  # fmt: skip
    for row in (*scenario.events, *(c for c in scenario.coverage if c.item not in ("*", ""))):
        assert row.item in axes[axis[row.draw]], row


def test_every_draw_with_an_event_says_where_no_row_means_no_event(scenario):
    covered = {(c.draw, c.item) for c in scenario.coverage}
    assert [e for e in scenario.events if not {(e.draw, e.item), (e.draw, "*")} & covered] == []


@pytest.mark.parametrize(("up", "down", "state"), [("reopen", "suspend", "open"), ("wish", "withdraw", "wish")])
def test_spells_alternate_from_the_state_at_the_start(scenario, up, down, state):
    now = dict(scenario.initial[state])
    last: dict[str, int] = {}
    for event in scenario.events:
        if event.draw in (up, down):
            after = 1 if event.draw == up else 0
            assert now[event.item] != after, event
            assert last.get(event.item) != quarter(event.date), event
            now[event.item], last[event.item] = after, quarter(event.date)


def test_a_party_leaves_a_treaty_only_while_in_it(scenario):
    inside = {party for party, there in scenario.initial["adheres"].items() if there}
    for event in scenario.events:
        treaty = event.item.split(":")[0]
        parties = {f"{treaty}:{actor}" for actor in scenario.treaties[treaty].parties} if treaty in scenario.treaties else set()
        if event.draw == "enter":
            assert not parties <= inside, event
            inside |= parties
        elif event.draw == "renew" and event.value == 0:
            inside -= parties
        elif event.draw == "exit":
            assert event.item in inside, event
            inside.remove(event.item)
    assert {p.split(":")[0] for p in inside if p.endswith((":usa", ":rus"))} >= {"start", "vienna", "incidents"}


def test_renewals_are_recorded_in_the_quarter_of_expiry(scenario):
    expiry = {("start", quarter(day)) for day in scenario.treaties["start"].expires}
    assert {(e.item, quarter(e.date)) for e in scenario.events if e.draw == "renew"} <= expiry


def test_a_promise_follows_a_declaration_and_precedes_accession(scenario):
    steps = defaultdict(list)
    for event in scenario.events:
        if event.draw in ("declare", "promise", "join"):
            steps[event.item].append(event.draw)
    assert steps == {
        "central": ["declare", "promise", "join"],
        "balt": ["declare", "promise", "join"],
        "ukr": ["declare", "promise"],
        "geo": ["declare", "promise"],
    }


def test_channels_at_the_end_of_2021(scenario):
    state = dict(scenario.initial["open"])
    for event in scenario.events:
        if event.draw in ("suspend", "reopen"):
            state[event.item] = float(event.draw == "reopen")
    assert state == {"leaders": 1, "deconfliction": 1, "council": 0, "mission": 0, "military": 0, "usa_china": 1}


def test_direct_episodes_between_the_alliance_and_its_rival(scenario):
    """19 episodes of rung 2 or above, two of them with fire that killed, none a war: parts of an episode carry a colon."""
    begun = defaultdict(int)
    for spell in scenario.rungs:
        if spell.rivalry == "nato_russia" and ":" not in spell.id:
            begun[spell.rung] += 1
    assert begun[2] + begun[3] == 19
    assert begun[3] == 2
    assert begun[4] == 0


def test_entries_into_crisis_by_quarter(scenario):
    top = [0] * 124
    for spell in scenario.rungs:
        if spell.rivalry == "nato_russia":
            for q in range(quarter(spell.start), quarter(spell.end) + 1):
                top[q] = max(top[q], spell.rung)
    entries = [q for q in range(124) if top[q] >= 2 and (q == 0 or top[q - 1] < 2)]
    assert len(entries) == 9, "episodes that touch within the quarters are one"
    assert quarter(next(s for s in scenario.rungs if s.id == "norrocket").start) == entries[0]


@pytest.mark.parametrize(
    ("series", "item", "year", "expected"),
    [
        ("arms", "usa", 2020, 766.583), ("arms", "rus", 2020, 66.838), ("arms", "chn", 2020, 244.934),
        ("warheads", "usa", 2021, 3708), ("warheads", "rus", 2021, 4495),
    ],
)  # fmt: skip
def test_values_of_the_source(scenario, series, item, year, expected):
    assert value(scenario, series, item, year) == pytest.approx(expected, rel=1e-4)


def test_spending_over_output_is_the_burden_of_the_source(scenario):
    """Shares of output in 2019, edition of 2021: 3.43, 3.83 and 1.73 %; output is smoothed over three years."""
    for item, share in (("usa", 0.0343), ("rus", 0.0383), ("chn", 0.0173)):
        assert value(scenario, "arms", item, 2019) / value(scenario, "gdp", item, 2019) == pytest.approx(share, rel=0.05)


def test_polls_show_the_breaks_that_are_known(scenario):
    poll = {(m.item, m.date.isoformat()): m.value for m in scenario.measures if m.series == "polls"}
    assert poll["rus>usa", "1991-10-01"] == pytest.approx(6 / 86, abs=1e-4)
    jump = [math.log(poll[pair, day] / (1 - poll[pair, day])) for pair, day in (("rus>usa", "2013-04-01"), ("rus>usa", "2014-04-01"))]
    assert 1.0 < jump[1] - jump[0] < 2.0
    assert poll["usa>rus", "2002-01-01"] < 0.4 < 0.7 < poll["usa>rus", "2020-01-01"]
    assert poll["ukr>rus", "2011-04-01"] < 0.2 < 0.6 < poll["ukr>rus", "2014-04-01"]


def test_news_events_turn_in_2014(scenario):
    news = {(m.item, m.date.year): m.value for m in scenario.measures if m.series == "icews"}
    for pair in ("usa>rus", "rus>ukr", "ukr>rus"):
        assert news[pair, 2014] < min(news[pair, year] for year in range(2002, 2014))
    assert all(-1 <= v <= 1 for v in news.values())


def test_one_measure_of_a_series_per_item_and_quarter(scenario):
    keys = [(m.series, m.item, quarter(m.date)) for m in scenario.measures]
    assert len(keys) == len(set(keys))


def test_rows_of_low_confidence_have_a_wide_error(scenario):
    errors = {series.id: series.error for series in scenario.record}
    low = [m for m in scenario.measures if m.confidence == "low"]
    assert low
    assert all(m.error >= 2 * errors[m.series] for m in low)


def test_base_rates_follow_from_the_spells(scenario):
    with (FOLDER / "outside_view.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["id"]: row for row in csv.DictReader(handle)}
    assert [int(rows[f"nato_russia_{rung}"]["n"]) for rung in (2, 3, 4)] == [19, 2, 0]
    assert int(rows["nato_russia_2_quarters"]["n"]) == 9
    for n, row in ((19, rows["nato_russia_2"]), (0, rows["nato_russia_4"])):
        assert float(row["rate"]) == pytest.approx((n + 0.5) / 31, rel=1e-3)
        assert float(row["ten_years"]) == pytest.approx(1 - (31 / 41) ** (n + 0.5), rel=1e-3)
        assert float(row["rate_low"]) < float(row["rate"]) < float(row["rate_high"])
    survey = rows["ps21-nato"]
    assert float(survey["ten_years"]) == pytest.approx(1 - (1 - 0.21) ** 0.5, rel=1e-3)


def test_nothing_is_dated_after_the_panel_year(scenario):
    days = [e.date for e in scenario.events] + [m.date for m in scenario.measures] + [s.end for s in scenario.rungs]
    assert max(days).isoformat() <= "2021-12-31"


def test_rebuilding_gives_the_same_bytes(tmp_path):
    """Needs the project's data folder: set DETENTE_DATA to it."""
    data = os.environ.get("DETENTE_DATA")
    if not data:
        pytest.skip("DETENTE_DATA is not set: the data folder is not part of the package")
    run = [sys.executable, str(ROOT / "tools" / "build_record.py"), data, "--check"]
    assert subprocess.run(run, capture_output=True, text=True, check=False).returncode == 0
