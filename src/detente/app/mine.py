"""Your theory: answers to the scenario's statements as ranges, a theory file and back, and what the record says of it.

An answer narrows the baseline's range of the parameters that the statement names; several answers to one parameter are averaged. The particles of the
baseline then carry the theory with other weights (`analysis/reweigh.py`), and are refused, with the reason, where too few would carry it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from detente.analysis.reweigh import Reweighed, reweigh
from detente.app.ask import BadAsk
from detente.app.room import Room
from detente.engine.assimilate import Posterior, systematic
from detente.engine.record import build_record
from detente.engine.simulate import draw_luck, draw_z, to_theta
from detente.scenario import Scenario, ScenarioError, Theory, digest
from detente.scenario.complaints import build
from detente.scenario.entries import TheoryRange
from detente.scenario.read import read_yaml

FILE, ID = "statements.yaml", "mine"
POINTS = 7
"""Not at all (1) to decisively (7); 0 is *don't know*."""
HALF = 0.4
"""Half width of an answer's window, as a share of the baseline's range."""
DOUBT = 0.1
"""Half width of a doubted parameter's window, as a share of the baseline's range."""
LONGEST = 20_000
"""Characters of a theory file that is handed back."""


@dataclass(frozen=True)
class Statement:
    """One statement; `maps` are (parameter, elements, whether assent means more of it)."""

    id: str
    text: str
    mirror: str
    maps: tuple[tuple[str, tuple[str, ...], bool], ...]


def statements(room: Room) -> tuple[Statement, ...]:
    """The scenario's statements; none where it has no such file. Raises ScenarioError on a parameter that does not exist."""
    path = room.scenario.origin.folder / FILE
    if not path.exists():
        return ()
    out = []
    for row in read_yaml(path, FILE).value["statements"]:
        maps = tuple((m["parameter"], tuple(m.get("element", ())), m["toward"] == "high") for m in row["maps"])
        for parameter, elements, _ in maps:
            room.model.find(parameter, elements)
        out.append(Statement(str(row["id"]), str(row["text"]), str(row.get("mirror", "")), maps))
    return tuple(out)


def checked(answers: Any, known: Sequence[Statement]) -> dict[str, int]:
    """Answers by statement, without the *don't know*s. Raises BadAsk."""
    names = {s.id for s in known}
    if not isinstance(answers, dict) or any(k not in names for k in answers):
        raise BadAsk("expected answers by statement")
    for value in answers.values():
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= POINTS:
            raise BadAsk(f"expected answers from 0 to {POINTS}")
    return {k: v for k, v in answers.items() if v}


def window(answer: float, toward_high: bool, low: float, high: float, log: bool) -> tuple[float, float]:
    """The part of a range that an answer leaves, to four digits."""
    centre = (answer - 1) / (POINTS - 1)
    centre = centre if toward_high else 1 - centre
    ends = max(0.0, centre - HALF), min(1.0, centre + HALF)
    place = [low * (high / low) ** x if log else low + (high - low) * x for x in ends]
    first, last = (float(f"{x:.4g}") for x in place)
    return max(first, low), min(last, high)


def ranges(room: Room, known: Sequence[Statement], answers: Mapping[str, int]) -> list[dict[str, Any]]:
    """Ranges as a theory file has them: one per parameter and elements, with the statements behind it."""
    base = room.model.ranges(None)
    found: dict[tuple[str, tuple[str, ...]], list[tuple[Statement, int, bool]]] = {}
    for s in known:
        for parameter, elements, high in s.maps if s.id in answers else ():
            found.setdefault((parameter, elements), []).append((s, answers[s.id], high))
    out = []
    for (parameter, elements), said in found.items():
        mean = sum(a if high else POINTS + 1 - a for _, a, high in said) / len(said)
        rows = room.model.find(parameter, elements)
        low, high_end, log = base[rows, 0].min(), base[rows, 1].max(), bool(base[rows[0], 2])
        argument = " ".join(f"{s.text.rstrip('.')}: {a} of {POINTS}." for s, a, _ in said)
        out.append(
            {
                "parameter": parameter,
                "element": list(elements),
                "range": list(window(mean, True, float(low), float(high_end), log)),
                "argument": argument,
            }
        )
    return out


def to_yaml(room: Room, entries: Sequence[Mapping[str, Any]], name: str = ID, **words: Any) -> str:
    """The theory file: its strings are JSON, which is YAML, so nothing of them can be read as anything else. `words` replace those of its head."""
    day = room.scenario.as_of
    head = {
        "id": name,
        "order": 100,
        "argument": "a theory made in the room",
        "holder": "somebody in the room, by answering statements; ours to map",
        "sentence": f"Answers to the scenario's statements, record to {day.year}.",
        "table": "off",
        "reviewed": "not yet reviewed",
        "source": "assumed",
    } | words
    lines = ["schema: 1", *(f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in head.items())]
    lines.append("ranges:" if entries else "ranges: []")
    for e in entries:
        element = f"    element: {json.dumps(e['element'])}\n" if e["element"] else ""
        lines.append(
            f"  - parameter: {e['parameter']}\n{element}    range: {json.dumps(e['range'])}\n    confidence: assumed\n"
            f"    argument: {json.dumps(e['argument'], ensure_ascii=False)}"
        )
    return "\n".join(lines) + "\n"


def from_yaml(room: Room, text: str) -> Theory:
    """A theory file that somebody hands back. Raises BadAsk with the first thing that is wrong."""
    if len(text) > LONGEST:
        raise BadAsk(f"expected a theory file of at most {LONGEST} characters")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{ID}.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            theory, problems = build(Theory, read_yaml(path, path.name))
        except ScenarioError as error:
            raise BadAsk(str(error)) from None
    if problems or theory is None:
        raise BadAsk(str(problems[0]) if problems else "expected a theory file")
    for entry in theory.ranges:
        try:
            room.model.find(entry.parameter, entry.elements)
        except ValueError as error:
            raise BadAsk(str(error)) from None
    return theory


def doubted(room: Room, name: str, values: Sequence[tuple[str, float]]) -> Theory:
    """A theory with parameters doubted in front of everyone: a window of `DOUBT` of the baseline's range on either side of each value."""
    theory = room.scenario.theories[name]
    base, new = room.model.ranges(None), []
    for parameter, value in values:
        rows = room.model.find(parameter)
        low, high = room.known.parameters[parameter]
        log = bool(base[rows[0], 2]) and low > 0
        wide = base[rows, 1].max() / base[rows, 0].min() if log else base[rows, 1].max() - base[rows, 0].min()
        ends = (value / wide**DOUBT, value * wide**DOUBT) if log else (value - DOUBT * wide, value + DOUBT * wide)
        span = tuple(float(f"{x:.4g}") for x in (max(ends[0], low), min(ends[1], high)))
        entry = {"parameter": parameter, "range": span, "confidence": "assumed", "argument": f"doubted in the room: held about {value:.3g}"}
        new.append(TheoryRange.model_validate(entry))
    names = {parameter for parameter, _ in values}
    kept = tuple(r for r in theory.ranges if r.parameter not in names)
    return theory.model_copy(update={"ranges": (*kept, *new)})


def entries(theory: Theory) -> list[dict[str, Any]]:
    """A theory's ranges as plain rows."""
    return [{"parameter": r.parameter, "element": list(r.elements), "range": list(r.range), "argument": r.argument} for r in theory.ranges]


def theory_digest(room: Room, theory: Theory) -> str:
    """Digest of what a theory says, whatever its words."""
    made: Scenario = room.scenario.model_copy(update={"theories": {ID: theory}})
    return digest.theory(made, ID)


# ---------------------------------------------------------------------------------------------------------------- learning it


def weigh(room: Room, theory: Theory, start: Posterior | None = None) -> tuple[Posterior, Reweighed]:
    """Particles (the baseline's, or those of `start`) as this theory has them, resampled by weight, and how far they can be trusted."""
    base = start or baseline(room)
    limits = room.model.ranges(theory)
    record = build_record(room.model)
    found = reweigh(room.runner, base, limits, record)
    chosen = systematic(found.weights, 0.5)
    chosen = chosen.clip(0, base.size - 1)
    if found.way == "kept":
        return _picked(base, chosen), found
    last = room.runner.history(to_theta(base.z, limits), base.luck, record)
    moved = replace(base, theta=to_theta(base.z, limits), state=last.state, ranges=limits)
    return _picked(moved, chosen), found


def untaught(room: Room, theory: Theory) -> Posterior:
    """Draws from a theory's own ranges that no record has weighed, as many as the baseline has particles: what it says before it learns. Without a
    state at the record's end, since nobody projects from them."""
    model, ids = room.model, np.arange(baseline(room).size)
    limits, z = model.ranges(theory), draw_z(model, room.seed, ids)
    luck = draw_luck(room.seed, ids, range(model.start_year, model.start_year + model.history_steps // 4))
    return Posterior(z, to_theta(z, limits), luck, {}, np.zeros(len(ids)), ids, float("nan"), float("nan"), limits)


def baseline(room: Room) -> Posterior:
    """What the baseline has learnt."""
    learned = room.learn(room.runner, None, build_record(room.model), room.seed, None)
    assert isinstance(learned, Posterior)
    return learned


def _picked(p: Posterior, chosen: np.ndarray) -> Posterior:
    return replace(
        p,
        z=p.z[:, chosen],
        theta=p.theta[:, chosen],
        luck=p.luck[..., chosen],
        state={k: v[..., chosen] for k, v in p.state.items()},
        log_likelihood=p.log_likelihood[chosen],
        ancestor=p.ancestor[chosen],
    )


def learn(room: Room, theory: Theory, progress: Any = None) -> Posterior:
    """The theory learnt from the record as any other is, from the baseline's particles on; kept in the cache, and read from there."""
    from detente.engine.cache import load_or_assimilate

    return load_or_assimilate(room.runner, theory, build_record(room.model), seed=room.seed, progress=progress)
