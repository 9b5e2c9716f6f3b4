"""The report's own sliders: a stored grid of responses as words, bars and tables, so that a page without a server can move."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import tables, words
from detente.report.blocks import Block, Fold, Grid
from detente.report.cards import answering
from detente.report.data import Cell, cell, gain, phrase, readings, yardstick
from detente.report.provenance import PACKAGE, READING
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

STRENGTHS = ("not at all", "by half", "in full")
"""Words for the strengths of the grid."""
WIDE = 1000
"""Units of a bar's axis."""


def blocks(ds: xr.Dataset, grid: xr.Dataset, scenario: Scenario) -> tuple[Block, ...]:
    """What the sliders are and, for print and for those without a script, the same as tables."""
    chosen = [scenario.policies[p].label for p in grid.attrs["packages"]]
    lead = (
        f"What can be moved: {words.listing(f'“{c}”' for c in chosen)}, each not at all, by half or in full, together, under every reading: "
        f"{grid.sizes['policy']} combinations, {grid.attrs['futures']} futures each, on the same luck, run when this page was written. "
        "A slider stops only where futures were run; nothing is interpolated. These are the packages that tell most of the answers apart from no change, "
        "none pulling a lever that another pulls. Adopted and kept, as if agreed: how likely a reading holds that to be stands on the package's card."
    )
    folds = [
        Fold(f"The combinations as a table: {phrase(scenario, i)}", (table(ds, grid, scenario, i),), print=not k)
        for k, i in enumerate(answering(ds, scenario))
    ]
    return (lead, *folds)


def table(ds: xr.Dataset, grid: xr.Dataset, scenario: Scenario, item: str) -> Grid:
    """One outcome: differences to no change of every combination, by reading."""
    one, found = grid.isel(setting=0), readings(ds)
    share = bool(one["share"].sel(item=item))
    rows = [("no change", *(cell(ds, r.id, yardstick(ds), item).short() for r in found))]
    rows += [
        (_said(grid, scenario, str(point)), *(words.signed(*gain(one, r.id, str(point), item), share=share) for r in found))
        for point in list(one["policy"].values)[1:]
    ]
    unit = "futures in 100" if share else str(ds["unit"].sel(item=item).item())
    note = f"In {unit}. First line: no change. Below: differences to it on the same futures; ·: the interval holds zero. Adopted and kept."
    heads = ("", *(f"{READING}{r.id}" for r in found))
    key = f"grid-{item.replace('[', '-').rstrip(']')}"
    return Grid("", ("", *(r.argument for r in found)), tuple(rows), note=note, foot=tables.foot(ds), key=key, numeric=True, heads=heads)


def _said(grid: xr.Dataset, scenario: Scenario, point: str) -> str:
    """A combination in words: `reopen and talk by half; arms control restored in full`."""
    pulled = zip(grid.attrs["packages"], map(int, point.split("-")), strict=True)
    return "; ".join(f"{scenario.policies[name].label} {STRENGTHS[k]}" for name, k in pulled if k)


def data(ds: xr.Dataset, grid: xr.Dataset, scenario: Scenario) -> dict[str, Any]:
    """All that the page's script needs: words ready to be shown, and bars in thousandths of an axis."""
    items, found = answering(ds, scenario), readings(ds)
    return {
        "packages": [{"label": scenario.policies[p].label, "card": f"{PACKAGE}{p}"} for p in grid.attrs["packages"]],
        "strengths": list(STRENGTHS),
        "readings": [{"argument": r.argument, "card": f"{READING}{r.id}", "at": r.table == "at"} for r in found],
        "settings": [_setting(grid, scenario, k) for k in range(grid.sizes["setting"])],
        "items": [_item(ds, grid, scenario, item) for item in items],
    }


def _setting(grid: xr.Dataset, scenario: Scenario, place: int) -> str:
    name, value = str(grid["parameter"].values[place]), float(grid["value"].values[place])
    if not name:
        return "as each reading has it"
    return f"{name} held at {words.figure(value)} under all ({grid.attrs['held'][name].rstrip('.')})"


def _item(ds: xr.Dataset, grid: xr.Dataset, scenario: Scenario, item: str) -> dict[str, Any]:
    """One outcome: without and with, by setting, point and reading; the ends of its axis in words."""
    found, points = readings(ds), [str(p) for p in grid["policy"].values]
    cells = [[[_cell(ds, grid, s, r.id, p, item) for r in found] for p in points] for s in range(grid.sizes["setting"])]
    flat = [c for rows in cells for row in rows for c, _ in row if _drawn(c)]
    share = bool(grid["share"].sel(item=item))
    low = 0.0 if share else min((c.low for c in flat), default=0.0)
    high = max((c.high for c in flat), default=1.0)
    ends = [words.hundredths(x) if share else words.figure(x) for x in (low, high)]
    unit = "in 100 futures" if share else str(ds["unit"].sel(item=item).item())
    return {
        "name": phrase(scenario, item),
        "unit": unit,
        "ends": ends,
        "cells": [[[_entry(c, change, low, high) for c, change in row] for row in rows] for rows in cells],
        "said": [[_sentence(ds, grid.isel(setting=s), scenario, p, item) for p in points] for s in range(grid.sizes["setting"])],
    }


def _cell(ds: xr.Dataset, grid: xr.Dataset, setting: int, theory: str, point: str, item: str) -> tuple[Cell, str]:
    """The level and the difference in words. A level is no change as the tables have it, and the paired difference on top."""
    one = grid.isel(setting=setting)
    first = str(one["policy"].values[0])
    own = cell(one, theory, first, item)
    base = cell(ds, theory, yardstick(ds), item) if setting == 0 else own
    if point == first:
        return base, ""
    here, change = cell(one, theory, point, item), gain(one, theory, point, item)
    said = words.difference(*change, share=here.share)
    if not words.told_apart(*change[1:]):
        return base, said
    return _moved(here, base.mean + change[0]), said


def _moved(here: Cell, level: float) -> Cell:
    """A figure with its range at another level."""
    mean, low, high = (x + level - here.mean for x in (here.mean, here.low, here.high))
    if here.share:
        mean, low, high = (min(max(x, 0.0), 1.0) for x in (mean, low, high))
    return replace(here, mean=mean, low=low, high=high)


def _drawn(c: Cell) -> bool:
    return bool(np.isfinite([c.mean, c.low, c.high]).all()) and c.short() not in (words.UNSETTLED, words.TOO_FEW, words.NEARLY_ALL)


def _entry(c: Cell, change: str, low: float, high: float) -> list[Any]:
    """[level, difference, bar's low end, middle, high end]; no bar for a figure that may not be said."""
    text = c.short()
    if not _drawn(c):
        return [text, change]
    places = [round(WIDE * (x - low) / (high - low)) if high > low else 0 for x in (c.low, c.mean, c.high)]
    return [text, change, *(min(max(p, 0), WIDE) for p in places)]


def _sentence(ds: xr.Dataset, one: xr.Dataset, scenario: Scenario, point: str, item: str) -> str:
    """Under how many readings at the table it is more, less, or not told apart."""
    if point == str(one["policy"].values[0]):
        return f"No change: {phrase(scenario, item)}, under every reading."
    table = tables.at_table(ds)
    found = [gain(one, t, point, item) for t in table]
    fewer, more = (sum(words.told_apart(low, high) and s * m > 0 for m, low, high in found) for s in (-1, 1))
    less = "fewer futures" if bool(one["share"].sel(item=item)) else "less"
    return (
        f"{words.sentence(_said(one, scenario, point))}. {words.sentence(phrase(scenario, item))}: {less} under {fewer}, more under {more}, "
        f"{words.NO_DIFFERENCE} under {len(table) - fewer - more} of {len(table)} readings at the table."
    )
