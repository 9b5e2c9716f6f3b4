"""The picture of `detente weigh`: when each reading gained or lost against the yardstick, a panel each, in the speakers' order on one axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import verdict
from detente.report import words
from detente.report.blocks import Figure, Grid
from detente.report.picture import FAINT, INK, PAIR, Picture, dash, dress, legend, lines, panels, to_svg
from detente.report.weigh_words import DECIBAN, decibans, happened, quarter, series_note
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

HINDSIGHT, LEARNT = "with hindsight, by quarter", "as it would have been learnt, year by year"
LABELS = 2
"""Quarters named in a panel, in lines of their own below its curve."""
CHARACTERS = 66
LINE = 0.13
"""Height of such a line, in heights of all curves."""


def over_time(ds: xr.Dataset, scenario: Scenario) -> Picture | None:
    """Cumulative decibans by quarter with two standard errors, and what happened in the quarters that moved most; None where nothing differs."""
    import altair as alt

    told = [k for k in range(ds.sizes["theory"]) if not bool(ds["same"].values[k])]
    if not told:
        return None
    order = [lines(str(ds["argument"].values[k]), 60) for k in told]
    kinds = [HINDSIGHT, LEARNT] if "course" in ds else [HINDSIGHT]
    rows = [row for k, name in zip(told, order) for row in _course(ds, k, name)]
    marks = [row for k, name in zip(told, order) for row in _labels(ds, scenario, k, name)]
    first, last = int(ds["time"].values[0]), int(ds["time"].values[-1]) + 1
    x = alt.X(
        "time:Q",
        title=None,
        scale=alt.Scale(domain=[first, last], nice=False),
        axis=alt.Axis(format="d", values=list(range(-(-first // 5) * 5, last + 1, 5))),
    )
    low, high = min(r["low"] for r in rows), max(r["high"] for r in rows)
    span = max(high - low, 1.0)
    for row in marks:
        row["below"] = low - LINE * span * (int(row["number"]) - 0.2)
    scale = alt.Scale(domain=[low - LINE * span * (LABELS + 0.5), high], nice=False)
    ticks = [t for t in _ticks(low, high) if low <= t <= high]
    y: dict[str, Any] = {"title": None, "axis": alt.Axis(values=ticks), "scale": scale}
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=list(PAIR[: len(kinds)])), legend=legend() if len(kinds) > 1 else None)
    plot = alt.Chart()
    line = plot.transform_filter("isValid(datum.value)")
    label = plot.transform_filter("isValid(datum.text)")
    layers = [
        plot.transform_filter("isValid(datum.zero)").mark_rule(color=FAINT, strokeWidth=0.8).encode(y=alt.Y("zero:Q", **y)),
        line.mark_area(opacity=0.16, interpolate="step-after").encode(x=x, y=alt.Y("low:Q", **y), y2="high:Q", color=colour),
        line.mark_line(strokeWidth=1.7, interpolate="step-after").encode(
            x=x, y=alt.Y("value:Q", **y), color=colour, **({"strokeDash": dash("kind", kinds)} if len(kinds) > 1 else {})
        ),
        label.mark_point(size=22, filled=True, color=INK, opacity=1).encode(x=x, y=alt.Y("at:Q", **y)),
        label.mark_text(dx=7, dy=-7, fontSize=10, fontWeight="bold", color=INK).encode(x=x, y=alt.Y("at:Q", **y), text="number:N"),
        label.mark_text(align="left", fontSize=10, color=INK).encode(x=alt.value(4), y=alt.Y("below:Q", **y), text="text:N"),
    ]
    rows += marks + [{"argument": name, "zero": 0.0} for name in order]
    chart = alt.layer(*layers, data=alt.Data(values=rows)).properties(width=370, height=150).facet(_panels(order), columns=2)
    years = f"{first}–{last - 1}"
    said = f"Weight of evidence of each reading against the yardstick, added up over the quarters of {years}: one panel per reading."
    note = (
        "Vertical: decibans, added up; below the line the yardstick's ranges tell the record better. Band: two standard errors of this study. "
        f"{_how(kinds)} Points: the quarters that moved the reading most. {series_note(scenario, [str(g) for g in ds['group'].values])} "
        "Fit in sample; no forecast was scored."
    )
    return Picture("weigh_course", "When each reading gained or lost", said, dress(chart), note, *_table(ds, told))


def figure(ds: xr.Dataset, scenario: Scenario, live: bool = True) -> Figure | None:
    """The picture as a block, with its table."""
    picture = over_time(ds, scenario)
    if picture is None:
        return None
    behind = Grid(picture.title, picture.columns, picture.rows, numeric=True)
    return Figure(picture.title, to_svg(picture, live), picture.alt, behind, picture.note, words.foot(scenario.as_of), picture.key)


def _how(kinds: list[str]) -> str:
    hindsight = "With hindsight: parts of the path between the two posteriors, each of which knows the whole record."
    return (
        hindsight if len(kinds) == 1 else f"{hindsight} Year by year: each year scored before it is learnt; its band needs several seeds."
    )


def _course(ds: xr.Dataset, theory: int, name: str) -> list[dict[str, Any]]:
    found = {HINDSIGHT: verdict.course(ds)}
    if "course" in ds:
        found[LEARNT] = verdict.learnt_course(ds)
    rows: list[dict[str, Any]] = []
    for kind, (mean, error) in found.items():
        wide = np.nan_to_num(error[theory])
        for time, value, unsure in zip(ds["time"].values, mean[theory], wide):
            low, high = value - 2 * unsure, value + 2 * unsure
            rows.append({"argument": name, "kind": kind, "time": float(time) + 0.25, **_scaled(value=value, low=low, high=high)})
        rows.append({"argument": name, "kind": kind, "time": float(ds["time"].values[0]), "value": 0.0, "low": 0.0, "high": 0.0})
    return sorted(rows, key=lambda r: (r["kind"], r["time"]))


def _scaled(**nats: float) -> dict[str, float]:
    return {k: round(DECIBAN * float(v), 3) for k, v in nats.items()}


def _labels(ds: xr.Dataset, scenario: Scenario, theory: int, name: str) -> list[dict[str, Any]]:
    """The quarters that moved most, in the order of time: their place on the line, and what happened in them."""
    owners = {str(n): str(g) for n, g in zip(ds["name"].values, ds["group"].values)}
    learnt = "course" in ds
    mean = (verdict.learnt_course(ds) if learnt else verdict.course(ds))[0][theory]
    out = []
    for k, m in enumerate(sorted(verdict.moments(ds, theory, LABELS, learnt), key=lambda m: m.time)):
        what = happened(scenario, owners, m.groups[0][0], m.time, 1) if m.groups else ""
        text = f"{k + 1}  {quarter(m.time)}, {decibans(m.amount)}: {what}"
        text = text if len(text) <= CHARACTERS else f"{text[: CHARACTERS - 1].rstrip()}…"
        step = round(4 * (m.time - float(ds["time"].values[0])))
        out.append({"argument": name, "time": m.time + 0.25, **_scaled(at=mean[step]), "text": text, "number": str(k + 1)})
    return out


def _ticks(low: float, high: float) -> list[float]:
    """Round places on the vertical axis, about five."""
    size = max(high - low, 1e-9) / 5.0
    ten = 10.0 ** math.floor(math.log10(size))
    step = next(ten * f for f in (1.0, 2.0, 5.0, 10.0) if ten * f >= size)
    return [round(step * k, 9) for k in range(math.floor(low / step), math.ceil(high / step) + 1)]


def _panels(order: list[str]) -> Any:
    """One panel per reading, the argument as its head, as wide as the panel."""
    head = panels(order)
    head["header"]["labelLimit"] = 370
    return head


def _table(ds: xr.Dataset, told: list[int]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Every fifth year's end."""
    learnt = "course" in ds
    mean, error = verdict.learnt_course(ds) if learnt else verdict.course(ds)
    time = ds["time"].values
    ends = [t for t in range(len(time)) if ((int(time[t]) + 1) % 5 == 0 and time[t] % 1 == 0.75) or t == len(time) - 1]
    columns = ("argument", *(f"to the end of {int(time[t])}" for t in ends))
    return columns, tuple((str(ds["argument"].values[k]), *(decibans(mean[k, t], error[k, t]) for t in ends)) for k in told)
