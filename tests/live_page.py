"""A real browser before the live page of the small scenario, and what its tests ask of it."""

import time
from contextlib import contextmanager
from pathlib import Path

import live
import pytest


@contextmanager
def ready():
    """(port, desk) of a server whose theories are all there."""
    with live.served() as found:
        page = live.Page(found[0])
        page.send()
        page.next("answer", timeout=300.0)
        page.close()
        yield found


@contextmanager
def chrome(path: str):
    """The distribution's Chromium, without a window."""
    play = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with play.sync_playwright() as p:
        found = p.chromium.launch(executable_path=path, headless=True)
        yield found
        found.close()


@contextmanager
def opened(browser, server, address: str = "", front: bool = False, **context):
    """A page that has painted, with all that it asked for and said; errors in it fail the test."""
    made = browser.new_context(viewport=context.pop("viewport", {"width": 1366, "height": 768}), **context)
    page = made.new_page()
    page.asked, page.faults = [], []
    page.on("request", lambda r: page.asked.append(r.url))
    page.on("websocket", lambda w: page.asked.append(w.url))
    page.on("pageerror", lambda e: page.faults.append(str(e)))
    page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)
    page.goto(f"http://127.0.0.1:{server[0]}/{address}")
    until(page, "() => Boolean(globalThis.detente?.app.first_paint)")
    if not front:
        page.keyboard.press("Escape")
    try:
        yield page
        assert page.faults == []
    finally:
        made.close()


def until(page, test: str, seconds: float = 60.0):
    """Wait for a test in the page (the policy forbids the library's own way, which evaluates text in the page)."""
    end = time.monotonic() + seconds
    while not page.evaluate(test):
        assert time.monotonic() < end, test
        time.sleep(0.02)


def done(page):
    until(
        page,
        "() => !detente.app.figures.asked || Boolean(detente.app.figures.answer?.done && detente.app.figures.answer.move === detente.app.link.move)",
    )


PROBES = (Path(__file__).parent / "page_probes.js").read_text(encoding="utf-8").partition("\n")[2]


def probe(page, name: str, value=None):
    """One of the functions of page_probes.js."""
    return page.evaluate(f"([name, value]) => {PROBES.strip()}[name](value)", [name, value])


def move(page, value: float, name: str = "restraint") -> None:
    """Pull a measure as a hand would: an input event of the range."""
    probe(page, "pull", [name, value])


def violations(page) -> list[str]:
    """What axe-core finds wrong in the page as it stands, every rule of it: rule, impact, element."""
    base = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(base.AXE_SCRIPT)
    found = page.evaluate("() => axe.run(document)")
    assert len(found["passes"]) > 10
    return [f"{rule['id']} ({rule['impact']}): {node['html'][:140]}" for rule in found["violations"] for node in rule["nodes"]]
