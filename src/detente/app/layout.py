"""What the page is told once: names, labels, packages, theories, outcomes, and where every figure comes from. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from detente.analysis.outcomes import OUTCOMES
from detente.analysis.series import KINDS
from detente.app.ask import SCHEMA
from detente.app.room import Room
from detente.report.blocks import plain
from detente.report.data import PHRASES
from detente.report.html import front
from detente.report.provenance import citation
from detente.report.show import label, names, quarter
from detente.report.show_claims import read_claims
from detente.report.words import foot
from detente.scenario import Scenario, ScenarioError
from detente.scenario.errors import unknown
from detente.scenario.read import read_yaml

FILE = "room.yaml"
MOST = 8
"""Levers on the first screen."""
UNITS = {
    "threat": "belief that the other means harm (0–1)",
    "conduct": "conduct (−1 conflict … 1 cooperation)",
    "arms": "bn USD of 2019",
    "cohesion": "cohesion (0–1)",
    "missiles": "unconstrained missiles (0–1)",
}
RECORDED = {"threat": "fear", "conduct": "conduct", "arms": "arms"}


def page(room: Room) -> dict[str, Any]:
    """Everything of the first screens."""
    scenario = room.scenario
    wanted = first(room)
    data = {
        "schema": SCHEMA,
        "scenario": scenario.id,
        "title": scenario.title,
        "years": [scenario.history.start.year, scenario.history.end.year + 1, scenario.horizon.end.year],
        "front": [{"head": head, "text": text} for head, text in front(scenario)],
        "foot": foot(scenario.history.end),
        "version": version("detente"),
        "futures": room.futures,
        "seed": room.seed,
        "theories": [_theory(t) for t in scenario.ordered_theories()],
        "packages": [_package(scenario, name) for name in room.packages],
        "items": [_item(scenario, i) for i in room.items],
        "series": [_series(scenario, s) for s in room.program_series],
        "rivalry": next(iter(scenario.rivalries), ""),
        "parameters": {name: list(span) for name, span in room.known.parameters.items()},
        "meanings": {name: p.meaning for name, (p, _) in room.model.parameters.items()},
        "actors": {name: actor.label for name, actor in scenario.actors.items()},
        "questions": {key: q.text for key, q in scenario.questions.items()},
        "script": script(scenario),
        "first": wanted | _charts(room),
    }
    return dict(plain(data))


def _charts(room: Room) -> dict[str, Any]:
    """Items of the two charts: the rungs of the first rivalry; channels and treaties, each out of how many."""
    known = {i.name: i for i in room.items}
    rivalry = next(iter(room.scenario.rivalries), "")
    left = [name for o in ("crisis", "clash", "war") if (name := f"{o}[{rivalry}]") in known]
    right = [(name, len(of)) for name, of in (("channels", room.scenario.channels), ("treaties", room.scenario.treaties)) if name in known]
    left = left or [i.name for i in room.items if OUTCOMES[i.outcome].share][:3]
    right = right or [(i.name, 0) for i in room.items if not OUTCOMES[i.outcome].share][:2]
    return {"left": left, "right": [{"item": name, "of": of} for name, of in right]}


def first(room: Room) -> dict[str, Any]:
    """The first screen: levers, five words, the absent; from the scenario's room.yaml, or the first of each. Raises ScenarioError."""
    scenario, known = room.scenario, {i.name for i in room.items}
    path = scenario.origin.folder / FILE
    if not path.exists():
        return _default(room)
    found = read_yaml(path, FILE).value
    out = {
        "levers": list(found.get("levers", ()))[:MOST],
        "words": [dict(w) for w in found.get("words", ())][:5],
        "absent": list(found.get("absent", ())),
    }
    for kind, given, have in (
        ("package", out["levers"], room.packages),
        ("outcome", [w["item"] for w in out["words"]], known),
        ("actor", out["absent"], scenario.actors),
    ):
        for name in given:
            if name not in have:
                raise ScenarioError(unknown(kind, name, have), FILE)
    return out


def _default(room: Room) -> dict[str, Any]:
    seen: dict[str, str] = {}
    for item in room.items:
        if OUTCOMES[item.outcome].better:
            seen.setdefault(item.outcome, item.name)
    words = [{"word": PHRASES.get(o, o).split(",")[0], "item": name} for o, name in list(seen.items())[:5]]
    return {"levers": list(room.packages[:MOST]), "words": words, "absent": []}


def _theory(t: Any) -> dict[str, Any]:
    return {
        "id": t.id,
        "argument": t.argument,
        "holder": t.holder,
        "sentence": t.sentence,
        "table": t.table,
        "reviewed": t.reviewed,
        "note": t.note,
    }


def _package(scenario: Scenario, name: str) -> dict[str, Any]:
    p = scenario.policies[name]
    rows = [
        {
            "lever": u.lever.replace("_", " "),
            "on": names(scenario, u.on) or "all",
            "effect": list(u.effect),
            "from": quarter(u.start),
            "note": u.note,
        }
        for u in p.levers
    ]
    return {
        "id": p.id,
        "label": p.label,
        "proposer": p.proposer,
        "note": p.note,
        "required": names(scenario, p.required),
        "bound": names(scenario, p.bound),
        "unravels": p.unravels,
        "levers": rows,
    }


def _item(scenario: Scenario, item: Any) -> dict[str, Any]:
    o = OUTCOMES[item.outcome]
    return {
        "name": item.name,
        "outcome": item.outcome,
        "element": item.element,
        "of": _label(scenario, o.axis, item.element),
        "phrase": PHRASES.get(item.outcome, item.outcome.replace("_", " ")),
        "meaning": o.meaning,
        "unit": o.unit,
        "share": o.share,
        "better": {"above": 1, "below": -1}.get(o.better or "", 0),
    }


def _series(scenario: Scenario, s: Any) -> dict[str, Any]:
    kind = KINDS[s.kind]
    return {
        "name": s.name,
        "kind": s.kind,
        "element": s.element,
        "of": _label(scenario, kind.axis, s.element),
        "share": kind.share,
        "unit": UNITS.get(s.kind, "in 100 futures"),
    }


def _label(scenario: Scenario, axis: str | None, element: str) -> str:
    """Label of an element of an axis: the same id may name an actor and an applicant, or a rivalry and a channel."""
    kinds: dict[str, Mapping[str, Any]] = {"channel": scenario.channels, "treaty": scenario.treaties, "applicant": scenario.applicants}
    found = kinds.get(axis or "", {})
    return str(found[element].label) if element in found else label(scenario, element) if element else ""


def record(scenario: Scenario) -> dict[str, Any]:
    """The record's dots: series name → [[year, value], …]."""
    draws = {s.id: s.draw for s in scenario.record if s.use != "show"}
    states = {draw: state for state, draw in RECORDED.items()}
    out: dict[str, list[list[float]]] = {}
    for m in scenario.measures:
        state = states.get(draws.get(m.series) or "")
        if state:
            out.setdefault(f"{state}[{m.item}]", []).append([m.date.year + (m.date.month - 1) / 12, m.value])
    return out


def cards(room: Room) -> dict[str, Any]:
    """Provenance: parameter → meaning, unit, baseline, and what each theory says of it and why; claims; sources."""
    model, scenario = room.model, room.scenario
    parameters: dict[str, Any] = {}
    for name, (p, _) in model.parameters.items():
        rows = [model.rows[k] for k in model.find(name)]
        low, high = room.known.parameters[name]
        parameters[name] = {
            "meaning": p.meaning,
            "unit": p.unit,
            "mechanism": rows[0].group if rows else "",
            "raises": p.raises,
            "source": sorted({key.strip() for r in rows for key in r.source.split(",")}),
            "disputed": p.disputed,
            "baseline": [min(r.low for r in rows), max(r.high for r in rows)] if rows else None,
            "bounds": [low, high],
            "log": all(r.log for r in rows) and low > 0,
            "said": {t.id: [_said(r) for r in t.ranges if r.parameter == name] for t in scenario.ordered_theories()},
        }
        parameters[name]["said"] = {k: v for k, v in parameters[name]["said"].items() if v}
    data = {
        "parameters": parameters,
        "questions": _question_parameters(room),
        "claims": _claims(scenario),
        "sources": {key: citation(s) for key, s in scenario.sources.items()},
    }
    return dict(plain(data))


def _said(r: Any) -> dict[str, Any]:
    return {
        "on": list(r.elements),
        "range": list(r.range),
        "claims": list(r.claims),
        "confidence": r.confidence,
        "place": r.place,
        "argument": r.argument,
        "source": list(r.source),
    }


def script(scenario: Scenario) -> list[dict[str, Any]]:
    """The scripted session of the scenario's session.yaml: minute, heading, words to say, the page's address; none without the file."""
    path = scenario.origin.folder / "session.yaml"
    if not path.exists():
        return []
    return [{k: str(v) for k, v in step.items()} for step in read_yaml(path, "session.yaml").value["steps"]]


def statements(found: Any) -> list[dict[str, Any]]:
    """The statements of "your theory", with what each answer would move."""
    return [
        {"id": s.id, "text": s.text, "mirror": s.mirror, "maps": [{"parameter": p, "on": list(e), "more": high} for p, e, high in s.maps]}
        for s in found
    ]


def _claims(scenario: Scenario) -> Mapping[str, str]:
    try:
        return {row["id"]: row["text"] for row in read_claims(scenario)}
    except ScenarioError:
        return {}


def _question_parameters(room: Room) -> dict[str, list[str]]:
    """Outcome → parameters that the list of claims names where it names the outcome."""
    out: dict[str, dict[str, None]] = {}
    try:
        rows = read_claims(room.scenario)
    except ScenarioError:
        return {}
    for row in rows:
        for outcome in row.get("outcomes", ()):
            out.setdefault(outcome, {}).update(dict.fromkeys(p for p in row.get("parameters", ()) if p in room.model.parameters))
    return {outcome: list(found) for outcome, found in out.items()}
