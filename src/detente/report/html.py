"""The report as sections of blocks, and the two forms it is written in: one self-contained HTML file, and Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analysis.questions import answers
from detente.engine.compose import Model
from detente.report import charts, compare, sliders, tables, words
from detente.report.blocks import Block, Figure, Fold, Grid, Page, plain, to_markdown
from detente.report.cards import package_card, parameters, profile_card, reading_card
from detente.report.data import main_elements, packages, readings, yardstick
from detente.report.provenance import CLAIM, PREFIX, cards, citations, command, link_names, opened
from detente.report.show import day
from detente.report.show_claims import read_claims, saying
from detente.report.speakers import covered, surnames
from detente.scenario import Scenario, ScenarioError
from detente.scenario.read import read_text

if TYPE_CHECKING:
    import xarray as xr

TEMPLATES = Path(__file__).resolve().parent / "template"


@dataclass(frozen=True)
class Section:
    """A heading with its blocks; a section without blocks is left out."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """Everything the report says, before its form."""

    title: str
    front: tuple[tuple[str, str], ...]
    stamp: str
    foot: str
    sections: tuple[Section, ...]
    sliders: Mapping[str, Any] | None = None
    """What the sliders' script needs (`report.sliders.data`); None where no grid is stored."""
    names: tuple[str, ...] = ()
    """Surnames that a reader may cover."""


def front(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """(heading, text) of the first page: the scenario's own `front.md`, then what a figure is."""
    found = []
    path = scenario.origin.folder / "front.md"
    if path.exists():
        for part in read_text(path, "front.md").split("\n\n"):
            head, _, text = part.strip().removeprefix("**").partition(".** ")
            if text:
                found.append((head, " ".join(text.split())))
    return (*found, ("What a figure is", words.WHAT_A_FIGURE_IS))


def report(
    ds: xr.Dataset,
    model: Model,
    live: bool = True,
    more: Mapping[str, tuple[Block, ...]] | None = None,
    grid: xr.Dataset | None = None,
) -> Report:
    """The report of a result; `live`: pictures follow the page's colours; `more`: what further analyses add (`report.whole.parts`); `grid`: stored
    responses (`analysis.grid`) for sliders."""
    scenario, more = model.scenario, more or {}
    draw = partial(figure, ds, scenario, live=live)
    sections = (
        Section("questions", "The question", _questions(scenario)),
        Section("answers", "Five answers, side by side", _answers(ds, scenario, more)),
        Section("pictures", "History joined to futures", _pictures(ds, scenario, draw)),
        Section("packages", "What a package of measures changes", _packages(ds, scenario, draw)),
        Section("sliders", "Move the measures", () if grid is None else sliders.blocks(ds, grid, scenario)),
        Section("survival", "What survives, and for whom", _survival(ds, scenario, draw)),
        Section("gains", "Who gains and loses", _gains(ds, scenario)),
        Section("cards", "Package cards", _package_cards(ds, scenario, more)),
        Section("crux", "Who disagrees with whom about what", more.get("crux", ())),
        Section("signposts", "What to watch", more.get("signposts", ())),
        Section("fit", "What the record says of our readings", (*_fit(ds), *more.get("fit", ()))),
        Section("readings", "The readings", tuple(reading_card(scenario, r.id) for r in readings(ds))),
        Section("provenance", "Where the figures come from", tuple(cards(ds, model))),
        Section("parameters", "Every parameter", parameters(ds, model)),
        Section("claims", "The discussion, claim by claim", _claims(scenario)),
        Section("history", "What two centuries say of four of its claims", _history(scenario)),
        Section("sources", "Citations", (citations(ds, model),)),
        Section("again", "To make this again", _again(ds, scenario, whole=bool(more))),
    )
    stamp = f"As of {day(scenario.as_of)}. Futures {scenario.as_of.year + 1}–{scenario.horizon.end.year}."
    moving = None if grid is None else sliders.data(ds, grid, scenario)
    kept = tuple(Section(s.key, s.title, opened(s.blocks, ds, scenario, model.parameters)) for s in sections if any(s.blocks))
    return Report(scenario.title, front(scenario), stamp, tables.foot(ds), kept, moving, surnames(scenario))


def _questions(scenario: Scenario) -> tuple[Block, ...]:
    lead = "The panel was asked five questions. The questions are the host's; their premises are not ours."
    return (lead, Grid("", ("", "question"), tuple((k, q.text) for k, q in scenario.questions.items())))


def _answers(ds: xr.Dataset, scenario: Scenario, more: Mapping[str, tuple[Block, ...]] | None = None) -> tuple[Block, ...]:
    lead = (
        "Without any new policy. A row is a reading, in the order in which the speakers spoke, never a ranking; no average is taken. "
        "A figure opens to what it rests on."
    )
    out: list[Block] = [lead]
    said = {answer.question: " ".join(answer.sentences) for answer in answers(ds, scenario)}
    for grid in tables.answers(ds, scenario, key_of=PREFIX):
        if grid.key in said:
            out.append(" ".join((f"{grid.key}. {said[grid.key]}", *(str(b) for b in (more or {}).get(f"moves-{grid.key}", ())))))
        out.append(grid)
        if grid.key == "Q2" and (three := tables.origins(ds, scenario)) is not None:
            out.append(three)
        view = tables.outside(scenario, grid.key)
        if view is not None:
            out.append(view)
    return tuple(out)


def _pictures(ds: xr.Dataset, scenario: Scenario, draw: Callable[[Any], Any]) -> tuple[Block, ...]:
    found = [charts.history(ds, scenario, state) for state in ("threat", "conduct", "arms")]
    return tuple(draw(p) for p in (*found, charts.rungs(ds, scenario), charts.channels(ds, scenario)) if p is not None)


def headline(ds: xr.Dataset, scenario: Scenario) -> list[str]:
    """Outcomes of the first view of packages: a crisis of the first rivalry, and the channel that a question asks about."""
    known = [f"{n}[{e}]" if e else n for n in ("crisis", "clash", "reopened") for e in main_elements(ds, scenario, n)[:1]]
    return [i for i in known if i in {str(x) for x in ds["item"].values}]


def _packages(ds: xr.Dataset, scenario: Scenario, draw: Callable[[Any], Any]) -> tuple[Block, ...]:
    if len(packages(ds)) < 2:
        return ()
    out: list[Block] = []
    for item in headline(ds, scenario):
        out += [draw(charts.difference_map(ds, scenario, item)), tables.package_ranges(ds, scenario, item)]
    first = headline(ds, scenario)[:1]
    folds = [Fold(r.argument, tuple(tables.three_columns(ds, scenario, r.id, i) for i in first)) for r in readings(ds)]
    compared = Fold("Packages compared: regret, dominance, who gains, order and how sure it is, spreads", compare.compared(ds, scenario))
    return (*out, "If adopted and kept, chance of being agreed, expected, under each reading:", *folds, compared)


def _survival(ds: xr.Dataset, scenario: Scenario, draw: Callable[[Any], Any]) -> tuple[Block, ...]:
    if not scenario.values or "survival" not in ds:
        return ()
    regret = tables.worst_case(ds, scenario)
    maps = (draw(charts.survival_map(ds, scenario, p)) for p in scenario.values)
    held = (profile_card(ds, scenario, p) for p in scenario.values)
    return (tables.survival_ranges(ds, scenario), *held, *((regret,) if regret else ()), *maps)


def _gains(ds: xr.Dataset, scenario: Scenario) -> tuple[Block, ...]:
    chosen = [p for p in packages(ds) if p != yardstick(ds)]
    return tuple(Fold(scenario.policies[p].label, (tables.gains_and_losses(ds, scenario, p),)) for p in chosen)


def _fit(ds: xr.Dataset) -> tuple[Block, ...]:
    grid = tables.fit(ds)
    if grid is None:
        return ()
    warning = (
        "A weight is a statement about our ranges and our error model, not about a person, and it is fragile. It stays closed here so "
        "that nobody reads a ranking off a wall."
    )
    return (warning, Fold("Fit of our reading: open on request", (grid,)))


def _package_cards(ds: xr.Dataset, scenario: Scenario, more: Mapping[str, tuple[Block, ...]]) -> tuple[Block, ...]:
    chosen = (p for p in packages(ds) if p != yardstick(ds))
    return tuple(package_card(ds, scenario, p, more.get(f"package-{p}", ())) for p in chosen)


def _claims(scenario: Scenario) -> tuple[Block, ...]:
    try:
        rows = read_claims(scenario)
    except ScenarioError:
        return ()
    body = tuple((r["id"], saying(r), ", ".join(r.get("mechanisms", ())), ", ".join(r.get("outcomes", ()))) for r in rows)
    note = "In our words, after the host's report; a reading of a report and not a portrait of a person."
    columns = ("", "claim or question", "mechanisms", "outcomes")
    return (Grid("", columns, body, note=note, key="claims-table", anchors=tuple(f"{CLAIM}{r['id']}" for r in rows)),)


def _history(scenario: Scenario) -> tuple[Block, ...]:
    """Claims about history, where the scenario holds the discussion that made them."""
    from detente.report.claim_blocks import claim_blocks

    return claim_blocks() if _claims(scenario) else ()


MORE = (
    "`detente run --whole` adds who disagrees with whom about what, what to watch, fit over time and how fragile it is, under which conditions each package "
    "fails, and on which parameters the answers turn; it takes minutes the first time."
)


def _again(ds: xr.Dataset, scenario: Scenario, whole: bool) -> tuple[Block, ...]:
    facts = {
        "scenario": scenario.id,
        "version": str(ds.attrs.get("version", "")),
        "seed": str(ds.attrs["seed"]),
        "futures per cell": str(ds.attrs["futures"]),
        "digest": str(ds.attrs.get("digest", ""))[:16],
        "command": command(ds, scenario) + (" --whole" if whole else ""),
    }
    return (Grid("", ("", ""), tuple(facts.items())), *(() if whole else (MORE,)))


def figure(ds: xr.Dataset, scenario: Scenario, picture: charts.Picture, live: bool = True) -> Figure:
    """A picture with the table behind it."""
    grid = Grid(picture.title, picture.columns, picture.rows, numeric=True)
    return Figure(picture.title, charts.to_svg(picture, live), picture.alt, grid, picture.note, tables.foot(ds), picture.key)


def to_html(whole: Report) -> str:
    """One file: no script from elsewhere, no network, light and dark, prints."""
    import jinja2
    import markupsafe

    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.tests |= {
        "grid": lambda b: isinstance(b, Grid),
        "figure": lambda b: isinstance(b, Figure),
        "fold": lambda b: isinstance(b, Fold),
    }
    anchors = frozenset(a for s in whole.sections for b in s.blocks if isinstance(b, Grid) for a in b.anchors)
    environment.filters["linked"] = lambda text: markupsafe.Markup(covered(link_names(text, anchors), whole.names))
    environment.filters["covered"] = lambda text: markupsafe.Markup(covered(str(markupsafe.escape(text)), whole.names))
    stored = (
        None
        if whole.sliders is None
        else json.dumps(plain(whole.sliders), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    )
    return environment.get_template("report.html.j2").render(report=whole, stored=stored and markupsafe.Markup(stored))


def report_markdown(whole: Report) -> str:
    """The same as Markdown; a picture is its words and its table."""
    parts = [f"# {whole.title}", whole.stamp, *(f"**{head}.** {text}" for head, text in whole.front)]
    parts += [to_markdown(Page(s.title, s.blocks), level=2) for s in whole.sections]
    return "\n\n".join([*parts, f"*{whole.foot}*"]) + "\n"


def terminal_page(ds: xr.Dataset, scenario: Scenario) -> Page:
    """What `detente run` prints at the end: the five answers, the outside view, packages, survival, fit."""
    blocks: list[Block] = [*_answers(ds, scenario)]
    if len(packages(ds)) > 1:
        blocks += [tables.package_ranges(ds, scenario, item) for item in headline(ds, scenario)]
        regret = tables.worst_case(ds, scenario)
        blocks += [
            *((tables.survival_ranges(ds, scenario),) if scenario.values else ()),
            *((regret,) if regret else ()),
            *(tables.survival(ds, scenario, p) for p in scenario.values),
        ]
    found = tables.fit(ds)
    blocks += [*([found] if found is not None else []), MORE]
    return Page(f"{scenario.title}. As of {day(scenario.as_of)}", tuple(blocks))


def figures(whole: Report) -> list[tuple[str, str]]:
    """(name, SVG) of every picture of the report, each to be handed on by itself: title, note and foot are part of it."""
    found: list[tuple[str, str]] = []

    def walk(blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if isinstance(block, Figure):
                found.append((block.key, charts.framed(block.svg, block.title, block.note, block.foot)))
            elif isinstance(block, Fold):
                walk(block.blocks)

    for section in whole.sections:
        walk(section.blocks)
    return found
