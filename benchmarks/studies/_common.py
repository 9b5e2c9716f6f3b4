"""What the long studies share: results as JSON, written after every piece of work, so that a study that was stopped goes on from there."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def results(name: str) -> Path:
    return RESULTS / f"{name}.json"


def load(name: str) -> dict[str, Any]:
    path = results(name)
    return json.loads(path.read_text()) if path.exists() else {}


def save(name: str, data: dict[str, Any]) -> None:
    path = results(name)
    path.parent.mkdir(exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(data, indent=None, separators=(",", ":")) + "\n")
    half.replace(path)


def work(name: str, head: dict[str, Any], pieces: Iterable[tuple[str, Callable[[], Any]]], minutes: float) -> dict[str, Any]:
    """Do the pieces that are not done yet, until the minutes are over. Another head (settings, digest of the program) begins anew."""
    data = load(name)
    if data.get("head") != head:
        data = {"head": head, "seconds": 0.0, "done": {}}
    begun = time.perf_counter()
    todo = [(key, make) for key, make in pieces if key not in data["done"]]
    for k, (key, make) in enumerate(todo):
        if time.perf_counter() - begun > 60 * minutes:
            break
        started = time.perf_counter()
        data["done"][key] = make()
        data["seconds"] = round(data["seconds"] + time.perf_counter() - started, 1)
        save(name, data)
        print(
            f"{name}: {key} after {time.perf_counter() - started:.1f} s, {len(todo) - k - 1} to go, load {os.getloadavg()[0]:.1f}",
            file=sys.stderr,
            flush=True,
        )
    return data
