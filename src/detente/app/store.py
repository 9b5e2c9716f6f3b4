"""The figures of no change, kept between starts, so that the first picture is there before anything is compiled."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from detente.analysis.job import job_digest
from detente.analysis.series import all_series
from detente.analysis.summary import Plan
from detente.app.room import Room
from detente.engine.setup import cache_dir


def path(room: Room) -> Path:
    """Where the figures of this room are kept: named by all that they depend on."""
    policies = (room.scenario.policies[room.base_policy],)
    plan = Plan(room.scenario, room.model, policies, 0, room.items, all_series(room.model), ())
    whole = hashlib.sha256(job_digest(plan, room.order, room.futures, room.seed).encode())
    for name in ("cells.py", "room.py", "answer.py"):
        whole.update((Path(__file__).parent / name).read_bytes())
    return cache_dir() / "app" / f"{whole.hexdigest()}.json"


def read(room: Room) -> dict[str, Any]:
    """Theory → figures of no change; empty where there are none, or where the file is not whole."""
    try:
        found = json.loads(path(room).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: figures for name, figures in found.items() if name in room.order} if isinstance(found, dict) else {}


def write(room: Room, bases: dict[str, Any]) -> None:
    """Keep them; a cache that cannot be written is no reason to stop."""
    file = path(room)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part")
        half.write_text(json.dumps(bases), encoding="utf-8")
        half.replace(file)
    except OSError:
        pass
