"""Your theory: answers become ranges that everybody can see, a file, and the same theory back; refused where too few particles carry it."""

import re
import shutil
from functools import cache
from types import SimpleNamespace

import live
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_page import opened, until, violations

from detente import scenario as files
from detente.app import mine, surprise
from detente.app.ask import BadAsk
from detente.app.room import Room
from detente.engine.compose import compose
from detente.report.load import problems
from detente.scenario import digest


@cache
def _shipped() -> Room:
    found = files.load("euro_atlantic")
    return Room(found, compose(found))


@pytest.fixture(scope="module")
def shipped() -> Room:
    return _shipped()


def test_the_shipped_statements_are_fifteen_with_their_mirrors(shipped):
    found = {s.id: s for s in mine.statements(shipped)}
    assert list(found) == [str(k) for k in range(1, 16)]
    assert {a: s.mirror for a, s in found.items() if s.mirror} == {"3": "4", "4": "3", "5": "6", "6": "5", "8": "9", "9": "8"}


@given(st.dictionaries(st.sampled_from([str(k) for k in range(1, 16)]), st.integers(1, 7)))
def test_answers_become_a_file_and_the_same_theory_back(answers):
    room = _shipped()
    text = mine.to_yaml(room, mine.ranges(room, mine.statements(room), answers))
    theory = mine.from_yaml(room, text)
    base = room.model.ranges(None)
    limits = room.model.ranges(theory)
    assert ((limits[:, 0] >= base[:, 0] - 1e-9) & (limits[:, 1] <= base[:, 1] + 1e-9)).all()
    assert (limits[:, 0] < limits[:, 1])[base[:, 0] < base[:, 1]].all()
    again = mine.from_yaml(room, text.replace("made in the room", "made elsewhere"))
    assert mine.theory_digest(room, theory) == mine.theory_digest(room, again)


def test_the_file_is_a_theory_of_the_scenario_like_any_other(shipped, tmp_path):
    text = mine.to_yaml(shipped, mine.ranges(shipped, mine.statements(shipped), {"1": 7, "4": 2, "12": 5}))
    folder = tmp_path / "euro_atlantic"
    shutil.copytree(shipped.scenario.origin.folder, folder)
    (folder / "theories" / "mine.yaml").write_text(text)
    assert problems(str(folder)) == []
    assert digest.theory(files.load(folder), "mine") == mine.theory_digest(shipped, mine.from_yaml(shipped, text))


@pytest.mark.parametrize("high", [True, False])
@pytest.mark.parametrize(("low", "top", "log"), [(0.0, 2.0, False), (0.02, 0.4, True), (-1.0, 1.0, False)])
def test_a_stronger_answer_moves_the_window_one_way(high, low, top, log):
    windows = [mine.window(a, high, low, top, log) for a in range(1, 8)]
    middle = np.mean(windows, axis=1)
    assert (np.diff(middle) > 0).all() if high else (np.diff(middle) < 0).all()
    assert all(low <= a < b <= top for a, b in windows)


def test_one_parameter_of_two_statements_takes_their_mean(shipped):
    (both,) = mine.ranges(shipped, mine.statements(shipped), {"8": 7, "9": 1})
    (even,) = mine.ranges(shipped, mine.statements(shipped), {"8": 4})
    assert both["range"] == even["range"]
    assert "8" not in both["argument"]


@pytest.mark.parametrize("answers", [None, [], {"99": 1}, {"1": 8}, {"1": -1}, {"1": True}, {"1": "7"}])
def test_answers_that_are_none_are_refused(shipped, answers):
    with pytest.raises(BadAsk):
        mine.checked(answers, mine.statements(shipped))


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "schema: 1\n", "[]", "x: &a [*a]", "!!python/object:os.system", "a: " + "[" * 3000, "x" * 30_000),
        "schema: 1\nid: mine\nranges:\n  - {parameter: nothing, range: [0, 1]}",
    ],
)
def test_a_file_that_is_no_theory_is_refused_in_a_sentence(shipped, text):
    with pytest.raises(BadAsk) as told:
        mine.from_yaml(shipped, text)
    assert len(str(told.value)) > 10


def test_a_theory_too_far_from_the_particles_is_refused_and_a_near_one_carried():
    room = live.room()
    for answers, carried in (({"1": 7}, True), ({"1": 7, "2": 7}, False)):
        theory = mine.from_yaml(room, mine.to_yaml(room, mine.ranges(room, mine.statements(room), answers)))
        learned, found = mine.weigh(room, theory)
        limits = room.model.ranges(theory)
        if carried:
            assert found.way == "kept"
            assert found.ok
            k = room.model.find("reciprocity")[0]
            assert (learned.theta[k] >= limits[k, 0] - 1e-6).all()
            assert learned.size == live.PARTICLES
        else:
            assert found.ess < 150


def test_a_refused_theory_is_told_at_once_what_surprises_its_ranges_alone(browser, server, monkeypatch):
    weigh = mine.weigh

    def refused(room, theory, start=None):
        return weigh(room, theory, start)[0], SimpleNamespace(
            ok=False, reason="too few", ess=2.0, families=2.0, way="moved", gain=0.0, error=0.1
        )

    monkeypatch.setattr(mine, "weigh", refused)
    with opened(browser, server, "#v=1&view=mine") as page:
        page.locator("#s1-6").check()
        until(page, "() => detente.app.made.get('mine').told?.stage === 'refused' && Boolean(detente.app.made.get('mine').rows)", 120)
        said = page.locator(".mine .result").inner_text()
        assert "By your ranges alone" in said
        assert 1 <= page.locator(".mine .result table").first.locator("tbody tr").count() <= 3
        assert page.locator("#keep-mine").count() == 0
        assert violations(page) == []


def test_draws_that_nothing_has_taught_stay_within_the_ranges():
    room = live.room()
    theory = mine.from_yaml(room, mine.to_yaml(room, mine.ranges(room, mine.statements(room), {"1": 7, "2": 7})))
    drawn, limits = mine.untaught(room, theory), room.model.ranges(theory)
    assert drawn.size == mine.baseline(room).size
    assert (drawn.theta >= limits[:, :1] - 1e-5).all()
    assert (drawn.theta <= limits[:, 1:2] + 1e-5).all()
    rows = surprise.surprises(room, drawn)
    assert rows == sorted(rows, key=lambda r: (r["p"], r["day"]))
    assert all(0.0 < r["p"] < 1.0 and r["error"] >= 0.0 for r in rows)


def test_from_first_click_to_saved_file_and_back(browser, server):
    with opened(browser, server, "#v=1&view=mine", accept_downloads=True) as page:
        page.locator("#s1-7").check()
        until(page, "() => detente.app.made.get('mine').told?.stage === 'ready'", 60)
        digest = page.evaluate("() => detente.app.made.get('mine').told.digest")
        with page.expect_download() as waiting:
            page.locator(f"button[data-digest='{digest}']").click()
        text = waiting.value.path().read_text()
        page.locator("#keep-mine").check()
        until(page, "() => detente.app.figures.bases.has('mine') && detente.app.state.theories.includes('mine')")
        assert re.search(r"mine=700", page.evaluate("() => location.hash"))
        page.locator("[data-view=first]").click()
        until(page, "() => document.querySelectorAll('#conflict .row').length === detente.app.state.theories.length")
    with opened(browser, server, "#v=1&view=mine") as page:
        page.locator("#theory-file").set_input_files({"name": "mine.yaml", "mimeType": "text/yaml", "buffer": text.encode()})
        until(page, f"() => detente.app.made.get('mine').told?.digest === '{digest}'", 60)


def test_an_address_with_answers_brings_the_theory_back(browser, server):
    with opened(browser, server, "#v=1&mine=700&theories=spiral,deterrence,mine") as page:
        until(page, "() => detente.app.figures.bases.has('mine')", 60)
        until(page, "() => document.querySelectorAll('#conflict .row').length === 3", 20)
        page.evaluate("() => detente.app.pull('restraint', 1, performance.now())")
        until(page, "() => Boolean(detente.app.figures.answer?.done && detente.app.figures.answer.theories.mine)", 60)
