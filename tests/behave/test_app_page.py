"""The live page in a real browser: what a room sees, does and may rely on. Figures come from the small scenario, learnt from nothing."""

import json

import live
import pytest
from live_page import done, move, opened, probe, until


def test_it_opens_with_what_cannot_be_known_and_then_two_charts(browser, server):
    with opened(browser, server, front=True) as page:
        dialog = page.locator("dialog.frontpage")
        assert "It is not the probability that it will happen" in dialog.inner_text()
        page.keyboard.press("Escape")
        assert page.locator("figure.chart").count() == 2
        assert page.locator("#foot").inner_text().startswith("Share of simulated futures")
        assert 1 <= page.locator("#levers > .lever").count() <= 8
        assert page.locator(".words > li").count() <= 5
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_nothing_leaves_the_loopback_address(browser, server):
    with opened(browser, server) as page:
        move(page, 0.5)
        done(page)
        for tab in page.locator("#views button").all():
            tab.click()
        page.locator("[data-tool=readings]").click()
        page.keyboard.press("Escape")
        own = (f"http://127.0.0.1:{server[0]}/", f"ws://127.0.0.1:{server[0]}/", f"blob:http://127.0.0.1:{server[0]}/", "data:")
        assert [url for url in page.asked if not url.startswith(own)] == []


def test_a_moved_measure_is_painted_in_place_and_the_newest_move_wins(browser, server):
    with opened(browser, server) as page:
        page.evaluate("() => { for (const n of document.querySelectorAll('#conflict rect')) n.dataset.kept = '1'; }")
        for k in range(1, 8):
            move(page, 0.1 * k)
        done(page)
        assert page.evaluate("() => detente.app.figures.answer.move === detente.app.link.move")
        marks = page.locator("#conflict rect")
        assert page.locator("#conflict rect[data-kept]").count() == marks.count() > 0
        assert page.evaluate("() => detente.app.timing.length") >= 1


def test_a_stale_answer_is_never_painted(browser, server):
    with opened(browser, server) as page:
        shown = page.evaluate("""() => {
            const a = detente.app; a.change({levers: {restraint: 0.4}});
            const before = a.figures.answer; a.link.read({kind: 'answer', move: a.link.move - 1, theories: {}, done: true});
            return a.figures.answer === before; }""")
        assert shown
        done(page)


def test_the_state_goes_into_the_address_and_comes_back(browser, server):
    theories = list(live.room().order)
    with opened(browser, server) as page:
        made = probe(page, "addresses", theories)
        assert made == []


@pytest.mark.parametrize(
    "address",
    [
        "#v=1&levers=nothing:1,restraint:9,restraint:x",
        "#v=1&theories=nobody&held=a.b:1&view=<img>&of=%",
        "#",
        "#%%%",
        "#v=1&mine=99999&one=nobody",
        "#v=1&held=calm.nothing:1,calm.danger:1e9",
    ],
)
def test_a_broken_address_opens_as_far_as_it_is_understood(browser, server, address):
    with opened(browser, server, address) as page:
        assert page.evaluate("() => Object.values(detente.app.state.levers).every((x) => x > 0 && x <= 1)")
        assert page.evaluate("() => detente.app.state.theories.length > 0")
        done(page)


def test_an_address_of_a_newer_schema_says_so(browser, server):
    with opened(browser, server, "#v=99&levers=restraint:1", front=True) as page:
        assert "newer" in page.locator("dialog").inner_text()


def test_undo_and_redo_go_back_without_end(browser, server):
    with opened(browser, server) as page:
        for k in range(1, 31):
            page.evaluate("(x) => detente.app.change({levers: {restraint: x}})", k / 40)
        for _ in range(30):
            page.keyboard.press("Control+z")
        assert page.evaluate("() => detente.app.state.levers") == {}
        for _ in range(30):
            page.keyboard.press("Control+y")
        assert page.evaluate("() => detente.app.state.levers") == {"restraint": 0.75}


def test_text_of_a_person_is_never_read_as_a_page(browser, server):
    evil = "<img src=x onerror=alert(1)>"
    with opened(browser, server) as page:
        page.locator("[data-tool=scenarios]").click()
        page.locator("#scenario-name").fill(evil)
        page.locator("dialog button", has_text="Keep").click()
        assert page.locator("dialog li").first.inner_text().startswith(evil)
        assert page.locator("dialog img").count() == 0


def test_every_value_opens_to_its_card(browser, server):
    with opened(browser, server) as page:
        page.locator("#conflict .value").first.focus()
        page.keyboard.press("Enter")
        until(page, "() => document.querySelector('dialog.card') !== null")
        text = page.locator("dialog.card").inner_text()
        assert "no change" in text
        assert "Not a forecast" in text


def test_a_doubted_parameter_marks_the_reading_as_edited(browser, server):
    theory = live.room().order[0]
    low, high = live.room().known.parameters["danger"]
    with opened(browser, server) as page:
        page.evaluate("([t, x]) => detente.app.hold(t, 'danger', x)", [theory, low])
        done(page)
        assert page.evaluate("(t) => detente.app.figures.edited(t)", theory)
        names = page.locator("#conflict text.name").all_text_contents()
        assert sum("(edited)" in n or n.endswith("…") for n in names) >= 1
        page.evaluate("([t]) => detente.app.hold(t, 'danger', null)", [theory])
        assert "held" not in page.evaluate("() => location.hash")
        assert low < high


def test_figures_stay_hidden_until_the_room_has_guessed(browser, server):
    with opened(browser, server, "#v=1&quiet=1") as page:
        before = page.locator("#conflict text.value").all_text_contents()
        move(page, 1.0)
        done(page)
        assert page.locator("#conflict text.value").all_text_contents() == before
        assert page.locator(".guess .reveal").is_disabled()
        for box in page.locator(".guess input[value=fewer]").all():
            box.check()
        page.locator(".guess .reveal").click()
        assert "as guessed" in page.locator("dialog").inner_text()
        kept = json.loads(page.evaluate("() => localStorage.getItem('detente-guesses')"))
        assert len(kept[0]["rows"]) == page.evaluate("() => detente.app.state.theories.length")


def test_what_the_page_says_has_no_bare_probability(browser, server):
    from detente.report.words import complaints

    with opened(browser, server, "#v=1&levers=restraint:1") as page:
        done(page)
        said = [page.locator("main").inner_text(), page.locator("#sentence").inner_text()]
        page.evaluate("() => detente.app.card(detente.app.room.first.words[0].item)")
        until(page, "() => document.querySelector('dialog.card') !== null")
        said.append(page.locator("dialog.card").inner_text())
    assert [c for text in said for c in complaints(text)] == []


GOLDEN = [
    (
        {"a": (-0.05, 0.01), "b": (-0.04, 0.01), "c": (0.0, 0.01)},
        "Under two of three readings fewer futures reach {what}; under “C” no difference is told apart.",
    ),
    ({"a": (-0.05, 0.01), "b": (0.04, 0.01), "c": (0.03, 0.01)}, "Under two of three readings more futures reach {what}; under “A” fewer."),
    ({"a": (0.01, 0.01), "b": (-0.01, 0.01), "c": (0.0, 0.0)}, "Under none of the three readings is a difference told apart in these five outcomes."),
]  # fmt: skip


@pytest.mark.parametrize(("gaps", "wanted"), GOLDEN)
def test_the_sentence_says_what_is_told_apart_and_nothing_else(browser, server, gaps, wanted):
    with opened(browser, server) as page:
        said = probe(page, "sentence", [gaps, None])
        assert said[0] == wanted.format(what=said[1])


FEWER = {"a": (-0.05, 0.01), "b": (-0.04, 0.01), "c": (0.0, 0.01)}
CAUSES = [
    (
        {"a": ("learning", True, 0.9), "b": ("learning", True, 0.7), "c": ("purpose", False, 0.0)},
        "Under two of three readings fewer futures reach {what}, because of what each side learns of the other's intent; under “C” no difference is "
        "told apart, because of the alliance's need of a purpose: without it, it would change there too.",
    ),
    (
        {"a": ("channels", True, 0.3), "b": None, "c": None},
        "Under two of three readings fewer futures reach {what}, in part because of how channels close and reopen (under one); under “C” no difference is "
        "told apart.",
    ),
    ({"a": None, "b": None, "c": None}, "Under two of three readings fewer futures reach {what}; under “C” no difference is told apart."),
]


@pytest.mark.parametrize(("causes", "wanted"), CAUSES)
def test_the_sentence_says_why_only_where_a_cause_is_told(browser, server, causes, wanted):
    given = {k: c and dict(zip(("mechanism", "carries", "share"), c, strict=True)) for k, c in causes.items()}
    with opened(browser, server) as page:
        said = probe(page, "sentence", [FEWER, given])
        assert said[0] == wanted.format(what=said[1])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_contrast_in_pictures_and_tables(browser, server, theme):
    """What axe-core (test_app_axe) does not look at: text inside pictures, ids, heads of tables."""
    with opened(browser, server, f"#v=1&levers=restraint:1&theme={theme}") as page:
        done(page)
        tabs = page.locator("#views button").count()
        for k in range(tabs):
            page.locator("#views button").nth(k).click()
            page.evaluate("() => { for (const d of document.querySelectorAll('details')) d.open = true; }")
            assert probe(page, "names") == []
            assert probe(page, "contrast") == []
        for tool in ("readings", "scenarios", "present", "about_page"):
            page.locator(f"[data-tool={tool}]").click()
            until(page, "() => document.querySelector('dialog[open]') !== null")
            assert probe(page, "names") == []
            assert probe(page, "contrast") == []
            page.keyboard.press("Escape")


def test_everything_works_by_keyboard(browser, server):
    with opened(browser, server) as page:
        seen = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            seen.add(probe(page, "focused"))
        assert {"restraint", "undo", "readings", "first"} <= seen
        page.locator("[data-lever=restraint]").focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        assert page.evaluate("() => detente.app.state.levers.restraint") == pytest.approx(0.2)
        page.locator("[data-tool=readings]").focus()
        page.keyboard.press("Enter")
        until(page, "() => document.querySelector('dialog[open]') !== null")
        page.keyboard.press("Escape")
        assert probe(page, "focused") == "readings"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844), (1920, 1080)])
def test_it_fits_a_laptop_a_phone_and_a_projector(browser, server, width, height):
    with opened(browser, server, "#v=1&big=1" if width == 1920 else "", viewport={"width": width, "height": height}) as page:
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth + 1")
        if width == 1920:
            sizes = page.evaluate(
                "() => [...document.querySelectorAll('#conflict text.name, .lever label, #sentence')].map((n) => parseFloat(getComputedStyle(n).fontSize))"
            )
            assert min(sizes) >= 20


def test_data_and_figure_of_a_chart_carry_their_reading_date_and_range(browser, server):
    with opened(browser, server, "#v=1&levers=restraint:1") as page:
        done(page)
        csv, picture = page.evaluate(
            """async () => { const {csv, picture} = await import('./export.js'); const c = detente.app.view.left; return [csv(c), picture(c)]; }"""
        )
        for text in (csv, picture):
            assert "Not a forecast" in text
            assert "futures per reading" in text
        assert all(live.room().scenario.theories[t].argument in csv for t in page.evaluate("() => detente.app.state.theories"))
        assert "<script" not in picture


def test_a_killed_server_comes_back_and_the_page_with_its_state(browser, server):
    with opened(browser, server, "#v=1&levers=restraint:0.5") as page:
        done(page)
        page.evaluate("() => detente.app.link.socket.close()")
        until(page, "() => detente.app.lost !== true && detente.app.link.socket.readyState === 1", 20)
        done(page)
        assert page.evaluate("() => detente.app.state.levers") == {"restraint": 0.5}
