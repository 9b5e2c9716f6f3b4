"""How every picture looks and becomes SVG: muted colours that colour-blind readers tell apart, words, a table behind."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from detente.report.blocks import to_json

if TYPE_CHECKING:
    import altair as alt

INK, FAINT, GRID = "#22272e", "#68707a", "#d5d8dc"
PAIR = ("#b3782d", "#51618f")
"""Two muted colours that colour-blind readers tell apart; the second line is dashed too."""
LINES = ("#b3782d", "#51618f", "#2f8074", "#8f5a86", "#7d7a3c", "#4b4b4b")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3])
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"


SPLIT = "split(datum.label, '|')"


def lines(text: str, width: int = 22) -> str:
    """A label broken into lines for Vega's `SPLIT`: fonts differ between machines, so a head leaves room."""
    return "|".join(textwrap.wrap(text, width))


@dataclass(frozen=True)
class Picture:
    """A chart, its title, what it shows in words, a name for its file, how to read it, and the table behind it."""

    key: str
    title: str
    alt: str
    chart: Any
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def pivot(rows: Sequence[dict[str, Any]], row: str, column: str, corner: str = "", text: str = "text") -> dict[str, Any]:
    """Rows of a chart's data as the table behind it: one line per `row`, one column per `column`, in order of appearance."""
    lines, heads = dict.fromkeys(str(r[row]) for r in rows), list(dict.fromkeys(str(r[column]) for r in rows))
    cells = {(str(r[row]), str(r[column])): str(r[text]) for r in rows}
    return {"columns": (corner or row, *heads), "rows": tuple((line, *(cells.get((line, h), "") for h in heads)) for line in lines)}


def panels(order: list[str]) -> alt.Facet:
    """One panel per reading, in the given order, the argument as its head."""
    import altair as alt

    return alt.Facet(
        "argument:N",
        sort=order,
        title=None,
        header=alt.Header(
            labelFontSize=11,
            labelLimit=185,
            labelAnchor="start",
            labelPadding=3,
            labelLineHeight=13,
            labelExpr=SPLIT,
        ),
    )


def legend(columns: int = 2) -> Any:
    """A legend of lines above the picture."""
    import altair as alt

    return alt.Legend(
        title=None,
        orient="top",
        labelLimit=330,
        columns=columns,
        symbolType="stroke",
        symbolStrokeWidth=3,
        columnPadding=48,
        symbolOpacity=1,
    )


def dash(field: str, domain: list[str]) -> Any:
    """A line style per series, so that colour is not needed."""
    import altair as alt

    return alt.StrokeDash(f"{field}:N", scale=alt.Scale(domain=domain, range=list(DASHES[: len(domain)])), legend=legend(2))


def heat(
    arguments: Sequence[str], names: Sequence[str], rows: list[dict[str, Any]], scheme: dict[str, Any], title: str, dark_below: float | None
) -> Any:
    """A square per package and reading with its figure, in one order for every picture."""
    import altair as alt

    x = alt.X(
        "argument:N", sort=arguments, title=None, axis=alt.Axis(orient="top", labelAngle=-38, labelLimit=230, ticks=False, domain=False)
    )
    y = alt.Y("package:N", sort=names, title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False))
    data = alt.Data(values=rows)
    squares = (
        alt.Chart(data)
        .mark_rect(stroke="#ffffff", strokeWidth=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "value:Q",
                scale=alt.Scale(**scheme),
                legend=alt.Legend(title=title, orient="bottom", direction="horizontal", gradientLength=200),
            ),
        )
    )
    light = (
        alt.value("#1b1f24")
        if dark_below is None
        else alt.condition(f"datum.value < {dark_below}", alt.value("#f7f7f7"), alt.value("#1b1f24"))
    )
    text = alt.Chart(data).mark_text(fontSize=10).encode(x=x, y=y, text="text:N", color=light)
    return dress((squares + text).properties(width=46 * len(arguments), height=22 * len(names)))


def dress(chart: Any) -> Any:
    """Fonts, ink and grid, the same for all."""
    return (
        chart.configure(background="transparent", font=FONT, padding={"left": 58, "right": 30, "top": 14, "bottom": 6})
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            gridColor=GRID,
            domainColor=FAINT,
            tickColor=FAINT,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=INK, titleColor=INK, labelFontSize=11, titleFontSize=11, titleFontWeight="normal")
        .configure_header(labelColor=INK, labelFontWeight="bold")
        .configure_title(color=INK)
    )


def to_svg(picture: Picture, live: bool = False) -> str:
    """The picture as SVG with its text; `live` lets its ink follow the page's colours (light, dark)."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(to_json(picture.chart.to_dict(validate=False)), vl_version=_vega_lite())
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)  # a table stands behind each picture; marks need no words of their own
    svg = re.sub(r"<[^>]+>", _shorter, svg)
    svg = _own_ids(svg, picture.key)
    head, _, rest = svg.partition(">")
    said = f"<title>{escape(picture.title)}</title><desc>{escape(picture.alt)}</desc>"
    svg = f'{head} role="img" aria-label="{escape(picture.title)}. {escape(picture.alt)}">{said}{rest}'
    if live:
        svg = svg.replace(f'"{INK}"', '"currentColor"').replace(f'"{GRID}"', '"#88909a55"')
    return svg


def _shorter(tag: re.Match[str]) -> str:
    """Coordinates to hundredths; words between tags keep their digits (an axis may be labelled 0.001)."""
    return re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m.group()):.2f}".rstrip("0").rstrip("."), tag.group())


def _own_ids(svg: str, key: str) -> str:
    """Ids of clips and gradients, numbered within the picture: on a page with others they stay its own, and the same in every run."""
    names = {old: f"{key}-{k}" for k, old in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg)))}
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{names[m.group(1)]}"', svg)
    return re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{names.get(m.group(1), m.group(1))})", svg)


def framed(svg: str, title: str, note: str, foot: str) -> str:
    """A picture to hand on by itself: white ground, fixed ink, its title above and the words that belong to it below."""
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = (float(x) for x in size.groups()) if size else (800.0, 600.0)
    inner = re.sub(r"<svg ", '<svg y="30" ', svg.replace('"currentColor"', f'"{INK}"').replace('"#88909a55"', f'"{GRID}"'), count=1)
    wide = max(width, 640.0)
    below = [*textwrap.wrap(note, int(wide / 6.2)), *textwrap.wrap(foot, int(wide / 6.2))]
    said = "".join(f'<text x="12" y="{height + 48 + 15 * k:g}" fill="{FAINT}">{escape(line)}</text>' for k, line in enumerate(below))
    tall = height + 56 + 15 * len(below)
    label = re.search(r'aria-label="([^"]*)"', svg)
    words = label.group(1) if label else escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{tall:g}" viewBox="0 0 {wide:g} {tall:g}" role="img" '
        f'aria-label="{words}" font-family="{FONT}" font-size="11"><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="12" y="22" font-size="15" font-weight="bold" fill="{INK}">{escape(title)}</text>{inner}{said}</svg>\n'
    )


def _vega_lite() -> str:
    """Version of Vega-Lite that Altair writes, as vl-convert names it."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
