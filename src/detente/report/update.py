"""`detente update`: which reading a further year of the record moved, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis.further import FEWEST, FEWEST_FAMILIES, Z95, decided, settled
from detente.report import words
from detente.report.blocks import Block, Grid, Page, put
from detente.report.score import alike
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

MOVED = 3
"""Unknowns shown per reading."""
NOTE = (
    "Decibans: ten times the decimal logarithm of how much likelier the new rows are under the reading than under the yardstick, both after the old record; "
    "10 is ten times as likely. Learnt: by reweighing the particles that the old record left, or, where too few would "
    "carry the new rows, by taking them on. Error: one standard error, by families of particles. Said of it: the 95 % interval excludes 0, and at least "
    f"{FEWEST} effective particles of {FEWEST_FAMILIES} effective families stand behind both."
)


@dataclass(frozen=True)
class Update:
    """What was asked on the command line."""

    scenario: str
    record: Path
    theories: tuple[str, ...]
    seed: int
    json: bool


def update_command(request: Update) -> int:
    """Hold the readings to further rows and print which moved."""
    from detente.report.load import scenario as load
    from detente.report.scoring import barred, further_of, known_theories

    found = load(request.scenario)
    known_theories(found, request.theories)
    joined = further_of(found, request.record)
    from detente.analysis.further import update

    names = request.theories and tuple(
        dict.fromkeys([*request.theories, *(t.id for t in found.ordered_theories() if t.table == "baseline")])
    )
    ds = barred(found.title, lambda tell: update(found, joined, names or None, request.seed, progress=tell))
    put(update_page(ds, joined), request.json)
    return 0


def update_page(ds: xr.Dataset, scenario: Scenario) -> Page:
    """The page of `analysis.further.update`."""
    years = ds["year"].values
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    blocks: list[Block] = [verdict(ds, scenario, span), _gains(ds, scenario), _parts(ds, scenario), _moved(ds, scenario)]
    return Page(f"The record of {span}: which reading it moved", tuple(b for b in blocks if b), data(ds, scenario))


def verdict(ds: xr.Dataset, scenario: Scenario, span: str) -> str:
    """One paragraph: who gained, who lost, and whether anything is decided."""
    base = ds.attrs["yardstick"]
    if not base:
        return "No yardstick is among the readings: gains are not shown, only how likely the new rows were."
    others = [str(t) for t in ds["theory"].values if t != base]
    moved = [t for t in others if decided(ds, t)]
    if not moved:
        return f"The record of {span} does not decide: no reading's gain over the yardstick is told apart from nought by enough particles."
    said = [
        f"under “{scenario.theories[t].argument}” {round(abs(g))} decibans {'toward' if g > 0 else 'away from'} it"
        for t in moved
        for g in [float(ds["gain"].sel(theory=t))]
    ]
    rest = f"Of the other {len(others) - len(moved)} the record of {span} decides nothing."
    return f"Told apart from nought, against the yardstick: {words.listing(said)}. {rest}"


def _signed(x: float) -> str:
    return "0.0" if abs(x) < 0.05 else f"{x:+.1f}".replace("-", "−") if np.isfinite(x) else "·"


def _gains(ds: xr.Dataset, scenario: Scenario) -> Grid:
    base, rows = ds.attrs["yardstick"], []
    for t in map(str, ds["theory"].values):
        one = ds.sel(theory=t)
        gain, wrong, effective = (float(one[v]) for v in ("gain", "gain_error", "effective"))
        said = (
            "the yardstick"
            if t == base
            else "unsettled"
            if not settled(ds, t)
            else "not decided"
            if not base or not decided(ds, t)
            else "moved"
        )
        figure = "·" if t == base else f"{_signed(gain)} ± {wrong:.1f}"
        fit = f"{_signed(float(one['log_predictive']))} ± {float(one['log_predictive_error']):.1f}"
        counts = (f"{round(effective)}", f"{float(one['families']):.0f}")
        rows.append((scenario.theories[t].argument, figure, said, str(one["way"].item()), fit, *counts))
    columns = ("reading", "decibans", "said of it", "learnt", "log p", "effective particles", "effective families")
    return Grid("What the new rows say of each reading", columns, tuple(rows), note=NOTE, numeric=True, key="gains")


def _parts(ds: xr.Dataset, scenario: Scenario) -> Grid | str:
    base = ds.attrs["yardstick"]
    if not base:
        return ""
    labels = {s.id: s.label for s in scenario.record}
    decibans = 10.0 / np.log(10.0) * (ds["part"] - ds["part"].sel(theory=base)).sum("year")
    names = [str(n) for n in ds["name"].values if bool((ds["part"].sel(name=n) != 0.0).any())]
    others = [str(t) for t in ds["theory"].values if t != base]
    rows = [(labels.get(n) or n, *(_signed(float(decibans.sel(name=n, theory=t))) for t in others)) for n in names]
    columns = ("of the record", *(scenario.theories[t].argument for t in others))
    note = "Decibans against the yardstick; a column adds to the reading's gain. Draws by their names in the record."
    return Grid("Which rows said it", columns, tuple(rows), note=note, numeric=True, key="parts") if rows and others else ""


def _moved(ds: xr.Dataset, scenario: Scenario) -> Grid:
    rows = []
    for t in map(str, ds["theory"].values):
        one = ds.sel(theory=t)
        shift, wrong = one["moved"].values, one["moved_error"].values
        told = np.flatnonzero(np.abs(shift) > Z95 * wrong)
        for k in told[np.argsort(-np.abs(shift[told]), kind="stable")][:MOVED]:
            low, high = alike(float(one["low"].values[k]), float(one["high"].values[k]))
            rows.append(
                (
                    scenario.theories[t].argument,
                    str(ds["row"].values[k]),
                    f"{_signed(float(shift[k]))} ± {wrong[k]:.1f}",
                    f"{low} to {high}",
                )
            )
    note = "Shift of the mean in standard deviations of before; those told apart from nought, the largest first, of many looked at. Range: nine tenths, now."
    return Grid("What was learnt", ("reading", "unknown", "shift", "range now"), tuple(rows), note=note, numeric=True, key="moved")


def data(ds: xr.Dataset, scenario: Scenario) -> dict[str, Any]:
    """Everything as plain data."""
    out: dict[str, Any] = {"scenario": scenario.id, "years": ds["year"].values, "yardstick": ds.attrs["yardstick"], "readings": {}}
    for t in map(str, ds["theory"].values):
        one = ds.sel(theory=t)
        keys = ("gain", "gain_error", "log_predictive", "log_predictive_error", "effective", "families")
        parts = {str(n): dict(zip(map(str, ds["year"].values), one["part"].sel(name=n).values, strict=True)) for n in ds["name"].values}
        moved = {
            str(r): {k: float(one[k].sel(row=r)) for k in ("moved", "moved_error", "low", "high")}
            for r in ds["row"].values
            if abs(float(one["moved"].sel(row=r))) > Z95 * float(one["moved_error"].sel(row=r))
        }
        way = {"way": str(one["way"].item())}
        decision = bool(ds.attrs["yardstick"]) and t != ds.attrs["yardstick"] and decided(ds, t)
        out["readings"][t] = {k: float(one[k]) for k in keys} | way | {"decided": decision, "parts": parts, "moved": moved}
    return out | {"foot": words.foot(scenario.as_of)}
