"""The end of a session: a folder that loads, and that the main job answers with the page's shares; one HTML file that needs nothing else."""

import base64
import io
import re
import zipfile

import live
import numpy as np
import pytest
import small_job
from live_page import done, move, opened, until, violations

from detente import scenario as files
from detente.analysis.job import from_prior
from detente.analysis.project import lever_doses
from detente.app import mine, session
from detente.app.ask import Ask
from detente.report.load import problems
from detente.scenario import digest

LEVERS = (("restraint", 0.6), ("separation", 0.35))


def unpacked(data: bytes, tmp_path):
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        whole.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    return folder


@pytest.fixture(scope="module")
def held(server):
    """The page's answer to two measures at once, and the folder that it is given for them."""
    room = live.room()
    danger = float(np.mean(room.known.parameters["danger"]))
    own = mine.to_yaml(room, mine.ranges(room, mine.statements(room), {"1": 7}))
    page = live.Page(server[0])
    page.send(levers=dict(LEVERS))
    answer = page.next("answer", done=True)
    page.socket.send(f'{{"v": 1, "kind": "folder", "levers": {{"restraint": 0.6, "separation": 0.35}}, "held": {{"calm": {{"danger": {danger}}}}}, '
                     f'"file": {__import__("json").dumps(own)}}}')  # fmt: skip
    packed = base64.b64decode(page.next("folder")["zip"])
    page.close()
    return answer, packed, own


def test_the_folder_is_a_scenario_like_any_other(held, tmp_path):
    folder = unpacked(held[1], tmp_path)
    assert problems(str(folder)) == []
    found = files.load(folder)
    assert {"room"} == set(found.policies) - set(live.room().scenario.policies)
    assert {"mine", "calm_doubted"} == set(found.theories) - set(live.room().scenario.theories)
    assert digest.theory(found, "mine") == mine.theory_digest(live.room(), mine.from_yaml(live.room(), held[2]))
    assert "detente run ." in (folder / "README.md").read_text()


def test_the_main_job_gives_the_pages_differences_for_it(held, tmp_path):
    answer, packed, _ = held
    found = files.load(unpacked(packed, tmp_path))
    result = small_job.job(
        found, futures=live.FUTURES, theories=list(live.room().order), policies=["room"], learn=from_prior(live.PARTICLES)
    )
    items = [i.name for i in live.room().items]
    checked = 0
    for theory, page in answer["theories"].items():
        for k, name in enumerate(items):
            if name.startswith(("crisis", "clash", "war[")):
                continue
            row = result.sel(theory=theory, policy="room", item=name)
            assert page["d"][k] == pytest.approx(float(row["gain"]), rel=2e-3, abs=2e-3 * max(abs(float(row["mean"])), 1e-3)), name
            checked += 1
    assert checked > 20


def test_the_package_of_the_folder_does_what_the_page_did_to_the_bit(held, tmp_path):
    room = live.room()
    found = files.load(unpacked(held[1], tmp_path))
    doses, spans = room.doses(Ask(0, LEVERS))
    own, span = lever_doses(room.model, found.policies["room"], room.common.uniform[:, room.mixed])
    assert np.array_equal(doses, own)
    assert np.array_equal(spans[doses.any(axis=1)], span[doses.any(axis=1)])


def test_the_same_session_gives_the_same_bytes():
    ask = Ask(0, LEVERS)
    assert session.archive(live.room(), ask) == session.archive(live.room(), ask)


def test_one_file_of_the_session_opens_from_disk_and_holds_what_was_seen(browser, server, tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    with opened(browser, server, accept_downloads=True) as page:
        move(page, 0.5)
        done(page)
        until(page, "() => detente.app.log.states.some((s) => s.at.includes('restraint:0.5'))", 20)
        page.locator("[data-tool=finish]").click()
        page.locator("#session-notes").fill(evil)
        with page.expect_download() as waiting:
            page.locator("dialog button", has_text="one HTML file").click()
        text = waiting.value.path().read_text()
        with page.expect_download() as folder:
            page.locator("dialog button", has_text="ZIP").click()
        assert zipfile.is_zipfile(folder.value.path())
    file = tmp_path / "session.html"
    file.write_text(text)
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda r: asked.append(r.url))
        page.goto(file.as_uri())
        assert all(u.startswith(("file:", "data:")) for u in asked)
        assert evil in page.inner_text("body")
        assert page.locator("img[onerror]").count() == 0
        said = page.inner_text("body")
        assert "restraint on both sides: 50 %" in said
        assert "Not a forecast" in said
        assert page.locator("section img").count() >= 2
        assert page.evaluate("() => [...document.images].every((i) => i.complete && i.naturalWidth > 0)")
        assert violations(page) == []
    assert not re.search(r"<script", text)
