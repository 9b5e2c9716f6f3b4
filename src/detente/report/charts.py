"""Pictures of the result: Dataset → Altair chart → SVG. No side taken in the looks: fixed order, equal area, no flag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import words
from detente.report.data import at, cell, gain, packages, phrase, readings, yardstick
from detente.report.picture import FAINT, INK, LINES, PAIR, Picture, dash, dress, framed, heat, legend, lines, panels, pivot, to_svg
from detente.report.show import label
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Picture", "channels", "difference_map", "framed", "history", "rungs", "survival_map", "to_svg"]

UNITS = {
    "threat": "belief that the other means harm (0–1)",
    "conduct": "conduct (−1 conflict … 1 cooperation)",
    "arms": "spending, bn USD of 2019",
}
DRAWS = {"threat": "fear", "conduct": "conduct", "arms": "arms"}
"""State → name under which the record holds it."""
TITLES = {"threat": "Fear", "conduct": "Conduct", "arms": "Military spending"}


def history(ds: xr.Dataset, scenario: Scenario, state: str) -> Picture | None:
    """History joined to futures under no change: a panel per reading on one axis, with the record's dots."""
    import altair as alt

    names = _leading(ds, scenario, state)
    if not names or "history_q" not in ds:
        return None
    base = yardstick(ds)
    order = [lines(r.argument) for r in readings(ds)]
    rows: list[dict[str, Any]] = []
    for r in readings(ds):
        for name in names:
            said = label(scenario, _element(name))
            past = at(ds, "history_q", theory=r.id, series=name)
            ahead = at(ds, "future_q", theory=r.id, policy=base, series=name)
            course = [*zip(ds["time_history"].values, past, strict=True), *zip(ds["time_future"].values, ahead, strict=True)]
            rows += [_fan(lines(r.argument), said, time, q) for time, q in course if time % 0.5 == 0 and np.isfinite(q).all()]
    dots = _dots(scenario, state, [_element(n) for n in names], order)
    said_all = [label(scenario, _element(n)) for n in names]
    first, last = scenario.history.start.year, scenario.horizon.end.year + 1
    colour = alt.Color("who:N", scale=alt.Scale(domain=said_all, range=list(PAIR[: len(names)])), legend=legend())
    x = alt.X(
        "time:Q",
        title=None,
        scale=alt.Scale(domain=[first, last], nice=False),
        axis=alt.Axis(format="d", values=list(range(-(-first // 10) * 10, last, 10))),
    )
    span = [0, 1] if state == "threat" else [-1, 1] if state == "conduct" else None
    y_scale = alt.Scale(domain=span) if span else alt.Scale(zero=True)
    y: dict[str, Any] = {"title": None, "scale": y_scale}
    rows += dots + [{"argument": a, "cut": _cut(ds)} for a in order]
    plot = alt.Chart()
    fan = plot.transform_filter("isValid(datum.q50)").encode(x=x, color=colour)
    layers = [
        fan.mark_area(opacity=0.18, clip=True).encode(y=alt.Y("q05:Q", **y), y2="q95:Q"),
        fan.mark_area(opacity=0.3, clip=True).encode(y=alt.Y("q25:Q", **y), y2="q75:Q"),
        fan.mark_line(strokeWidth=1.6, clip=True).encode(y=alt.Y("q50:Q", **y), strokeDash=dash("who", said_all)),
        plot.transform_filter("isValid(datum.value)")
        .mark_point(size=9, filled=True, opacity=0.75)
        .encode(x=x, y=alt.Y("value:Q", **y), color=colour),
        plot.transform_filter("isValid(datum.cut)").mark_rule(color=FAINT, strokeDash=[2, 2]).encode(x="cut:Q"),
    ]
    chart = alt.layer(*layers, data=alt.Data(values=rows)).properties(width=168, height=104).facet(panels(order), columns=4)
    years = f"{scenario.history.start.year}–{scenario.horizon.end.year}"
    text = f"{TITLES[state]} {years}, {words.listing(said_all)}: one panel per reading, futures from {int(_cut(ds))} under no change."
    note = f"Vertical: {UNITS[state]}. Line: median; bands: half and nine tenths of futures; dots: the record as measured" + (
        ", before the unknown offset of each series is taken out." if state != "arms" else "."
    )
    title = f"{TITLES[state]}: history joined to futures"
    return Picture(
        f"history_{state}", title, text, dress(chart), note, **pivot(_decades(rows), "of", "year", "median (nine tenths of futures)")
    )


def rungs(ds: xr.Dataset, scenario: Scenario, names: tuple[str, ...] = ("crisis", "clash", "war")) -> Picture | None:
    """Share of futures that reach each rung of the first rivalry, a bar and a range per reading."""
    import altair as alt

    rivalry = next(iter(scenario.rivalries), None)
    known = {str(i) for i in ds["item"].values}
    found = [f"{n}[{rivalry}]" for n in names if f"{n}[{rivalry}]" in known]
    if not found:
        return None
    order = [r.argument for r in readings(ds)]
    rows: list[dict[str, Any]] = []
    for item in found:
        for r in readings(ds):
            c = cell(ds, r.id, yardstick(ds), item)
            few = not c.settled or (c.hits is not None and c.hits < words.FEWEST_HITS)
            value = None if few else 100 * c.mean
            rows.append(
                {
                    "rung": phrase(scenario, item, bare=True),
                    "argument": r.argument,
                    "share": value,
                    "low": 100 * c.low,
                    "high": 100 * c.high,
                    "text": c.short(),
                    "apart": r.table != "at",
                }
            )
    parts = []
    for k, item in enumerate(found):
        name = phrase(scenario, item, bare=True)
        mine = [row for row in rows if row["rung"] == name]
        y = alt.Y("argument:N", sort=order, title=None, axis=alt.Axis(labels=k == 0, ticks=False, labelLimit=270, domain=False))
        x = alt.X("share:Q", title="in 100 futures", scale=alt.Scale(domainMin=0, nice=True), axis=alt.Axis(tickCount=3, labelOverlap=True))
        data = alt.Data(values=mine)
        bar = (
            alt.Chart(data)
            .mark_bar(height=11, color=PAIR[1])
            .encode(y=y, x=x, opacity=alt.Opacity("apart:N", scale=alt.Scale(domain=[False, True], range=[0.75, 0.35]), legend=None))
        )
        span = (
            alt.Chart(data)
            .mark_rule(color=INK, strokeWidth=1.4)
            .encode(y=y, x="low:Q", x2="high:Q")
            .transform_filter("datum.share != null")
        )
        few = (
            alt.Chart(data)
            .mark_text(align="left", dx=4, color=FAINT, fontSize=10)
            .encode(y=y, x=alt.value(0), text="text:N")
            .transform_filter("datum.share == null")
        )
        parts.append(
            (bar + span + few).properties(
                width=150, height=22 * len(order), title=alt.Title(name, fontSize=12, anchor="start", frame="group")
            )
        )
    chart = alt.hconcat(*parts, spacing=14)
    said = (
        f"Share of futures to {scenario.horizon.end.year} that reach each rung, {label(scenario, str(rivalry))}, no change: "
        "bars per reading with the range over the reading's own ranges."
    )
    note = (
        "The axes differ: a war is much rarer than a crisis. Dark line: range of 90 in 100 over the reading's own ranges. "
        "Pale: not at the table, or the yardstick."
    )
    behind = pivot(rows, "argument", "rung", "in 100 futures")
    return Picture("rungs", "Each rung of the ladder, under each reading", said, dress(chart), note, **behind)


def survival_map(ds: xr.Dataset, scenario: Scenario, profile: str) -> Picture:
    """Packages × readings: futures in 100 that a value profile finds acceptable."""
    rows: list[dict[str, Any]] = []
    for policy, name in packages(ds).items():
        for r in readings(ds):
            share = float(at(ds, "survival", theory=r.id, policy=policy, profile=profile))
            rows.append({"package": name, "argument": r.argument, "value": 100 * share, "text": words.short(share)})
    held = scenario.values[profile].label
    said = f"Futures in 100 in which “{held}” finds every outcome acceptable, by package and reading."
    chart = heat(
        [r.argument for r in readings(ds)],
        list(packages(ds).values()),
        rows,
        scheme={"scheme": "cividis", "domain": [0, 100]},
        title="in 100 futures",
        dark_below=55,
    )
    note = "The number in a cell is its share; dark is low."
    return Picture(f"survival_{profile}", f"What survives: {held}", said, chart, note, **pivot(rows, "package", "argument"))


def difference_map(ds: xr.Dataset, scenario: Scenario, item: str) -> Picture:
    """Packages × readings: paired difference to no change, blank where its interval holds zero."""
    rows: list[dict[str, Any]] = []
    base = yardstick(ds)
    share = bool(at(ds, "share", item=item))
    for policy, name in packages(ds).items():
        for r in readings(ds):
            if policy != base:
                mean, low, high = gain(ds, r.id, policy, item)
                told = words.told_apart(low, high)
                value = (100 if share else 1) * mean if told else 0.0
                rows.append({"package": name, "argument": r.argument, "value": value, "text": words.signed(mean, low, high, share)})
    most = max([abs(float(row["value"])) for row in rows] + [1e-9])
    unit = "futures in 100" if share else str(at(ds, "unit", item=item))
    said = f"Difference that each package makes to {phrase(scenario, item)}, against no change, by reading, in {unit}."
    chart = heat(
        [r.argument for r in readings(ds)],
        list(packages(ds).values()),
        rows,
        scheme={"range": ["#2f8074", "#f4f1ea", "#b3782d"], "domain": [-most, 0, most]},
        title=unit,
        dark_below=None,
    )
    note = "Paired futures. A point: the interval of the difference holds zero. Green: fewer; ochre: more."
    key = f"difference_{item.replace('[', '_').rstrip(']')}"
    return Picture(key, f"Against no change: {phrase(scenario, item)}", said, chart, note, **pivot(rows, "package", "argument"))


def channels(ds: xr.Dataset, scenario: Scenario) -> Picture | None:
    """Share of futures in which each channel of the first rivalry is open, over time, a panel per reading."""
    import altair as alt

    first = next(iter(scenario.rivalries), None)
    known = {str(x) for x in ds["series"].values} if "series" in ds.coords else set()
    mine = [c for c, channel in scenario.channels.items() if channel.rivalry == first and f"open[{c}]" in known]
    if not mine or "future_mean" not in ds:
        return None
    order, base = [lines(r.argument) for r in readings(ds)], yardstick(ds)
    said = [scenario.channels[c].label for c in mine]
    rows: list[dict[str, Any]] = [
        {"argument": lines(r.argument), "who": scenario.channels[c].label, "time": float(t), "share": 100 * float(v)}
        for r in readings(ds)
        for c in mine
        for t, v in zip(ds["time_future"].values, at(ds, "future_mean", theory=r.id, policy=base, series=f"open[{c}]"), strict=True)
        if t % 0.5 == 0
    ]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=1.7)
        .encode(
            x=alt.X(
                "time:Q",
                title=None,
                axis=alt.Axis(format="d", values=list(range(int(_cut(ds)), scenario.horizon.end.year + 1, 3))),
                scale=alt.Scale(nice=False),
            ),
            y=alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("who:N", scale=alt.Scale(domain=said, range=list(LINES[: len(said)])), legend=legend(2)),
            strokeDash=dash("who", said),
        )
        .properties(width=168, height=96)
        .facet(panels(order), columns=4)
    )
    years = f"{int(_cut(ds))}–{scenario.horizon.end.year}"
    text = f"Share of futures in which each channel of {label(scenario, str(first))} is open, {years}, no change: a panel per reading."
    note = "Vertical: futures in 100 in which the channel is open. No change."
    end = max(r["time"] for r in rows)
    last = [
        {**row, "argument": row["argument"].replace("|", " "), "text": words.short(row["share"] / 100)}
        for row in rows
        if row["time"] == end
    ]
    behind = pivot(last, "argument", "who", f"open in 100 futures, {end:g}")
    return Picture("channels", "Channels: open, closed, reopening", text, dress(chart), note, **behind)


def _fan(argument: str, who: str, time: Any, q: np.ndarray) -> dict[str, Any]:
    names = ("q05", "q25", "q50", "q75", "q95")
    return {"argument": argument, "who": who, "time": float(time), **{n: round(float(v), 4) for n, v in zip(names, q, strict=True)}}


def _leading(ds: xr.Dataset, scenario: Scenario, state: str) -> list[str]:
    """The two series of a state that stand in the first view: the first rivalry's challenger and the leader it faces."""
    known = [str(x) for x in ds["series"].values] if "series" in ds.coords else []
    rivalry = next(iter(scenario.rivalries.values()), None)
    if rivalry is None:
        return []
    other = (
        scenario.blocs[rivalry.bloc].leader if rivalry.bloc else next(a for side in rivalry.sides for a in side if a != rivalry.challenger)
    )
    one = rivalry.challenger
    wanted = [f"{state}[{one}>{other}]", f"{state}[{other}>{one}]", f"{state}[{one}]", f"{state}[{other}]"]
    return [w for w in wanted if w in known]


def _decades(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every tenth half-year of the fans, in words."""
    fans = [r for r in rows if "q50" in r]
    shown = sorted({r["time"] for r in fans})[8::10]
    return [
        {
            "of": f"{r['argument'].replace('|', ' ')}: {r['who']}",
            "year": f"{r['time']:g}",
            "text": f"{words.figure(r['q50'])} ({words.figure(r['q05'])} to {words.figure(r['q95'])})",
        }
        for r in fans
        if r["time"] in shown
    ]


def _element(series: str) -> str:
    return series[series.index("[") + 1 : -1]


def _dots(scenario: Scenario, state: str, elements: list[str], order: list[str]) -> list[dict[str, Any]]:
    """The record's points of a state, once per panel."""
    series = {s.id for s in scenario.record if s.draw == DRAWS.get(state) and s.use != "show"}
    points = [
        (label(scenario, m.item), m.date.year + (m.date.month - 1) / 12, m.value)
        for m in scenario.measures
        if m.series in series and m.item in elements
    ]
    return [{"argument": a, "who": who, "time": round(time, 2), "value": value} for a in order for who, time, value in points]


def _cut(ds: xr.Dataset) -> float:
    return float(ds["time_future"].values[0])
