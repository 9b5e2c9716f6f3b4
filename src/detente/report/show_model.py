"""Pages of `detente show` that need the composed model: levers, parameters, a mechanism, the clock, the wiring."""

from __future__ import annotations

import importlib
from html import escape
from typing import Any

from detente.contract import Mechanism, Parameter
from detente.engine.compose import Model
from detente.report.blocks import Grid, Page

RANGE_COLUMNS = ("parameter", "meaning", "unit", "neutral", "baseline range", "raises", "claims", "source", "disputed by")


def levers(model: Model) -> Page:
    """Measures a government could announce, with the counterpart on the other side, and the packages that use each."""
    scenario = model.scenario
    users = {name: [p.label for p in scenario.policies.values() if any(u.lever == name for u in p.levers)] for name in model.levers}
    rows = tuple(
        (
            name,
            lever.meaning,
            lever.unit,
            lever.per or "one",
            f"{lever.low:g} – {lever.high:g}",
            lever.counterpart,
            "; ".join(users[name]) or "none",
        )
        for name, (lever, _) in model.levers.items()
    )
    data = {
        name: {
            "meaning": v.meaning,
            "unit": v.unit,
            "per": v.per,
            "low": v.low,
            "high": v.high,
            "counterpart": v.counterpart,
            "packages": users[name],
        }
        for name, (v, _) in model.levers.items()
    }
    grid = Grid("Levers", ("lever", "meaning", "unit", "one per", "from – to", "the other side's", "packages"), rows)
    return Page(f"Levers of {scenario.title}", ("A lever at 0 is not in force.", grid), {"scenario": scenario.id, "levers": data})


def parameters(model: Model) -> Page:
    """Every unknown of the model by mechanism, with its baseline range."""
    grids = tuple(Grid(m.name, RANGE_COLUMNS, _parameter_rows(model, m)) for m in model.mechanisms if m.parameters)
    data = {m.name: {name: _parameter_data(model, name, p) for name, p in m.parameters.items()} for m in model.mechanisms}
    count = sum(len(m.parameters) for m in model.mechanisms)
    note = f"{count} parameters, {len(model.rows)} numbers with their elements and the record's offsets."
    return Page(f"Parameters of {model.scenario.title}", (note, *grids), {"scenario": model.scenario.id, "parameters": data})


def mechanism(model: Model, name: str) -> Page:
    """One mechanism: its text (claim, paper, equation), parameters, levers, states, and the theories that move it."""
    m = next(m for m in model.mechanisms if m.name == name)
    text = (importlib.import_module(m.module).__doc__ or "").strip()
    states = tuple((k, s.meaning, s.unit, "/".join(s.axes) or "one") for k, s in m.states.items())
    movers = tuple(
        (
            t.argument,
            r.parameter + (f"[{', '.join(r.elements)}]" if r.elements else ""),
            f"{r.range[0]:g} – {r.range[1]:g}",
            r.confidence,
            ", ".join(r.claims),
        )
        for t in model.scenario.ordered_theories()
        for r in t.ranges
        if r.parameter in m.parameters
    )
    blocks: list[Any] = [text, _flow(model, m)]
    if m.parameters:
        blocks.append(Grid("Parameters", RANGE_COLUMNS, _parameter_rows(model, m)))
    if m.levers:
        blocks.append(
            Grid(
                "Levers",
                ("lever", "meaning", "unit", "one per"),
                tuple((k, v.meaning, v.unit, v.per or "one") for k, v in m.levers.items()),
            )
        )
    blocks.append(Grid("States it writes", ("state", "meaning", "unit", "axes"), states))
    if movers:
        blocks.append(Grid("Readings that move it", ("argument", "parameter", "range", "confidence", "claims"), movers))
    data = {
        "mechanism": name,
        "text": text,
        "reads": m.reads,
        "writes": m.writes,
        "uses": m.uses,
        "draws": dict(m.draws),
        "parameters": {k: _parameter_data(model, k, p) for k, p in m.parameters.items()},
        "levers": {k: {"meaning": v.meaning, "unit": v.unit, "per": v.per} for k, v in m.levers.items()},
        "states": {k: {"meaning": s.meaning, "unit": s.unit, "axes": s.axes} for k, s in m.states.items()},
    }
    return Page(name, tuple(blocks), data)


def _flow(model: Model, m: Mechanism) -> str:
    place = [x.name for x in model.mechanisms].index(m.name) + 1
    return f"Number {place} of {len(model.mechanisms)} in the step. Reads {', '.join(m.reads) or 'nothing'}. Writes {', '.join(m.writes)}."


def _parameter_rows(model: Model, m: Mechanism) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            name,
            p.meaning,
            p.unit,
            "none" if p.neutral is None else f"{p.neutral:g}",
            _baseline(model, name, p),
            p.raises,
            ", ".join(p.claims),
            p.source,
            p.disputed,
        )
        for name, p in m.parameters.items()
    )


def _baseline(model: Model, name: str, p: Parameter) -> str:
    """The range in this scenario; element by element where they differ."""
    spans: dict[tuple[float, float], list[str]] = {}
    for k in model.find(name):
        spans.setdefault((model.rows[k].low, model.rows[k].high), []).append(model.rows[k].element)
    if len(spans) == 1:
        (low, high), _ = spans.popitem()
        return f"{low:g} – {high:g}" + (", log" if p.scale == "log" else "") + (f", one per {p.per}" if p.per else "")
    return "; ".join(f"{', '.join(elements)}: {low:g} – {high:g}" for (low, high), elements in spans.items())


def _parameter_data(model: Model, name: str, p: Parameter) -> dict[str, Any]:
    return {
        "meaning": p.meaning,
        "unit": p.unit,
        "neutral": p.neutral,
        "scale": p.scale,
        "per": p.per,
        "raises": p.raises,
        "source": p.source,
        "claims": p.claims,
        "disputed": p.disputed,
        "kind": p.kind,
        "ranges": {model.rows[k].name: [model.rows[k].low, model.rows[k].high] for k in model.find(name)},
    }


def clock(model: Model) -> Page:
    """The order of a step: what each mechanism reads from this quarter and from the one before, and what it writes."""
    written: set[str] = set()
    rows, data = [], []
    for place, m in enumerate(model.mechanisms, 1):
        now, before = [s for s in m.reads if s in written], [s for s in m.reads if s not in written]
        written |= set(m.writes)
        rows.append((str(place), m.name, ", ".join(now), ", ".join(before), ", ".join(m.writes), ", ".join(m.draws)))
        data.append(
            {"place": place, "mechanism": m.name, "reads_now": now, "reads_before": before, "writes": m.writes, "draws": dict(m.draws)}
        )
    grid = Grid("", ("", "mechanism", "reads of this quarter", "reads of the quarter before", "writes", "draws"), tuple(rows))
    note = (
        "One step is a quarter. The mechanisms run from top to bottom; each sees what those above it wrote. "
        "A draw is sampled, or taken from the record."
    )
    return Page(f"The clock of {model.scenario.title}", (note, grid), {"scenario": model.scenario.id, "clock": data})


def edges(model: Model) -> dict[tuple[str, str], list[str]]:
    """(writer, reader) → states that pass between them."""
    owner = {s: m.name for m in model.mechanisms for s in m.writes}
    found: dict[tuple[str, str], list[str]] = {}
    for m in model.mechanisms:
        for s in m.reads:
            if s in owner and owner[s] != m.name:
                found.setdefault((owner[s], m.name), []).append(s)
    return found


def wiring(model: Model) -> Page:
    """Who feeds whom, and what feeds the mechanisms from outside."""
    flows = edges(model)
    rows = tuple(
        (
            m.name,
            "; ".join(f"{to}: {', '.join(s)}" for (of, to), s in flows.items() if of == m.name) or "nobody",
            ", ".join(dict.fromkeys(of for (of, to) in flows if to == m.name)) or "nobody",
            ", ".join(m.levers),
        )
        for m in model.mechanisms
    )
    grid = Grid("", ("mechanism", "feeds (by which states)", "is fed by", "levers"), rows)
    data = [{"from": of, "to": to, "states": s} for (of, to), s in flows.items()]
    return Page(f"The wiring of {model.scenario.title}", (grid,), {"scenario": model.scenario.id, "edges": data})


def wiring_svg(model: Model) -> str:
    """The wiring as a matrix: the row's mechanism feeds the column's; below the diagonal, through the next quarter."""
    order = [m.name for m in model.mechanisms]
    cell, left, top = 30, 130, 130
    side = cell * len(order)
    width, height = left + side + 60, top + side + 64
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'font-family="sans-serif" font-size="12">',
        f"<title>Who feeds whom: {len(edges(model))} links between {len(order)} mechanisms</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for k, name in enumerate(order):
        x, y = left + k * cell, top + k * cell
        out.append(f'<text x="{left - 8}" y="{y + 19}" text-anchor="end" fill="#222">{escape(name)}</text>')
        out.append(f'<text transform="translate({x + 19},{top - 8}) rotate(-60)" fill="#222">{escape(name)}</text>')
        out.append(f'<rect x="{x}" y="{y}" width="{cell}" height="{cell}" fill="#ddd"/>')
        out.append(f'<path d="M{left} {y}H{left + side}M{x} {top}V{top + side}" stroke="#e4e4e4" fill="none"/>')
    for (of, to), states in edges(model).items():
        row, column = order.index(of), order.index(to)
        x, y = left + column * cell + cell // 2, top + row * cell + cell // 2
        fill = "#3b6c8f" if column > row else "#b98532"
        out.append(
            f"<g><title>{escape(of)} feeds {escape(to)}: {escape(', '.join(states))}</title>"
            f'<circle cx="{x}" cy="{y}" r="11" fill="{fill}"/>'
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" fill="#fff">{len(states)}</text></g>'
        )
    below = top + side + 24
    for k, line in enumerate(
        (
            "The row's mechanism feeds the column's; the number counts the states that pass.",
            "Blue: within the quarter. Ochre: through the next quarter.",
        )
    ):
        out.append(f'<text x="{left}" y="{below + 18 * k}" fill="#444">{line}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
