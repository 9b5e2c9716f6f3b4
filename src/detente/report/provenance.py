"""Where a figure comes from: parameter → range → claim → source, a card per question and reading; citations of what was used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from detente.engine.compose import Model
from detente.report.blocks import Block, Figure, Fold, Grid
from detente.report.data import packages, question_items, question_parameters, readings, yardstick
from detente.scenario import Scenario, Source, Theory

if TYPE_CHECKING:
    import xarray as xr

PREFIX, CLAIM, SOURCE = "from-", "claim-", "source-"
PACKAGE, READING, PROFILE, PARAMETER = "package-", "reading-", "profile-", "parameter-"
"""Anchors: of cards (`from-Q1-thomson`), claims, sources, packages, readings, value profiles, parameters."""
COLUMNS = ("parameter", "meaning", "range under this reading", "baseline", "why")


def cards(ds: xr.Dataset, model: Model) -> list[Fold]:
    """A card for every question and reading of the result."""
    scenario = model.scenario
    out = []
    for key in question_items(ds, scenario):
        names = [p for p in question_parameters(scenario, key) if p in model.parameters]
        for reading in readings(ds):
            theory = scenario.theories[reading.id]
            grid = Grid("", COLUMNS, tuple(row for p in names for row in _rows(model, theory, p)))
            moved = dict.fromkeys(r.parameter for r in theory.ranges if r.parameter not in names and r.parameter in model.parameters)
            lead = "Parameters that the list of claims names for this question:"
            blocks: list[Block] = [lead, grid]
            if moved:
                rest = tuple(row for p in moved for row in _rows(model, theory, p))
                blocks += ["What else this reading moves, and may reach the question through other mechanisms:", Grid("", COLUMNS, rest)]
            out.append(Fold(f"{key} under “{reading.argument}”", tuple(blocks), key=f"{PREFIX}{key}-{reading.id}"))
    return out


def _rows(model: Model, theory: Theory, name: str) -> Iterable[tuple[str, ...]]:
    """One row per range that the theory gives to the parameter; one with the baseline when it gives none."""
    parameter, _ = model.parameters[name]
    usual = baseline(model, name)
    said = [r for r in theory.ranges if r.parameter == name]
    meaning = f"{parameter.meaning} ({parameter.unit})"
    if not said:
        source = sorted({model.rows[k].source for k in model.find(name)})
        yield name, meaning, "baseline", usual, f"not spoken of; baseline: {', '.join(source)}"
    for r in said:
        elements = f"[{', '.join(r.elements)}]" if r.elements else ""
        place = f", {r.place}" if r.place else ""
        sources = f" Source: {', '.join(r.source or theory.source)}." if (r.source or theory.source) else ""
        why = f"{', '.join(r.claims)} ({r.confidence}{place}). {r.argument}{sources}"
        yield f"{name}{elements}", meaning, f"{r.range[0]:g} – {r.range[1]:g}", usual, why


def baseline(model: Model, name: str) -> str:
    """The baseline's range of a parameter; one per element where they differ."""
    spans = dict.fromkeys((model.rows[k].low, model.rows[k].high) for k in model.find(name))
    return "; ".join(f"{low:g} – {high:g}" for low, high in spans)


def used_sources(ds: xr.Dataset, model: Model) -> list[str]:
    """Keys of the bibliography behind what the run used: parameters, theories, packages, values, record; in the bibliography's order."""
    scenario = model.scenario
    found: set[str] = set(scenario.source)
    found.update(key.strip() for row in model.rows for key in row.source.split(","))
    for p, _ in model.parameters.values():
        found.add(p.disputed)
    for reading in readings(ds):
        theory = scenario.theories[reading.id]
        found.update((*theory.source, *(key for r in theory.ranges for key in r.source)))
    for policy in packages(ds):
        p = scenario.policies[policy]
        found.update((*p.source, *(key for use in p.levers for key in use.source)))
    for profile in scenario.values.values():
        found.update(profile.source)
    for series in scenario.record:
        found.update(series.source)
    for table in (scenario.events, scenario.rungs, scenario.measures):
        found.update(row.source for row in table)
    found.update(key for v in scenario.views for key in v.source)
    return [key for key in scenario.sources if key in found]


def citations(ds: xr.Dataset, model: Model) -> Grid:
    """The bibliography of the run, with what nobody looked up marked so."""
    keys = used_sources(ds, model)
    rows = tuple((key, citation(model.scenario.sources[key])) for key in keys)
    memory = sum(model.scenario.sources[k].from_memory for k in keys)
    note = f"{len(rows)} entries, exactly those that this run used. {memory} are cited from memory and say so."
    return Grid("", ("key", "source"), rows, note=note, key="citations", anchors=tuple(f"{SOURCE}{key}" for key in keys))


def link_names(text: str, anchors: Collection[str]) -> str:
    """Escaped text in which every claim (S4) and every key of the citations leads to its place, where the page has it."""
    import markupsafe

    def link(match: re.Match[str]) -> str:
        word = match.group()
        place = f"{CLAIM if re.fullmatch(r'[SQ][0-9]+', word) else SOURCE}{word}"
        return f'<a href="#{place}">{word}</a>' if place in anchors else word

    return re.sub(r"(?<![&#\w])(?<!\d )[A-Za-z][\w]*", link, str(markupsafe.escape(text)))  # `2022 Q3` is a quarter and no question


def keyed(block: Any, name: str) -> Any:
    """A table under a key of its own, where the same kind of table stands on a page more than once."""
    return replace(block, key=f"{block.key}-{name}") if isinstance(block, Grid | Figure) and block.key else block


def opened(blocks: tuple[Block, ...], ds: xr.Dataset, scenario: Scenario, parameters: Collection[str]) -> tuple[Block, ...]:
    """The same blocks, each table's figures leading to the card of what its row is of and each head to that of its column: packages, readings, value
    profiles, parameters. A table that has links of its own, or rows that others lead to, keeps them."""
    cards = {label: f"{PACKAGE}{p}" for p, label in packages(ds).items() if p != yardstick(ds)}
    cards |= {r.argument: f"{READING}{r.id}" for r in readings(ds)} | {v.label: f"{PROFILE}{v.id}" for v in scenario.values.values()}
    cards |= {name: f"{PARAMETER}{name}" for name in parameters}

    def card(text: str) -> str:
        bare = re.sub(r" [(\[].*$", "", text)
        return next((cards[t] for t in (text, bare, text.partition("[")[0]) if t in cards), "")

    def of(grid: Grid) -> Grid:
        if grid.anchors:
            return grid
        links = grid.links or tuple(card(row[0]) for row in grid.rows)
        heads = grid.heads or tuple(card(c) if k and not card(c).startswith(PARAMETER) else "" for k, c in enumerate(grid.columns))
        whole = grid.numeric or not any(
            link.startswith(PARAMETER) for link in links
        )  # a card's own rows keep their claims and sources as links
        return replace(grid, links=links if whole else grid.links, heads=heads)

    def walk(block: Block) -> Block:
        if isinstance(block, Grid):
            return of(block)
        if isinstance(block, Figure):
            return replace(block, grid=of(block.grid)) if block.grid else block
        return replace(block, blocks=tuple(walk(b) for b in block.blocks)) if isinstance(block, Fold) else block

    return tuple(walk(b) for b in blocks)


def citation(source: Source) -> str:
    """One entry in words: authors, year, title, publisher, doi, licence."""
    parts: list[Any] = [", ".join(source.authors), str(source.year or ""), source.title, source.publisher or ""]
    text = ". ".join(part for part in parts if part)
    tail = [f"doi:{source.doi}" if source.doi else "", source.url or "", source.licence or "", "from memory" if source.from_memory else ""]
    return f"{text}. {'. '.join(part for part in tail if part)}".strip()


def command(ds: xr.Dataset, scenario: Scenario) -> str:
    """The command that makes this result again."""
    words = ["detente run", scenario.id, f"--futures {ds.attrs['futures']}", f"--seed {ds.attrs['seed']}"]
    if len(readings(ds)) < len(scenario.theories):
        words += [f"--theory {r.id}" for r in readings(ds)]
    if len(packages(ds)) < len(scenario.policies):
        words += [f"--policy {p}" for p in packages(ds)]
    return " ".join(words)
