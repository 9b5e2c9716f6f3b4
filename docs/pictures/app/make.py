"""Screenshots of every view of the live page, for the docs and to be looked at.

detente app --no-browser --port 8731 &
python docs/pictures/app/make.py [PORT] [NAME ...]
"""

import io
import os
import sys
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
LAPTOP, PHONE, PROJECTOR = (1366, 768), (390, 844), (1920, 1080)
MOVED = "v=1&levers=open_door_kept_deterrence_built:1,reopen_and_talk:0.5"
VIEWS = ("first", "ladder", "channels", "treaties", "cohesion", "fear", "conduct", "arms", "whom", "crux", "mine")
DIALOGS = ("readings", "scenarios", "present", "finish", "about_page")
ANSWERS = "&mine=650000560000000"
STATES = {
    **{name: (f"{MOVED}&view={name}", LAPTOP, "") for name in VIEWS},
    "mine": (f"{MOVED}&view=mine{ANSWERS}", LAPTOP, ""),
    **{name: (MOVED, LAPTOP, name) for name in DIALOGS},
    "card": (MOVED, LAPTOP, "card"),
    "guess": (f"{MOVED}&quiet=1", LAPTOP, ""),
    "dark": (f"{MOVED}&theme=dark", LAPTOP, ""),
    "russian": (f"{MOVED}&lang=ru", LAPTOP, ""),
    "projector": (f"{MOVED}&big=1", PROJECTOR, ""),
    "phone": (MOVED, PHONE, ""),
}


def wait(page: Page, test: str, seconds: float = 180.0) -> None:
    """Until a test in the page is true, or the time is over."""
    end = time.monotonic() + seconds
    while not page.evaluate(test) and time.monotonic() < end:
        time.sleep(0.2)


def shoot(page: Page, name: str, opens: str) -> None:
    """The page as it stands, in 256 colours."""
    wait(page, "() => Boolean(globalThis.detente?.app.first_paint)")
    wait(page, "() => !document.getElementById('status').textContent")
    if opens != "about_page":
        page.keyboard.press("Escape")
    wait(page, "() => !detente.app.figures.asked || detente.app.figures.answer?.done === true")
    if opens == "card":
        page.locator("#conflict .value").first.focus()
        page.keyboard.press("Enter")
    elif opens and opens != "about_page":
        page.locator(f"[data-tool={opens}]").click()
    if name == "crux":
        page.locator(".crux button").first.click()
        wait(page, "() => document.querySelector('.crux svg') !== null")
    if name == "mine":
        wait(page, "() => document.querySelector('.mine table') !== null || document.querySelectorAll('#view table').length > 0")
    wait(page, "() => !detente.app.view.courses || detente.app.figures.complete(detente.app.state.theories)")
    time.sleep(1.5)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(128)
    picture.save(HERE / f"{name}.png", optimize=True)


def main() -> None:
    """All, or those named."""
    port = sys.argv[1] if len(sys.argv) > 1 else "8731"
    wanted = sys.argv[2:] or list(STATES)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        for name in wanted:
            address, (width, height), opens = STATES[name]
            with browser.new_context(viewport={"width": width, "height": height}) as context:
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}/#{address}")
                shoot(page, name, opens)
                print(name, flush=True)


if __name__ == "__main__":
    main()
