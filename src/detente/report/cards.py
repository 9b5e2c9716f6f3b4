"""What a figure opens to: cards of packages, readings and value profiles, and every parameter with what each reading says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.engine.compose import Model
from detente.report import package, words
from detente.report.blocks import Block, Fold, Grid
from detente.report.compare import first_view
from detente.report.data import phrase, question_items, readings
from detente.report.provenance import PACKAGE, PARAMETER, PROFILE, READING, baseline, keyed
from detente.report.show import TABLES, bound, names, quarter
from detente.scenario import Policy, Scenario

if TYPE_CHECKING:
    import xarray as xr


def package_card(ds: xr.Dataset, scenario: Scenario, policy: str, more: tuple[Block, ...] = ()) -> Fold:
    """Who proposed it, who signs, whom it binds without a signature, what unravels it, its levers; what it holds and fails under; `more` of it."""
    p: Policy = scenario.policies[policy]
    needs = names(scenario, p.required) or "nobody's signature"
    facts = f"Proposed by: {p.proposer}. Needs: {needs}. {words.sentence(bound(scenario, p))}. Unravels: {p.unravels}."
    rows = tuple(
        (
            u.lever.replace("_", " "),
            names(scenario, u.on) or "all",
            f"{u.effect[0]:g} – {u.effect[1]:g}",
            f"{quarter(u.start)} – {quarter(u.end) if u.end else 'end'}",
            u.note,
            ", ".join(u.source or p.source),
        )
        for u in p.levers
    )
    levers = Grid("", ("measure", "on", "effect (assumed range)", "in force", "note", "source"), rows)
    found = (
        package.holds(ds, scenario, policy, answering(ds, scenario)),
        package.agreement(ds, scenario, policy),
        package.bound(ds, scenario, p),
    )
    whole = package.holds(ds, scenario, policy)
    rest = Fold(f"Every outcome that it moves: {len(whole.rows)}", (keyed(whole, f"all-{policy}"),))
    notes = (p.note,) if p.note else ()
    told = tuple(keyed(g, policy) for g in found)
    return Fold(
        p.label, (facts, *notes, levers, *told[:1], rest, *told[1:], *(more or (closer(policy),))), key=f"{PACKAGE}{policy}", print=True
    )


def answering(ds: xr.Dataset, scenario: Scenario) -> list[str]:
    """Items of the first view of packages, then what else answers the questions."""
    return list(dict.fromkeys((*first_view(ds, scenario), *(item for found in question_items(ds, scenario).values() for item in found))))


def closer(policy: str) -> str:
    """How to get what a plain run leaves out."""
    return f"Under which conditions it fails, and the signs that it is failing: `detente compare --package {policy}`, or `detente run --whole`."


def reading_card(scenario: Scenario, theory: str) -> Fold:
    """The argument, its sentence, whose remarks it reads and that nobody reviewed it, its ranges."""
    t = scenario.theories[theory]
    rows = tuple(
        (
            r.parameter + (f"[{', '.join(r.elements)}]" if r.elements else ""),
            f"{r.range[0]:g} – {r.range[1]:g}",
            ", ".join(r.claims),
            r.confidence,
            r.argument,
            ", ".join(r.source or t.source),
        )
        for r in t.ranges
    )
    holder = words.sentence(t.holder.rstrip("."))
    blocks: list[Block] = [t.sentence, f"{holder}. {words.sentence(TABLES[t.table])}. Read by: {t.reviewed}. Id: {t.id}."]
    blocks += [t.note] if t.note else []
    blocks += [Grid("", ("parameter", "range", "claims", "confidence", "argument", "source"), rows)] if rows else []
    return Fold(t.argument, tuple(blocks), key=f"{READING}{theory}", print=True)


def profile_card(ds: xr.Dataset, scenario: Scenario, profile: str) -> Fold:
    """A value profile: what it finds acceptable, why, and who could hold it."""
    p: Any = scenario.values[profile]
    rows = []
    for a in p.accept:
        items = [f"{a.outcome}[{e}]" for e in a.elements] if a.elements else [a.outcome]
        limit = f"{'at most' if a.direction == 'below' else 'at least'} {a.threshold:g}"
        rows.append((words.listing(phrase(scenario, i) for i in items), limit, a.argument, ", ".join(a.source or p.source)))
    lead = f"Could be held by {p.holder}. {p.note}".rstrip()
    grid = Grid("", ("outcome", "acceptable", "why", "source"), tuple(rows))
    return Fold(f"“{p.label}”: what it finds acceptable", (lead, grid), key=f"{PROFILE}{profile}", print=True)


def parameters(ds: xr.Dataset, model: Model) -> tuple[Fold, ...]:
    """Every parameter by mechanism: meaning, baseline range, source, and the range that each reading gives it with its claims."""
    groups: dict[str, list[str]] = {}
    for name in model.parameters:
        rows = [model.rows[k] for k in model.find(name)]
        if rows:
            groups.setdefault(rows[0].group, []).append(name)
    columns = ("parameter", "meaning", "baseline", "source of the baseline", "ranges of the readings")
    out = []
    for group, members in groups.items():
        body = tuple(_parameter(ds, model, name) for name in members)
        grid = Grid("", columns, body, anchors=tuple(f"{PARAMETER}{name}" for name in members), key=f"parameters-{group}")
        out.append(Fold(words.sentence(group.replace("_", " ")), (grid,)))
    return tuple(out)


def _parameter(ds: xr.Dataset, model: Model, name: str) -> tuple[str, ...]:
    parameter, _ = model.parameters[name]
    said = []
    for reading in readings(ds):
        for r in model.scenario.theories[reading.id].ranges:
            if r.parameter == name:
                on = f" ({names(model.scenario, r.elements)})" if r.elements else ""
                said.append(f"“{reading.argument}”{on}: {r.range[0]:g} – {r.range[1]:g} ({', '.join(r.claims)}; {r.confidence})")
    source = ", ".join(sorted({model.rows[k].source for k in model.find(name)}))
    return name, f"{parameter.meaning} ({parameter.unit})", baseline(model, name), source, "; ".join(said) or "as the baseline"
