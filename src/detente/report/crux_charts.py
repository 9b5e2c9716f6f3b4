"""Pictures of `detente crux`: shares of one difference as bars; every pair of readings as a square."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.analysis.crux import ALIKE, START
from detente.report import words
from detente.report.blocks import Block, Figure, Grid
from detente.report.crux import Z95, change, everyone_page, kinds, name, of_what, said, told
from detente.report.data import phrase
from detente.report.picture import FAINT, LINES, Picture, dress, to_svg
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


def bars(scenario: Scenario, a: str, b: str, found: xr.Dataset, item: str, of: str) -> Picture:
    """Shares of the difference by mechanism as bars with their 95 % intervals, in the order of a step; their sum below."""
    import altair as alt

    share = kinds(scenario, item)[0]
    scale = 100.0 if share else 1.0
    one = found.sel(of=of, item=item)
    columns = (one[k].values for k in ("group", "group_share", "group_share_error"))
    raw = [(name(str(g)), float(v), float(e)) for g, v, e in zip(*columns, strict=True)]
    raw.append(("together", float(one["difference"]), float(one["difference_error"])))
    rows = [
        {"mechanism": g, "value": scale * v, "low": scale * (v - Z95 * e), "high": scale * (v + Z95 * e), "sum": g == "together"}
        for g, v, e in raw
    ]
    unit = "futures in 100" if share else kinds(scenario, item)[1]
    y = alt.Y("mechanism:N", sort=[g for g, _, _ in raw], title=None, axis=alt.Axis(ticks=False, labelLimit=220))
    x = alt.X(
        "value:Q", title=f"second reading less first, {unit}", scale=alt.Scale(padding=8), axis=alt.Axis(tickCount=6, labelOverlap=True)
    )
    base = alt.Chart(alt.Data(values=rows))
    colour = alt.Color("sum:N", scale=alt.Scale(domain=[False, True], range=[LINES[0], LINES[1]]), legend=None)
    chart = (
        base.mark_bar(height=12).encode(x=x, y=y, color=colour)
        + base.mark_rule(strokeWidth=1.4).encode(x="low:Q", x2="high:Q", y=y)
        + alt.Chart(alt.Data(values=[{"value": 0}])).mark_rule(color=FAINT).encode(x="value:Q")
    ).properties(width=460, height=23 * len(rows))
    text = f"{phrase(scenario, item)}: the difference between “{said(scenario, a)}” and “{said(scenario, b)}”, shared out over mechanisms."
    note = f"{of_what(scenario, of).capitalize()}. Second reading: “{said(scenario, b)}”. Lines: 95 % intervals. The bars above add up to the last."
    key = f"crux_{a}_{b}_{item.replace('[', '_').rstrip(']')}"
    body = tuple((g, change(scenario, item, v, e)) for g, v, e in raw)
    return Picture(key, f"Where they part: {phrase(scenario, item)}", text, dress(chart), note, ("mechanism", unit), body)


def everyone_picture(scenario: Scenario, found: xr.Dataset, item: str) -> Picture:
    """A square per pair of readings: below the diagonal the difference, above it the mechanism that carries most of it."""
    import altair as alt

    ids = found["theory"].values.astype(str)
    share = kinds(scenario, item)[0]
    scale = 100.0 if share else 1.0
    order = [said(scenario, t) for t in ids]
    rows = []
    for i, a in enumerate(ids):
        for j, b in enumerate(ids):
            one = found.sel(theory=a, other=b, item=item)
            value, wrong = float(one["difference"]), float(one["difference_error"])
            size = scale * abs(value) if abs(value) > Z95 * wrong else 0.0
            most = sorted(told(scenario, one, item), key=lambda r: -abs(r[1]))[:1]
            text = "" if i == j else change(scenario, item, value, wrong) if i > j else _short(most[0][0]) if most else "·"
            rows.append({"row": order[i], "column": order[j], "value": size, "text": text})
    x = alt.X("column:N", sort=order, title=None, axis=alt.Axis(orient="top", labelAngle=-38, labelLimit=230, ticks=False, domain=False))
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False))
    unit = "futures in 100" if share else kinds(scenario, item)[1]
    colour = alt.Color(
        "value:Q",
        scale=alt.Scale(range=["#f4f1ea", "#b3782d"]),
        legend=alt.Legend(title=f"size of the difference, {unit}", orient="bottom", direction="horizontal"),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    chart = (
        base.mark_rect(stroke="#ffffff").encode(color=colour) + base.mark_text(fontSize=9, lineBreak="|").encode(text="text:N")
    ).properties(width=68 * len(ids), height=34 * len(ids))
    text = f"{phrase(scenario, item)}, no change: how far each two readings part, and the mechanism that carries most of it."
    note = "Below the diagonal: row less column. Above: what carries most of the difference. ·: not told apart."
    heads = tuple(order)
    body = tuple((a, *(str(r["text"]).replace("|", " ") for r in rows if r["row"] == a)) for a in order)
    key = f"crux_all_{item.replace('[', '_').rstrip(']')}"
    return Picture(key, f"Who disagrees with whom: {phrase(scenario, item)}", text, dress(chart), note, ("", *heads), body)


def _short(group: str) -> str:
    return {ALIKE: "learnt|apart", START: "where the|record ends"}.get(group, name(group).replace(" ", "|"))


def figure(picture: Picture, foot: str) -> Figure:
    """A picture as a block of the report."""
    behind = Grid(picture.title, picture.columns, picture.rows, numeric=True)
    return Figure(picture.title, to_svg(picture), picture.alt, behind, picture.note, foot, picture.key)


def blocks(scenario: Scenario, found: xr.Dataset, item: str) -> tuple[Block, ...]:
    """Who disagrees with whom about what, for the report: the picture and the table of pairs. `found` as from `analysis.crux.everyone`."""
    return (figure(everyone_picture(scenario, found, item), words.foot(scenario.as_of)), *everyone_page(scenario, found, item).blocks)
