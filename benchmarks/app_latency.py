"""First answers of the live page: from the input event of a moved measure to the frame that shows it, with one page and with many.

    detente app --no-browser --port 8731 &
    python benchmarks/app_latency.py 8731 [MOVES] [OTHER PAGES]

The measured page is a real browser. The other pages are sockets that move a measure at random once in two seconds or so, as people do. Figures go to
stdout; quiet cores or not, the load of the machine stands beside them.
"""

import argparse
import contextlib
import json
import os
import threading
import time

import numpy as np
from playwright.sync_api import sync_playwright
from websockets.sync.client import connect


def others(port: int, count: int, stop: threading.Event) -> None:
    """Pages that move a measure about once in two seconds."""
    import urllib.request

    room = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/room.json"))
    theories = [t["id"] for t in room["theories"] if t["table"] == "at"]

    def one(seed: int) -> None:
        rng = np.random.default_rng(seed)
        with connect(f"ws://127.0.0.1:{port}/live", origin=f"http://127.0.0.1:{port}", max_size=None) as page:
            move, due = 0, time.monotonic() + 2 * rng.random()
            while not stop.is_set():
                if time.monotonic() > due:
                    move, due = move + 1, time.monotonic() + rng.exponential(2.0)
                    levers = {str(rng.choice(room["first"]["levers"])): round(float(rng.random()), 2)}
                    page.send(json.dumps({"v": 1, "move": move, "levers": levers, "theories": theories}))
                with contextlib.suppress(TimeoutError):
                    page.recv(timeout=0.05)

    for k in range(count):
        threading.Thread(target=one, args=(k,), daemon=True).start()


PULL = """([name, value]) => { const r = document.querySelector(`[data-lever=${name}]`); r.value = value;
  r.dispatchEvent(new Event('input', {bubbles: true})); }"""


def measure(port: int, moves: int) -> np.ndarray:
    """Milliseconds from input event to painted frame, of moves half a second apart."""
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"http://127.0.0.1:{port}/")
        while not page.evaluate("() => Boolean(globalThis.detente?.app.first_paint) && !document.getElementById('status').textContent"):
            time.sleep(0.2)
        page.keyboard.press("Escape")
        names = page.evaluate("() => detente.app.room.first.levers")
        rng = np.random.default_rng(1)
        for k in range(moves):
            page.evaluate(PULL, [names[k % len(names)], float(np.round(0.05 + 0.95 * rng.random(), 2))])
            end = time.monotonic() + 5
            time.sleep(0.5)  # looking on would take the page's own time
            while page.evaluate("() => detente.app.timing.length") <= k and time.monotonic() < end:
                time.sleep(0.1)
        found = page.evaluate("() => detente.app.timing")
        browser.close()
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("port", 8731), ("moves", 200), ("pages", 0)):
        parser.add_argument(name, type=int, nargs="?", default=usual)
    asked = parser.parse_args()
    port, moves, pages = asked.port, asked.moves, asked.pages
    stop = threading.Event()
    others(port, pages, stop)
    found = measure(port, moves)
    stop.set()
    p50, p95 = np.percentile(found, [50, 95])
    print(
        f"{len(found)} of {moves} moves answered, {pages} other pages: median {p50:.0f} ms, p95 {p95:.0f} ms, longest {found.max():.0f} ms; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main()
