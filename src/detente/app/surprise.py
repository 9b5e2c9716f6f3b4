"""Where the record surprises a theory most: the probability that its particles gave to a dated event in the quarter in which it came.

In sample: the particles have been held to the whole record, this event included, so a small probability is a strong sign and a large one is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from detente.analysis.bridge import scored_names
from detente.analysis.spread import clusters, error
from detente.app.room import Room
from detente.engine.assimilate import Posterior
from detente.engine.record import HIDDEN, build_record, step_of
from detente.engine.simulate import to_theta


@dataclass(frozen=True)
class Dated:
    """Something that the record dates: its day, the draw that held it, its element, its words, and the step of its quarter."""

    day: date
    draw: str
    element: str
    words: str
    step: int


def dated(room: Room) -> tuple[Dated, ...]:
    """Events that weigh, and entries into a crisis or worse."""
    scenario, start = room.scenario, room.model.start_year
    record = build_record(room.model)
    scored = {name for name, e in record.events.items() if e.score.any()}
    out = [Dated(e.date, e.draw, e.item, e.note, step_of(e.date, start)) for e in scenario.events if e.draw in scored]
    if "rung" in record.choices:
        out += [Dated(r.start, "rung", r.rivalry, r.note, step_of(r.start, start)) for r in scenario.rungs if r.rung >= HIDDEN]
    steps = room.model.history_steps
    return tuple(sorted((d for d in out if 0 <= d.step < steps), key=lambda d: (d.day, d.draw, d.element)))


def surprises(room: Room, learned: Posterior, most: int = 3) -> list[dict[str, Any]]:
    """The least expected of the dated events, one a quarter and draw: probability in its quarter with its error, least first."""
    found = dated(room)
    if not found:
        return []
    record = build_record(room.model)
    names = tuple(scored_names(record))
    batch = room.runner.history(to_theta(learned.z, learned.ranges), learned.luck, record, (), names)
    p = np.exp(batch.weights.astype(np.float64))
    mean, wrong = p.mean(axis=-1), error(p, clusters(learned.ancestor))
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for d in found:
        k = names.index(d.draw)
        row = rows.setdefault(
            (d.draw, d.step),
            {"day": d.day.isoformat(), "draw": d.draw, "element": d.element, "words": d.words, "p": float(mean[d.step, k]),
             "error": float(wrong[d.step, k])},
        )  # fmt: skip
        if d.words and d.words not in row["words"]:
            row["words"] = f"{row['words']}; {d.words}"[:300]
    return sorted(rows.values(), key=lambda r: (r["p"], r["day"]))[:most]
