"""The report's own sliders, from stored responses: a point is a package like any other, words and bars agree, and no server is needed."""

import json
import re

import numpy as np
import pytest
import small_job
from live_page import violations

from detente.analysis import grid, project
from detente.report import cards, data, html, sliders, speakers, words


@pytest.fixture(scope="module")
def learnt():
    runner, s = small_job.runner(), small_job.scenario()
    return {t: project.prior(runner, s.theories[t], small_job.PARTICLES, 1) for t in small_job.result()["theory"].values.astype(str)}


@pytest.fixture(scope="module")
def chosen():
    ds, s = small_job.result(), small_job.scenario()
    return grid.choose(ds, s, small_job.runner().model, cards.answering(ds, s))


@pytest.fixture(scope="module")
def stored(learnt, chosen):
    return grid.respond(small_job.runner(), small_job.scenario(), learnt, chosen, futures=small_job.FUTURES)


@pytest.fixture(scope="module")
def page(stored):
    return html.to_html(html.report(small_job.result(), small_job.runner().model, grid=stored))


def test_one_package_in_full_is_that_package_of_the_main_job_to_the_bit(stored, chosen):
    ds, one = small_job.result(), stored.isel(setting=0)
    for k, name in enumerate(chosen):
        point = "-".join("2" if j == k else "0" for j in range(len(chosen)))
        for variable in ("mean", "low", "high", "gain", "gain_error", "hazard_mean"):
            np.testing.assert_array_equal(one[variable].sel(policy=point).values, ds[variable].sel(policy=name).values)
    first = "-".join("0" for _ in chosen)
    np.testing.assert_array_equal(one["mean"].sel(policy=first).values, ds["mean"].sel(policy="no_change").values)
    assert one.sizes["policy"] == len(grid.STRENGTHS) ** len(chosen)


def test_packages_on_the_grid_share_no_lever_and_change_something():
    ds, s, model = small_job.result(), small_job.scenario(), small_job.runner().model
    items = [str(i) for i in ds["item"].values]
    found = grid.choose(ds, s, model, items)
    rows = [{k for k, _ in project.uses(model, s.policies[p])} for p in found]
    assert found
    assert "no_change" not in found
    assert sum(map(len, rows)) == len(set().union(*rows))
    twins = s.model_copy(update={"policies": s.policies | {"talks": s.policies["restraint"].model_copy(update={"id": "talks"})}})
    assert len({"talks", "restraint"} & set(grid.choose(ds, twins, model, items))) <= 1
    waits = s.policies["restraint"].levers[0].model_copy(update={"when": "crises < 1"})
    patient = s.policies["restraint"].model_copy(update={"levers": (waits,)})
    assert "restraint" not in grid.choose(ds, s.model_copy(update={"policies": s.policies | {"restraint": patient}}), model, items)
    still = ds.copy(deep=True)
    still["gain"].values[:] = 0.0
    assert grid.choose(still, s, model, items) == []


def test_a_belief_held_by_hand_changes_the_futures_and_no_other_setting(learnt, chosen, stored):
    name = "danger"
    asked = (small_job.runner(), small_job.scenario(), learnt, chosen[:1])
    held = grid.respond(*asked, held={name: (0.0,)}, futures=small_job.FUTURES)
    free = stored.isel(setting=0).sel(policy=["-".join("0" for _ in chosen)])
    np.testing.assert_array_equal(held["mean"].isel(setting=0, policy=0).values, free["mean"].isel(policy=0).values)
    assert (held["mean"].isel(setting=1) != held["mean"].isel(setting=0)).any()
    first, second = sliders.data(small_job.result(), held, small_job.scenario())["settings"]
    assert first == "as each reading has it"
    assert second.startswith("danger held at 0 under all (")


def test_what_is_shown_agrees_with_the_result_and_says_nothing_that_luck_could_make(stored):
    ds, s = small_job.result(), small_job.scenario()
    found = sliders.data(ds, stored, s)
    one = stored.isel(setting=0)
    told = 0
    for place, item in enumerate(cards.answering(ds, s)):
        cells = found["items"][place]["cells"][0]
        for r, reading in enumerate(data.readings(ds)):
            assert cells[0][r][0] == data.cell(ds, reading.id, "no_change", item).short()
            for p, point in list(enumerate(one["policy"].values.astype(str)))[1:]:
                change = data.gain(one, reading.id, str(point), item)
                if words.told_apart(*change[1:]):
                    told += 1
                    assert cells[p][r][1] != words.NO_DIFFERENCE
                else:
                    assert cells[p][r][:2] == [cells[0][r][0], words.NO_DIFFERENCE]
                assert all(0 <= x <= sliders.WIDE for x in cells[p][r][2:])
    assert told > 0
    said = [t for i in found["items"] for row in i["said"] for t in row]
    assert [w for t in said for w in words.complaints(t)] == []
    assert all("readings at the table" in t for t in said if not t.startswith("No change"))


def test_the_grid_is_a_small_part_of_the_page_and_stands_in_tables_too(stored, page):
    held = re.search(r'id="slider-data">(.*?)</script>', page, re.DOTALL).group(1)
    assert len(held) < 1e6
    assert json.loads(held)["strengths"] == list(sliders.STRENGTHS)
    assert "<noscript>" in page
    blocks = sliders.blocks(small_job.result(), stored, small_job.scenario())
    assert len(blocks) == 1 + len(cards.answering(small_job.result(), small_job.scenario()))
    assert len(blocks[1].blocks[0].rows) == stored.sizes["policy"]
    assert "nothing is interpolated" in blocks[0]


def test_without_a_grid_there_is_no_section():
    found = html.report(small_job.result(), small_job.runner().model)
    assert "sliders" not in {s.key for s in found.sections}
    assert 'id="slider-item"' not in html.to_html(found)


@pytest.fixture
def opened(browser, page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page)
    context = browser.new_context(viewport={"width": 390, "height": 800}, offline=True)
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda e: faults.append(str(e)))
    tab.goto(f"file://{file}")
    yield tab
    context.close()
    assert faults == []


def test_a_slider_moves_by_keyboard_without_a_server(opened, stored):
    found = sliders.data(small_job.result(), stored, small_job.scenario())
    rows = opened.locator(".moving tbody tr")
    before = rows.first.locator("line.now").first.get_attribute("x2")
    opened.locator("#lever-0").focus()
    opened.keyboard.press("End")
    assert opened.locator("#lever-0").get_attribute("aria-valuetext") == "in full"
    point = 2 * len(sliders.STRENGTHS) ** (len(found["packages"]) - 1)
    assert opened.locator("#slider-said").inner_text() == found["items"][0]["said"][0][point]
    assert rows.nth(0).locator("td").nth(2).inner_text() == found["items"][0]["cells"][0][point][0][1]
    opened.locator("#slider-item").select_option("1")
    assert opened.locator("#slider-said").inner_text() == found["items"][1]["said"][0][point]
    assert rows.first.locator("line.now").first.get_attribute("x2") != before
    assert opened.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_has_no_fault_that_axe_finds(opened, scheme):
    opened.emulate_media(color_scheme=scheme)
    assert violations(opened) == []
    opened.evaluate("() => { for (const d of document.querySelectorAll('details')) d.open = true; }")
    assert violations(opened) == []


def test_print_has_tables_in_the_sliders_place(opened):
    opened.emulate_media(media="print")
    assert not opened.locator("#sliders-box").is_visible()
    opened.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert opened.locator("#sliders table").nth(1).is_visible()
    opened.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert not opened.locator("#sliders table").nth(1).is_visible()


def test_names_are_covered_and_the_arguments_stay():
    said = speakers.covered('our reading of remarks by S. Babst; <a href="#claim-S24">S24</a> (said by Babst), from-Q1-babst', ("Babst",))
    assert said.count("<span") == 2
    assert 'class="name"' in said
    assert ">S. Babst<" in said
    assert "from-Q1-babst" in said
    assert speakers.covered("Babst", ()) == "Babst"
