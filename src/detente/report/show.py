"""Pages of `detente show` that need the scenario alone. Each is a pure function of checked objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from detente.report.blocks import Grid, Page
from detente.scenario import Policy, Scenario, Theory

TABLES = {"at": "at the table", "off": "not at the table", "baseline": "yardstick"}
CONFIDENCE = ("stated", "implied", "assumed")


def overview(scenario: Scenario) -> Page:
    """What the scenario holds, in the order of its file."""
    kinds: dict[str, Mapping[str, Any]] = {
        "actors": scenario.actors,
        "blocs": scenario.blocs,
        "rivalries": scenario.rivalries,
        "domains": scenario.domains,
        "treaties": scenario.treaties,
        "channels": scenario.channels,
        "applicants": scenario.applicants,
        "challenges": scenario.challenges,
    }
    rows = [(kind, str(len(found)), "; ".join(item.label for item in found.values())) for kind, found in kinds.items() if found]
    rows.append(("theories", str(len(scenario.theories)), "; ".join(t.argument for t in scenario.ordered_theories())))
    rows.append(("value profiles", str(len(scenario.values)), "; ".join(p.label for p in scenario.values.values())))
    rows.append(("packages", str(len(scenario.policies)), "; ".join(p.label for p in scenario.policies.values())))
    counts = Counter(m.series for m in scenario.measures)
    series = [(s.label or s.id, s.use, s.unit or "", str(counts[s.id]), ", ".join(s.source)) for s in scenario.record]
    facts = f"{len(scenario.events)} dated events and {len(scenario.rungs)} spells of conflict."
    questions = Grid(
        "Questions",
        ("", "question", "outcomes that answer it"),
        tuple((k, q.text, ", ".join(q.outcome)) for k, q in scenario.questions.items()),
    )
    span = (
        f"Record {scenario.history.start.year}–{scenario.history.end.year}, as of {day(scenario.as_of)}; "
        f"futures to {scenario.horizon.end.year}. "
        f"{len(scenario.mechanisms)} mechanisms, {len(scenario.pair_names)} directed pairs."
    )
    data = {
        "scenario": scenario.id,
        "title": scenario.title,
        "as_of": scenario.as_of,
        "history": [scenario.history.start, scenario.history.end],
        "horizon": scenario.horizon.end,
        "mechanisms": scenario.mechanisms,
        "axes": scenario.axes,
        "theories": [t.id for t in scenario.ordered_theories()],
        "values": list(scenario.values),
        "policies": list(scenario.policies),
        "record": {"events": len(scenario.events), "rungs": len(scenario.rungs), "measures": dict(counts)},
        "questions": {k: {"text": q.text, "outcome": q.outcome} for k, q in scenario.questions.items()},
    }
    blocks = (
        span,
        *((scenario.note,) if scenario.note else ()),
        Grid("What it holds", ("", "number", "names"), tuple(rows)),
        Grid("The record", ("series", "use", "unit", "points", "source"), tuple(series), note=facts),
        questions,
    )
    return Page(scenario.title, blocks, data)


def theories(scenario: Scenario) -> Page:
    """Readings in the speakers' order, argument first; how much each moves, and how sure we are that it was said."""
    ordered = scenario.ordered_theories()
    rows = tuple((t.argument, TABLES[t.table], str(len(t.ranges)), *(str(c) for c in mix(t).values()), t.reviewed, t.id) for t in ordered)
    grid = Grid(
        "Readings",
        ("argument", "where", "ranges", *CONFIDENCE, "read by", "id"),
        rows,
        note="Order: as the speakers spoke, then those apart. Ranges a theory does not give stay at the baseline. " + imbalance(ordered),
    )
    cards = (
        Grid(t.argument, ("", ""), (("says", t.sentence), ("holder", t.holder), *((("note", t.note),) if t.note else ()))) for t in ordered
    )
    data = [
        {
            "id": t.id,
            "order": t.order,
            "argument": t.argument,
            "holder": t.holder,
            "sentence": t.sentence,
            "table": t.table,
            "reviewed": t.reviewed,
            "confidence": mix(t),
            "ranges": [theory_range(r) for r in t.ranges],
        }
        for t in ordered
    ]
    return Page(f"Theories of {scenario.title}", (grid, *cards), {"scenario": scenario.id, "theories": data})


def theory(scenario: Scenario, name: str) -> Page:
    """One theory: every range with its argument."""
    t = scenario.theories[name]
    rows = tuple(
        (
            r.parameter + (f"[{', '.join(r.elements)}]" if r.elements else ""),
            f"{r.range[0]:g} – {r.range[1]:g}",
            ", ".join(r.claims),
            r.confidence + (f" ({r.place})" if r.place else ""),
            r.argument,
        )
        for r in t.ranges
    )
    grid = Grid("Ranges", ("parameter", "range", "claims", "confidence", "argument"), rows, note="Everything else stays at the baseline.")
    notes = (t.note,) if t.note else ()
    data = {"id": t.id, "argument": t.argument, "holder": t.holder, "sentence": t.sentence, "ranges": [theory_range(r) for r in t.ranges]}
    return Page(t.argument, (t.sentence, f"{t.holder}. {TABLES[t.table]}; {t.reviewed}.", *notes, grid), data)


def theory_range(r: Any) -> dict[str, Any]:
    """One range of a theory as plain data."""
    return {
        "parameter": r.parameter,
        "elements": r.elements,
        "range": r.range,
        "claims": r.claims,
        "confidence": r.confidence,
        "place": r.place,
        "argument": r.argument,
    }


def mix(theory: Theory) -> dict[str, int]:
    """How many of a theory's ranges are stated, implied, assumed."""
    found = Counter(str(r.confidence) for r in theory.ranges)
    return {c: found[c] for c in CONFIDENCE}


def imbalance(ordered: Iterable[Theory]) -> str:
    """Says whether the theories that argue move about as many ranges with about the same confidence; if not, how they differ."""
    counts = {t.argument: (len(t.ranges), mix(t)["stated"]) for t in ordered if t.table == "at" and t.ranges}
    if len(counts) < 2:
        return ""
    few, many = min(counts, key=lambda a: counts[a][0]), max(counts, key=lambda a: counts[a][0])
    least, most = min(counts, key=lambda a: counts[a][1]), max(counts, key=lambda a: counts[a][1])
    if counts[many][0] <= 1.5 * counts[few][0] and counts[most][1] <= 2 * max(counts[least][1], 1):
        stated = f"stated: {counts[least][1]} to {counts[most][1]}"
        return f"The readings move about equally many ranges ({counts[few][0]} to {counts[many][0]}; {stated})."
    return (
        f"The readings are not equally long: “{few}” moves {counts[few][0]} ranges, “{many}” {counts[many][0]}; "
        f"stated are {counts[least][1]} in “{least}” and {counts[most][1]} in “{most}”."
    )


def policies(scenario: Scenario) -> Page:
    """Packages: who proposed them, who must sign, whom they bind without a signature, what unravels them."""
    rows = tuple((p.label, p.proposer, signers(scenario, p), str(len(p.levers)), p.unravels, p.id) for p in scenario.policies.values())
    grid = Grid("Packages of measures", ("package", "proposer", "parties", "levers", "what unravels it", "id"), rows)
    measures = tuple(
        Grid(
            p.label,
            ("lever", "on", "effect", "from", "to", "note"),
            tuple(
                (
                    u.lever,
                    ", ".join(u.on) or "all",
                    f"{u.effect[0]:g} – {u.effect[1]:g}",
                    quarter(u.start),
                    quarter(u.end) if u.end else "end",
                    u.note,
                )
                for u in p.levers
            ),
            note=f"An effect is a range, never a point. {', '.join(p.source)}",
        )
        for p in scenario.policies.values()
        if p.levers
    )
    data = [
        {
            "id": p.id,
            "label": p.label,
            "proposer": p.proposer,
            "required": p.required,
            "bound": p.bound,
            "unravels": p.unravels,
            "agreement": p.agreement,
            "includes": p.includes,
            "levers": [
                {"lever": u.lever, "on": u.on, "effect": u.effect, "start": u.start, "end": u.end, "note": u.note} for u in p.levers
            ],
        }
        for p in scenario.policies.values()
    ]
    return Page(f"Packages of {scenario.title}", (grid, *measures), {"scenario": scenario.id, "policies": data})


def signers(scenario: Scenario, policy: Policy) -> str:
    """`needs A and B; binds without their signature: C`."""
    needs = f"needs {names(scenario, policy.required)}" if policy.required else "needs no signature"
    return f"{needs}; {bound(scenario, policy)}"


def bound(scenario: Scenario, policy: Policy) -> str:
    """`binds without their signature: …`, on every package card."""
    return f"binds without their signature: {names(scenario, policy.bound) if policy.bound else 'nobody'}"


def names(scenario: Scenario, ids: Iterable[str]) -> str:
    """Labels of actors, blocs or other things by id."""
    return ", ".join(label(scenario, i) for i in ids)


def label(scenario: Scenario, name: str) -> str:
    """Label of anything the structure names; a pair or a party part by part; else the name itself."""
    for kind in ("actors", "blocs", "rivalries", "treaties", "channels", "applicants", "challenges", "theatres", "domains"):
        found: Mapping[str, Any] = getattr(scenario, kind)
        if name in found:
            return found[name].label
    for joint, word in ((">", " toward "), (":", ": ")):
        if name.count(joint) == 1:
            first, second = name.split(joint)
            return f"{label(scenario, first)}{word}{label(scenario, second)}"
    return name


def values(scenario: Scenario) -> Page:
    """Value profiles: what each counts as acceptable, and who could hold it."""
    grids = tuple(
        Grid(
            p.label,
            ("outcome", "of", "acceptable", "why"),
            tuple((a.outcome, names(scenario, a.elements) or "each", f"{a.direction} {a.threshold:g}", a.argument) for a in p.accept),
            note=f"Could be held by {p.holder}. {p.note}".strip(),
        )
        for p in scenario.values.values()
    )
    data = {
        k: {
            "label": p.label,
            "holder": p.holder,
            "accept": [
                {"outcome": a.outcome, "elements": a.elements, "direction": a.direction, "threshold": a.threshold} for a in p.accept
            ],
        }
        for k, p in scenario.values.items()
    }
    return Page(
        f"Value profiles of {scenario.title}",
        ("A package survives when every outcome of a profile is acceptable.", *grids),
        {"scenario": scenario.id, "values": data},
    )


def quarter(year: float) -> str:
    """`2022.5` → `2022 Q3`."""
    return f"{int(year)} Q{int((year % 1) * 4) + 1}"


def day(date: Any) -> str:
    """`31 December 2021`."""
    return f"{date.day} {date:%B} {date.year}"
