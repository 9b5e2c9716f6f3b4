"""Learning behind: a process of its own, of low priority, holds a theory to the record; what it learnt comes back through the cache.

One process at a time; the newest wish of a page and kind replaces the earlier one, running or not, and begins after a rest, so that somebody who goes on
answering starts nothing. A page that has left ends its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REST = 3.0
"""Seconds without a newer wish before a process is started."""
MOST = 32
"""Wishes that may wait."""
Key = tuple[int, str]


@dataclass(frozen=True)
class Wish:
    """A theory file to be learnt. `tell` takes each line of progress and says whether anybody still waits; `done` is called at the end."""

    text: str
    tell: Callable[[str], bool]
    done: Callable[[], None]
    since: float


class Behind:
    """Wishes, and the thread that has them fulfilled one by one."""

    def __init__(self, folder: str, seed: int, command: Sequence[str] | None = None, rest: float = REST) -> None:
        self.command = list(command or (sys.executable, "-m", "detente.app.behind", folder, str(seed)))
        self.rest = rest
        self.lock = threading.Condition()
        self.wishes: OrderedDict[Key, Wish] = OrderedDict()
        self.now: tuple[Key, subprocess.Popen[str]] | None = None
        self.stopping = False
        self.thread = threading.Thread(target=self._work, name="behind", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def stop(self) -> None:
        """End, and whatever runs with it."""
        with self.lock:
            self.stopping = True
            if self.now is not None:
                self.now[1].kill()
            self.lock.notify_all()

    def ask(self, key: Key, text: str, tell: Callable[[str], bool], done: Callable[[], None]) -> None:
        """Learn this; an earlier wish of the key is dropped. Beyond `MOST` the oldest wish is dropped too."""
        with self.lock:
            self.wishes.pop(key, None)
            self.wishes[key] = Wish(text, tell, done, time.monotonic())
            while len(self.wishes) > MOST:
                self.wishes.popitem(last=False)
            if self.now is not None and self.now[0] == key:
                self.now[1].kill()
            self.lock.notify_all()

    def _work(self) -> None:
        while True:
            with self.lock:
                if self.stopping:
                    return
                ripe = next((k for k, w in self.wishes.items() if time.monotonic() - w.since >= self.rest), None)
                if ripe is None:
                    self.lock.wait(0.2 if self.wishes else 5.0)
                    continue
                wish = self.wishes.pop(ripe)
                process = self._begin()
                self.now = ripe, process
            whole = self._follow(process, wish)
            with self.lock:
                self.now = None
                left = self.stopping or ripe in self.wishes
            if whole and not left:
                wish.done()
            elif not left:
                wish.tell("stopped")

    def _begin(self) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip

    def _follow(self, process: subprocess.Popen[str], wish: Wish) -> bool:
        """Passes progress on; true when the process came to its end."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(wish.text)
            process.stdin.close()
        except OSError:
            pass
        for line in process.stdout:
            if not wish.tell(line.strip()[:40]):
                process.kill()
        process.stdout.close()
        return process.wait() == 0


def main(folder: str, seed: int, text: str, tell: Callable[[str], Any]) -> None:
    """Learn the theory of a file over a scenario, into the cache."""
    if hasattr(os, "nice"):
        os.nice(10)
    from detente.engine.setup import prepare

    prepare()
    from detente.app import mine
    from detente.app.room import Room
    from detente.engine.compose import compose
    from detente.report.load import scenario

    found = scenario(folder)
    room = Room(found, compose(found), seed=seed)
    mine.learn(room, mine.from_yaml(room, text), lambda stage, done, total: tell(f"{100 * done / max(total, 1):.0f} %"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.stdin.read(), lambda text: (sys.stdout.write(f"{text}\n"), sys.stdout.flush()))
