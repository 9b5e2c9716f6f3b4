"""Published results against ours, number by number: for a terminal, as JSON, and as Markdown."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.replications.registry import Outcome, Paper, left_out, names, paper
from detente.report.blocks import Grid, Page, grid_markdown, to_terminal
from detente.report.files import write_text
from detente.scenario.errors import ScenarioError, unknown

COLUMNS = ("result", "published", "ours", "differs", "allowed", "kind, known", "")
ORIGINS = {"published+computed": "recomputed"}
KINDS = (
    "analytic: the model's own algebra, to five digits or more. numerical: by iteration or through the engine in float32, to the tolerance "
    "shown. statistical: by simulation, within three standard errors. ± a standard error. Known: published, printed there; recomputed, from inputs that "
    "are printed there; model, by a second method from the model as published."
)
STATUS = {
    "replication": "a published number or theorem is met",
    "after": "after the paper: a reduced form or reconstruction; its numbers are ours, not the paper's",
}


@dataclass(frozen=True)
class Answer:
    """A paper with its outcomes; `missing` is the library that it needs and that is not there (then there are no outcomes)."""

    paper: Paper
    outcomes: tuple[Outcome, ...]
    missing: str = ""

    @property
    def met(self) -> int:
        """How many checks are met."""
        return sum(o.met for o in self.outcomes)

    @property
    def whole(self) -> bool:
        """True if it ran and everything was met."""
        return not self.missing and self.met == len(self.outcomes)


def answer(name: str) -> Answer:
    """Runs one paper."""
    found = paper(name)
    try:
        return Answer(found, tuple(found.outcomes()))
    except ModuleNotFoundError as error:
        return Answer(found, (), error.name or str(error))


def number(value: float) -> str:
    """Six significant digits."""
    return f"{value:.6g}" if math.isfinite(value) else "not finite"


def readable(name: str) -> str:
    """`fit.total_sum[0]` → `fit: total sum 1`."""
    name = re.sub(r"\[(\d+)\]", lambda m: f" {int(m[1]) + 1}", name.replace("_", " "))
    return re.sub(r"\.(?!\d)", ": ", name)


def row(outcome: Outcome) -> tuple[str, ...]:
    """A check as words."""
    check = outcome.check
    verdict = "met" if outcome.met else "SHORT"
    name, kind = readable(check.name), f"{check.kind}, {ORIGINS.get(check.origin, check.origin)}"
    if check.holds:
        published, ours = ({1.0: "holds", 0.0: "does not hold"}.get(x, number(x)) for x in (check.published, outcome.value))
        return (name, published, ours, "", "", kind, verdict)
    draws = f", {outcome.draws:,} draws" if outcome.draws is not None else ""
    error = outcome.error if outcome.se is None else outcome.se
    ours = number(outcome.value) + (f" ± {error:.2g}" if error is not None else "")
    published = number(check.published) + (f" ± {check.error:.2g}" if check.error else "")
    return (name, published, ours, f"{outcome.difference:+.0e}", f"{outcome.allowed:.0e}", kind + draws, verdict)


def _grid(found: Answer, title: str = "") -> Grid:
    return Grid(title, COLUMNS, tuple(map(row, found.outcomes)))


def _origins(found: Answer) -> str:
    """Where the published side comes from, by count."""
    counts: dict[str, int] = {}
    for o in found.outcomes:
        counts[o.check.origin] = counts.get(o.check.origin, 0) + 1
    return ", ".join(f"{n} {origin}" for origin, n in sorted(counts.items(), key=lambda item: -item[1]))


def _count(found: Answer) -> str:
    if found.missing:
        return f"not run: needs {found.missing} (pip install 'detente[all]')"
    return f"{found.met} of {len(found.outcomes)} met"


def _short(value: Any, limit: int = 160) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def paper_page(found: Answer) -> Page:
    """One paper: citation, claim, equation, inputs, every value, what was left out."""
    p = found.paper
    blocks: list[Any] = [f"{p.name}: {STATUS[p.status]}. {_count(found)}."]
    blocks += [f"{label}\n{text}" for label, text in p.parts.items()]
    blocks.append("Inputs\n" + "\n".join(f"{key}: {_short(value)}" for key, value in p.inputs.items()))
    if found.outcomes:
        blocks += [_grid(found), f"Published values: {_origins(found)}. {KINDS}"]
    if p.left_out:
        blocks.append("Left out\n" + "\n".join(f"– {what}: {why}" for what, why in p.left_out.items()))
    return Page(p.title, tuple(blocks), data(found))


def list_page(found: Sequence[Answer]) -> Page:
    """Every paper and every value."""
    total, met = sum(len(a.outcomes) for a in found), sum(a.met for a in found)
    rows = tuple((a.paper.name, a.paper.title, a.paper.status, _count(a)) for a in found)
    blocks: list[Any] = [Grid("", ("paper", "result", "may be called", "values"), rows)]
    blocks += [_grid(a, f"{a.paper.name} – {a.paper.title}") for a in found if a.outcomes]
    missing = [a.paper.name for a in found if a.missing]
    blocks.append(f"{met} of {total} values met" + (f"; not run: {', '.join(missing)}" if missing else "") + ".")
    blocks.append("Left out, and why\n" + "\n".join(f"– {what}: {why}" for what, why in _left_out(found)))
    blocks.append(KINDS + " detente replicate PAPER tells one with its equation, inputs and source.")
    whole = {"met": met, "values": total, "not_run": missing, "papers": [data(a) for a in found], "left_out": dict(_left_out(found))}
    return Page("Published results against ours", tuple(blocks), whole)


def _left_out(found: Sequence[Answer]) -> list[tuple[str, str]]:
    """What of the design is not reproduced, and why: of the papers that have a file, then of those that have none."""
    rows = [(f"{a.paper.name}, {what}", why) for a in found for what, why in a.paper.left_out.items()]
    return rows + [(row["what"], row["why"]) for row in left_out()]


def data(found: Answer) -> dict[str, Any]:
    """A paper and its outcomes as plain data."""
    p = found.paper
    values = [
        {
            "name": o.check.name,
            "published": o.check.published,
            "published_error": o.check.error or None,
            "ours": o.value if math.isfinite(o.value) else None,
            "difference": o.difference if math.isfinite(o.difference) else None,
            "allowed": o.allowed,
            "standard_error": o.error if o.se is None else o.se,
            "draws": o.draws,
            "kind": o.check.kind,
            "origin": o.check.origin,
            "checkpoint": o.check.checkpoint or None,
            "met": o.met,
        }
        for o in found.outcomes
    ]
    parts = {label.lower(): text for label, text in p.parts.items()}
    head = {"paper": p.name, "title": p.title, "status": p.status, "needs": found.missing or None}
    return head | parts | {"left_out": dict(p.left_out), "values": values}


def markdown(found: Sequence[Answer], command: str) -> str:
    """The documentation page: every paper with its values, and what was left out and why."""
    total, met = sum(len(a.outcomes) for a in found), sum(a.met for a in found)
    lines = ["# Published results against ours", ""]
    lines += [
        f"Written by `{command}`; the same values are printed by `detente replicate` and held by the tests. {met} of {total} values are met.",
        "",
        "A result is reproduced by the functions that the main job itself runs: the mechanism composed alone with the others held still, or "
        f"the pure function that its step calls. {KINDS}",
        "",
        "A paper *may be called* a replication only where a published number or theorem is met; otherwise it is *after* the paper.",
        "",
        "| paper | result | may be called | values |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| [{a.paper.name}](#{a.paper.name}) | {a.paper.title} | {a.paper.status} | {_count(a)} |" for a in found]
    for a in found:
        lines += ["", f"({a.paper.name})=", f"## {a.paper.title}", ""]
        lines += [f"- **{label}**: {' '.join(text.split())}" for label, text in a.paper.parts.items()]
        lines += ["", f"`detente replicate {a.paper.name}`: {_count(a)}; published values: {_origins(a)}.", ""]
        lines += [grid_markdown(_grid(a))]
    lines += ["", "## Left out, and why", ""]
    lines += [f"- **{what}**: {why}" for what, why in _left_out(found)]
    return "\n".join(lines) + "\n"


def figure_svg(found: Paper) -> str:
    """The paper's picture as SVG, dressed like every other."""
    from detente.report.picture import Picture, dress, to_svg

    said = found.parts["Claim"]
    return to_svg(Picture(found.name, found.title, said, dress(found.picture()).properties(background="white"), "", (), ()))


def answers(wanted: Sequence[str], told: Callable[[str], None] = lambda name: None) -> list[Answer]:
    """Runs the papers in order; `told` hears which is next."""
    out = []
    for name in wanted:
        told(name)
        out.append(answer(name))
    return out


def replicate_command(paper: str | None = None, json_: bool = False, figure: Path | None = None) -> int:
    """`detente replicate [PAPER] [--json] [--figure FILE]`: exit code 0 if every value is met, 1 if any falls short or cannot be run.

    Raises ScenarioError for an unknown paper, or a figure without one.
    """
    from rich.console import Console

    known = names()
    if paper is not None and paper not in known:
        raise ScenarioError(unknown("paper", paper, known))
    if figure is not None and paper is None:
        raise ScenarioError(f"a figure belongs to one paper: detente replicate PAPER --figure FILE; papers are {', '.join(known)}")
    err = Console(stderr=True)
    with err.status("") as status:
        found = answers([paper] if paper else known, lambda name: status.update(f"running {name}"))
        if figure is not None:
            write_text(figure, figure_svg(found[0].paper))
    page = paper_page(found[0]) if paper else list_page(found)
    if json_:
        sys.stdout.write(json.dumps(page.data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        to_terminal(page, Console())
    return 0 if all(a.whole for a in found) else 1
