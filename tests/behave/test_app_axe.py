"""axe-core, every rule, over each state of the live page that a person may meet; text inside pictures is looked at in test_app_page."""

import pytest
from live_page import done, opened, until, violations

OPEN = "() => { for (const d of document.querySelectorAll('details')) d.open = true; }"
DIALOGS = ("readings", "scenarios", "finish", "about_page")
STATES = ("theme=light&lang=en", "theme=dark&lang=ru", "theme=dark&big=1")


@pytest.mark.parametrize("state", STATES)
def test_no_view_has_a_fault(browser, server, state):
    with opened(browser, server, f"#v=1&levers=restraint:1&{state}") as page:
        done(page)
        for tab in page.locator("#views button").all():
            tab.click()
            page.evaluate(OPEN)
            assert violations(page) == []


@pytest.mark.parametrize("state", STATES[:2])
def test_no_dialog_has_a_fault(browser, server, state):
    with opened(browser, server, f"#v=1&levers=restraint:1&{state}", front=True) as page:
        assert violations(page) == []
        page.keyboard.press("Escape")
        done(page)
        for tool in DIALOGS:
            page.locator(f"[data-tool={tool}]").click()
            until(page, "() => document.querySelector('dialog[open]') !== null")
            assert violations(page) == []
            page.keyboard.press("Escape")
        page.locator("#conflict .value").first.focus()
        page.keyboard.press("Enter")
        until(page, "() => document.querySelector('dialog.card') !== null")
        page.evaluate(OPEN)
        assert violations(page) == []


def test_neither_the_presenters_steps_nor_a_hidden_answer_have_a_fault(browser, server):
    with opened(browser, server, "#v=1&quiet=1") as page:
        assert violations(page) == []
        page.locator("[data-tool=present]").click()
        page.locator("dialog[open] p button").first.click()
        count = page.evaluate("() => detente.app.presenter.list.length")
        assert count >= 2
        for _ in range(count):
            assert violations(page) == []
            page.locator(".presenter .next").click()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_no_width_has_a_fault(browser, server, width, height):
    with opened(browser, server, "#v=1&levers=restraint:0.5", viewport={"width": width, "height": height}) as page:
        done(page)
        assert violations(page) == []
