"""`detente explain`: one future told as a dated story, its causes checked by leaving each of them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.contract import RUNGS
from detente.report import words
from detente.report.blocks import Block, Grid, Page, put
from detente.report.show import label, quarter
from detente.scenario import Scenario, ScenarioError
from detente.scenario.errors import unknown

KINDS: Mapping[str, str] = {
    "rung": "{what}, {where}",
    "settles": "{where} settles to {what}",
    "reopened": "{where} reopens",
    "suspended": "{where} is suspended",
    "enters_into_force": "{where} enters into force",
    "ends": "{where} ends",
    "domain_opens": "{where} becomes an operational domain",
    "containment_adopted": "the alliance adopts containment of both rivals",
    "wish_declared": "{where} asks to join",
    "wish_withdrawn": "{where} no longer asks to join",
    "intervention": "{where} uses force on a third party",
    "rupture": "the pretence breaks: {where}",
    "promised_now": "{where} is promised membership",
    "joined_now": "{where} becomes a member",
    "exit_now": "leaves an agreement: {where}",
    "lever": "begins: {where}",
}
RECORD: Mapping[str, str] = {
    "exit": "exit_now",
    "suspend": "suspended",
    "reopen": "reopened",
    "promise": "promised_now",
    "join": "joined_now",
    "intervention": "intervention",
    "open_domain": "domain_opens",
    "enter": "enters_into_force",
    "wish": "wish_declared",
    "withdraw": "wish_withdrawn",
}
"""Draws of the record that are told, as the kind of happening that a future has."""
SHOWN = 12


@dataclass(frozen=True)
class Request:
    """What was asked on the command line."""

    scenario: str
    theory: str | None
    policy: str | None
    why_not: str | None
    rung: int
    rivalry: str | None
    future: int | None
    futures: int
    seed: int
    json: bool


def explain_command(request: Request) -> int:
    """Do it. Raises ScenarioError when the request cannot be met."""
    from detente.report.learnt import begin, chosen, learn, working

    scenario, runner = begin(request.scenario)
    theory = chosen(scenario, (request.theory,) if request.theory else ())[0]
    rivalry = _rivalry(scenario, request.rivalry)
    policy, other = _policy(scenario, request.policy), _policy(scenario, request.why_not) if request.why_not else None
    if request.future is not None and not 0 <= request.future < request.futures:
        raise ScenarioError(f"there is no future {request.future}; expected 0 to {request.futures - 1}")

    def work(bar: Any) -> Page:
        from detente.analysis import explain
        from detente.analysis.project import common, projector
        from detente.analysis.replay import cases, compiled, replay

        learnt = learn(runner, [theory], request.seed, bar)[theory]
        bar.tell("projecting", 0, 3)
        ready = projector(runner, learnt, common(runner.model, request.futures, request.seed), 256)
        number = request.future if request.future is not None else explain.typical(ready, policy, request.rung, rivalry)
        if number is None:
            raise ScenarioError(_none(request, scenario, rivalry))
        bar.tell("the same future again, each time with one thing left out", 1, 3)
        program = compiled(runner.model)
        story = explain.explain(ready, policy, number, request.rung, rivalry, program)
        if story is None:
            raise ScenarioError(
                f"future {number} never enters {_a(request.rung)} of {label(scenario, rivalry)}; ask for a lower --rung, or leave --future out"
            )
        bar.tell("the same luck under the other package", 2, 3)
        beside = replay(ready, number, other, cases(runner.model, other), program) if other is not None else None
        return page(story, scenario, theory, policy, other, beside, request.rung)

    whole = working(scenario.title, work)
    put(whole, request.json)
    return 0


def _policy(scenario: Scenario, name: str | None) -> Any:
    from detente.analysis.job import no_change

    name = name or no_change(scenario)
    if name not in scenario.policies:
        raise ScenarioError(unknown("package", name, scenario.policies))
    return scenario.policies[name]


def _rivalry(scenario: Scenario, name: str | None) -> str:
    if name is not None and name not in scenario.rivalries:
        raise ScenarioError(unknown("rivalry", name, scenario.rivalries))
    found = name or next((r for r, x in scenario.rivalries.items() if x.kind == "direct"), next(iter(scenario.rivalries), None))
    if found is None:
        raise ScenarioError("the scenario has no rivalry: there is no ladder to explain", "rivalries")
    return found


def _a(rung: int) -> str:
    return f"{'an' if RUNGS[rung][0] in 'aeiou' else 'a'} {RUNGS[rung]}" if rung not in (0, 4) else RUNGS[rung]


def _none(request: Request, scenario: Scenario, rivalry: str) -> str:
    return f"none of {request.futures} futures enters {_a(request.rung)} of {label(scenario, rivalry)}; ask for a lower --rung or more --futures"


# ------------------------------------------------------------------------------------------------------------------- the page


def page(story: Any, scenario: Scenario, theory: str, policy: Any, other: Any, beside: Any, rung: int) -> Page:
    """The story of one future, for the terminal and as data."""
    title = f"Future {story.future} under “{scenario.theories[theory].argument}”, {policy.label}"
    return Page(title, blocks(story, scenario, policy, other, beside, rung), data(story, scenario, theory, policy, other, beside, rung))


def blocks(story: Any, scenario: Scenario, policy: Any, other: Any = None, beside: Any = None, rung: int = 2) -> tuple[Block, ...]:
    """The blocks of a story: what happened, why, checked; the same luck under another package; the record before it."""
    out: list[Block] = [*sentences(story, scenario), history(story, scenario), course(story, scenario, policy)]
    out += [chain(story, scenario), *without(story)]
    if beside is not None:
        out += why_not(story, scenario, policy, other, beside, rung)
    return tuple(out)


def sentences(story: Any, scenario: Scenario) -> list[str]:
    """The story in a few sentences."""
    e, where = story.entry, label(scenario, story.entry.rivalry)
    rare = words.frequency(e.probability)
    out = [
        f"{where}: {_a(e.rung)} is entered in {quarter(e.year)}, by {_cause(e.cause)}. The probability of that in that quarter, as the world stood by then, "
        f"was {rare}; with other luck from the start the same world gets there by the end in {words.frequency(story.other_luck)} "
        f"({story.lucks} lucks)."
    ]
    first = [k for k in story.chain if k.level == 1]
    if first:
        parts = [
            f"{_state(story, k.source)} ({_figures(k)}; without it {words.hundredths(k.probability) if np.isfinite(k.probability) else 'unknown'} in 100)"
            for k in first
        ]
        out.append(f"What made it: {words.listing(parts)}.")
    gone = [w for w in story.without if w.vanishes and w.kind == "lever"]
    if gone:
        out.append(
            f"Without {words.listing((w.name.replace('_', ' ') for w in gone), 'or')} in the package it would not have come by then."
        )
    vanish = sum(w.vanishes for w in story.without)
    out.append(
        f"Of {story.ablations} things left out one at a time, {vanish} make it vanish by that quarter. This is one future, not a share of futures; near "
        "a threshold a small change is enough."
    )
    return out


def _cause(cause: str) -> str:
    return {"mistake": "a mistake", "decision": "a decision", "spill-over": "spill-over from another rivalry"}[cause]


def _state(story: Any, name: str) -> str:
    model = story.replay.model
    owner = next(m.name for m in model.mechanisms if name in m.states)
    return f"{name.replace('_', ' ')} ({owner}: {model.states[name][0].meaning})"


def _figures(link: Any) -> str:
    then, now = words.alike(link.then, link.now)
    return f"{then} at the start, {now} then"


def chain(story: Any, scenario: Scenario) -> Grid:
    """From the entry back through the equations: which term moved, by how much, and what goes with it."""
    rows = []
    model = story.replay.model
    owner = {s: m.name for m in model.mechanisms for s in m.states}
    for k in story.chain:
        target = "the entry" if k.target == "rung" else k.target.replace("_", " ")
        takes = f"{words.hundredths(min(k.share, 1.0))} in 100" if k.share < 1.5 else "more than all"
        then, now = words.alike(k.then, k.now)
        left = "still comes" if not k.vanishes else "vanishes"
        source = f"{k.source.replace('_', ' ')} ({owner[k.source]})"
        rows.append((str(k.level), source, target, then, now, takes, left))
    note = (
        "Step 1: terms of the ladder's equation, each held from the quarter before; later steps: states that an equation reads, held from the start of the "
        "futures (a flow at nothing). Goes with it: of the entry's probability in its quarter, or of the target's move since the start. Values are means "
        f"over what bears on {label(scenario, story.entry.rivalry)}."
    )
    columns = ("step", "state (mechanism)", "leads to", "at the start", "then", "goes with it", "the entry")
    return Grid("Through which mechanisms", columns, tuple(rows), note=note, key="explain-chain")


def without(story: Any) -> list[Grid]:
    """What the entry vanishes without: parameters at neutral, whole mechanisms, levers."""
    heads = {
        "mechanism": "whole mechanisms at neutral",
        "hold": "states held as they stood at the start",
        "neutral": "single parameters at neutral",
        "lever": "levers left out",
    }
    out = []
    model = story.replay.model
    for kind, said in heads.items():
        gone = [w for w in story.without if w.kind == kind and w.vanishes]
        of = sum(w.kind == kind for w in story.without)
        if not of:
            continue
        rows = tuple((w.name.replace("_", " "), _meaning(model, w), "never" if w.never else "later") for w in gone[:SHOWN])
        more = f" The first {SHOWN} of {len(gone)}." if len(gone) > SHOWN else ""
        note = f"{len(gone)} of {of} make it vanish by its quarter.{more}"
        if rows:
            out.append(
                Grid(f"It vanishes without: {said}", ("left out", "what it is", "it then comes"), rows, note=note, key=f"explain-{kind}")
            )
    return out


def _meaning(model: Any, w: Any) -> str:
    if w.kind == "mechanism":
        return ""
    kind = {"neutral": model.parameters, "lever": model.levers, "hold": model.states}[w.kind]
    return str(kind[w.name][0].meaning)


def course(story: Any, scenario: Scenario, policy: Any) -> Grid:
    """The future by date."""
    rows = tuple((quarter(h.year), sentence(h, scenario)) for h in dated(story.replay, policy))
    return Grid("The future, by date", ("quarter", "what happens"), rows, key="explain-course")


def dated(found: Any, policy: Any, case: int = 0) -> list[Any]:
    """Happenings of a case with the beginnings of the package's levers, by date; an exit from what is not in force is left out."""
    from detente.analysis.explain import Happening, happenings

    out = [h for h in happenings(found, case) if h.kind != "exit_now" or _alive(found, h, case)]
    starts = dict.fromkeys((u.start, u.lever) for u in policy.levers)
    out += [Happening(start, "lever", lever.replace("_", " ")) for start, lever in starts]
    return sorted(out, key=lambda h: (h.year, h.kind, h.element))


def _alive(found: Any, happening: Any, case: int) -> bool:
    from detente.analysis.project import times

    treaties = list(found.model.world.axes["treaty"])
    k = treaties.index(happening.element.split(":")[0])
    step = int(np.searchsorted(times(found.model)[1], happening.year - 1e-3))
    before = found.start["in_force"][k] if step == 0 else found.traces["in_force"][step - 1, k, case]
    return bool(before > 0.5)


def sentence(h: Any, scenario: Scenario) -> str:
    """One happening in words."""
    where = h.element if h.kind == "lever" else label(scenario, h.element) if h.element else ""
    what = _a(int(h.value)) if h.kind in ("rung", "settles") else ""
    text = KINDS[h.kind].format(where=where, what=what)
    return words.sentence(text + (f" (by {_cause(h.cause)})" if h.cause else ""))


def history(story: Any, scenario: Scenario) -> Grid:
    """The record before the future, as dated in it: the ladder of this rivalry from a crisis up, channels, treaties, offers, interventions."""
    rivalry = story.entry.rivalry
    rows = [
        (r.start, f"{words.sentence(_a(r.rung))}, {label(scenario, rivalry)}: {r.note}")
        for r in scenario.rungs
        if r.rivalry == rivalry and r.rung >= 2
    ]
    rows += [(e.date, _recorded(e, scenario)) for e in scenario.events if e.draw in RECORD and e.value]
    rows.sort(key=lambda r: r[0])
    recent = rows[-SHOWN:]
    note = (
        f"The last {len(recent)} of {len(rows)} dated entries of the record; the future goes on from there."
        if len(rows) > len(recent)
        else ""
    )
    return Grid(
        "The record before it", ("date", "what happened"), tuple((f"{d:%Y-%m}", t) for d, t in recent), note=note, key="explain-record"
    )


def _recorded(event: Any, scenario: Scenario) -> str:
    where = label(scenario, event.item) if event.item else ""
    return words.sentence(KINDS[RECORD[event.draw]].format(where=where, what=""))


# ------------------------------------------------------------------------------------------------------------- the other package


def why_not(story: Any, scenario: Scenario, policy: Any, other: Any, beside: Any, rung: int) -> list[Block]:
    """The same future under another package: does the entry come, and what differs by date."""
    mine, theirs = dated(story.replay, policy), dated(beside, other)
    second = _entry(beside, story.entry.rivalry, rung)
    told = f"Under “{other.label}”, with the same luck, " + (
        "it does not come within the horizon."
        if second is None
        else f"{_a(second.rung)} is entered in {quarter(second.year)}, by {_cause(second.cause)}; probability of that quarter: "
        f"{words.frequency(second.probability)}."
    )
    split = next((h.year for h in sorted(set(mine) ^ set(theirs), key=lambda h: h.year) if h.kind != "lever"), None)
    if split is not None:
        told += f" The two courses first part in {quarter(split)}."
    left = [(h.year, sentence(h, scenario), "") for h in mine if h not in theirs]
    right = [(h.year, "", sentence(h, scenario)) for h in theirs if h not in mine]
    rows = tuple((quarter(y), a, b) for y, a, b in sorted(left + right))
    note = "Only what differs. Same luck: every draw is the same number, asked of another world."
    return [
        told,
        Grid("The same luck under the other package", ("quarter", policy.label, other.label), rows, note=note, key="explain-why-not"),
    ]


def _entry(found: Any, rivalry: str, rung: int) -> Any:
    from detente.analysis.explain import entry

    return entry(found, rivalry, rung)


def data(story: Any, scenario: Scenario, theory: str, policy: Any, other: Any, beside: Any, rung: int) -> dict[str, Any]:
    """Full figures."""
    second = _entry(beside, story.entry.rivalry, rung) if beside is not None else None
    out: dict[str, Any] = {
        "scenario": scenario.id,
        "theory": theory,
        "policy": policy.id,
        "future": story.future,
        "entry": vars(story.entry),
        "other_luck": {"share": story.other_luck, "lucks": story.lucks},
        "chain": [vars(k) for k in story.chain],
        "without": [vars(w) for w in story.without],
        "course": [vars(h) for h in dated(story.replay, policy)],
    }
    if beside is not None:
        out["why_not"] = {"policy": other.id, "entry": vars(second) if second else None, "course": [vars(h) for h in dated(beside, other)]}
    return out
