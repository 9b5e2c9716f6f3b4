"""Pictures of claims as Vega-Lite charts: every axis with its unit, every figure with its interval, no colour of a flag."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.claims.result import ClaimResult

BLUE, ORANGE, GREY, DARK = "#0072B2", "#D55E00", "#8A8A8A", "#333333"  # told apart by colour-blind readers (Okabe and Ito)
SIDES = {"above": ORANGE, "below": BLUE, "unclear": GREY}
MEASURE_NAMES = {
    "onset_joiner": "dispute with the joiner",
    "onset_bloc": "dispute with any member",
    "force_joiner": "force against the joiner",
    "begun_joiner": "dispute begun by the outsider",
    "dispute": "dispute with the joiner",
    "rival": "rival alliance",
    "arms_growth": "arms growth above trend",
    "troops_growth": "troops growth above trend",
}
GROUPS = ["beside an enlargement", "matched, no enlargement"]
WIDTH = 620


def _alt() -> Any:
    from detente.analysis.claims.extras import need

    return need("altair")


def _dress(chart: Any, title: str, subtitle: str) -> Any:
    alt = _alt()
    return (
        chart.properties(
            title=alt.TitleParams(title, subtitle=subtitle, anchor="start", fontSize=15, subtitleFontSize=12, offset=12),
            padding={"left": 50, "right": 60, "top": 5, "bottom": 8},  # room for a reader's font that is wider than the one measured
        )
        .configure(font="Arial, Helvetica, Liberation Sans, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, labelLimit=330, gridColor="#EEEEEE")
        .configure_legend(labelFontSize=12, titleFontSize=12, labelLimit=330)
        .configure_header(labelFontSize=12)
    )


def _tell_apart(field: str, names: list[str], colours: list[str], title: str | None = None) -> dict[str, Any]:
    """Colour and shape together, so that one legend serves both."""
    alt, shapes = _alt(), ["circle", "square", "triangle-up", "diamond", "cross"][: len(names)]
    legend = alt.Legend(orient="top", direction="horizontal", columns=3, columnPadding=60, symbolOpacity=1)
    return {
        "color": alt.Color(f"{field}:N", title=title, scale=alt.Scale(domain=names, range=colours), legend=legend),
        "shape": alt.Shape(f"{field}:N", title=title, scale=alt.Scale(domain=names, range=shapes), legend=legend),
    }


def _sides(title: str = "the 95 % interval lies") -> dict[str, Any]:
    return _tell_apart("lies", list(SIDES), list(SIDES.values()), title)


def timeline(result: ClaimResult) -> Any:
    """Every enlargement on a line of years, by bloc; colour and shape say what was measured in the ten years after."""
    alt, steps = _alt(), result.tables["enlargements"].copy()
    kinds = [
        "a dispute with a member",
        "rival alliance or arms growth only",
        "nothing measured",
        "nobody left out nearby",
        "window not fully covered",
    ]
    cases = [steps["n_left_out"] == 0, ~steps["seen"] & (steps["dispute"] == ""), steps["dispute"] != "", steps["any"]]
    steps["after"] = np.select(cases, [kinds[3], kinds[4], kinds[0], kinds[1]], kinds[2])
    steps["joiners"] = steps["joined"].str.split().str.len()
    order = steps.groupby("family")["year"].min().sort_values(kind="stable").index.tolist()
    chart = (
        alt.Chart(steps)
        .mark_point(filled=True, opacity=0.8, stroke="white", strokeWidth=0.6)
        .encode(
            x=alt.X(
                "year:Q", title="year of the step (mostly of signature)", scale=alt.Scale(domain=[1830, 2020]), axis=alt.Axis(format="d")
            ),
            y=alt.Y("family:N", sort=order, title=None),
            size=alt.Size("joiners:Q", title="states that joined", scale=alt.Scale(range=[50, 320]), legend=alt.Legend(values=[1, 5, 10])),
            **_tell_apart("after", kinds, [ORANGE, BLUE, "#009E73", "#9A9A9A", DARK]),
        )
        .properties(width=WIDTH - 120, height=26 * len(order))
    )
    return _dress(
        chart,
        f"{len(steps)} enlargements of alliances, and what those left out did",
        f"{result.options['coding']} coding of disputes; resistance of any neighbour left out towards any member",
    )


def rates(result: ClaimResult) -> Any:
    """Shares of pairs with each kind of resistance within ten years, beside an enlargement and matched, with intervals."""
    alt, pairs, rows = _alt(), result.tables["pairs"], []
    for row in pairs.itertuples():
        for side, name in zip(("treated", "control"), GROUPS):
            rows.append(
                {
                    "what": MEASURE_NAMES.get(row.measure, row.measure),
                    "within": f"within {row.horizon} years",
                    "group": name,
                    **{key: 100 * getattr(row, side + end) for key, end in (("share", ""), ("low", "_low"), ("high", "_high"))},
                }
            )
    kinds = _tell_apart("group", GROUPS, [ORANGE, BLUE])
    base = alt.Chart(pd.DataFrame(rows)).encode(y=alt.Y("group:N", title=None, axis=None), color=kinds["color"])
    marks = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="pairs of states in 100", scale=alt.Scale(domain=[0, 70])), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=70).encode(x="share:Q", shape=kinds["shape"])
    chart = (
        alt.layer(marks, points)
        .properties(width=210, height=38)
        .facet(
            row=alt.Row(
                "what:N",
                title=None,
                sort=list(MEASURE_NAMES.values()),
                header=alt.Header(labelAngle=0, labelAlign="left", labelOrient="left"),
            ),
            column=alt.Column("within:N", title=None, sort=["within 5 years", "within 10 years"]),
        )
        .resolve_scale(x="shared")
    )
    return _dress(
        chart, "Outsider and joiner: what followed, beside what follows anyway", "share and 95 % interval, whole enlargements drawn anew"
    )


def survival(result: ClaimResult) -> Any:
    """Kaplan-Meier curves of the time to a first dispute."""
    alt, data = _alt(), result.tables["survival"].assign(**{c: lambda d, c=c: 100 * d[c] for c in ("share", "low", "high")})
    base = alt.Chart(data).encode(
        x=alt.X("year:Q", title="years since the step (or since the matched year)", axis=alt.Axis(tickMinStep=1)),
        color=alt.Color(
            "group:N",
            title=None,
            scale=alt.Scale(domain=GROUPS, range=[ORANGE, BLUE]),
            legend=alt.Legend(orient="top", columnPadding=60, symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3),
        ),
    )
    band = base.mark_area(opacity=0.18, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="pairs in 100 without a dispute so far", scale=alt.Scale(domain=[0, 100])), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(y="share:Q", strokeDash=alt.StrokeDash("group:N", legend=None))
    n = result.numbers
    chart = alt.layer(band, line).properties(width=WIDTH - 60, height=260)
    return _dress(
        chart,
        "Time to the first dispute between an outsider and a joiner",
        f"Cox hazard ratio {n['hazard_ratio']:.2g} ({n['hazard_ratio_low']:.2g} to {n['hazard_ratio_high']:.2g}), band 95 %",
    )


def balance(result: ClaimResult) -> Any:
    """Standardised differences before and after matching."""
    alt, table = _alt(), result.tables["balance"]
    long = table.melt("covariate", ["smd_before", "smd_after"], "when", "difference").replace(
        {"smd_before": "all controls", "smd_after": "matched controls"}
    )
    order = table.assign(size=table["smd_before"].abs()).sort_values("size", ascending=False)["covariate"].tolist()
    points = (
        alt.Chart(long)
        .mark_point(filled=True, size=60)
        .encode(
            x=alt.X("difference:Q", title="standardised difference of means (standard deviations)"),
            y=alt.Y("covariate:N", sort=order, title=None),
            **_tell_apart("when", ["all controls", "matched controls"], [GREY, BLUE]),
        )
    )
    lines = alt.Chart(pd.DataFrame({"x": [-0.1, 0.0, 0.1]})).mark_rule(strokeDash=[3, 3], color=GREY).encode(x="x:Q")
    return _dress(
        alt.layer(lines, points).properties(width=WIDTH - 120, height=19 * len(order)),
        "Balance before and after matching",
        "dashed: a tenth of a standard deviation",
    )


def curve(result: ClaimResult) -> Any:
    """Specification curve: differences of shares in order of size, and below which choices each definition makes."""
    alt, table = _alt(), result.tables["curve"]
    choices = [
        name
        for name in ("coding", "min_bloc", "reach", "later_joiners", "world_wars", "leave_out", "horizon", "target", "outcome")
        if table[name].nunique() > 1
    ]
    parts = []
    for measure in ("dispute", "arms_growth"):
        part = (
            table[(table["measure"] == measure) & table["low"].notna()]
            .sort_values(["difference", "low"], kind="stable")
            .reset_index(drop=True)
        )
        part = part.assign(place=part.index + 1, **{c: 100 * part[c] for c in ("difference", "low", "high")})
        x = alt.X("place:Q", title=None, axis=None, scale=alt.Scale(domain=[0, len(part) + 1]))
        base = alt.Chart(part).encode(x=x, color=_sides()["color"])
        top = alt.layer(
            alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=DARK).encode(y="y:Q"),
            base.mark_rule(opacity=0.7).encode(
                y=alt.Y("low:Q", title=["difference, pairs in 100", "(95 % interval)"], scale=alt.Scale(domain=[-60, 60], clamp=True)),
                y2="high:Q",
            ),
            base.mark_point(filled=True, size=22).encode(y="difference:Q", shape=_sides()["shape"]),
            alt.Chart(part[part["origin"] == "main"]).mark_point(size=140, color=DARK, strokeWidth=1.5).encode(x=x, y="difference:Q"),
        ).properties(width=WIDTH - 40, height=190, title=f"{MEASURE_NAMES[measure]} ({len(part)} definitions; ring: main)")
        cells = part.melt("place", choices, "choice", "value")
        cells["row"] = cells["choice"] + " = " + cells["value"].astype(str).replace("", "none")
        wanted = [f"{c} = {v if v != '' else 'none'}" for c in choices for v in sorted(part[c].unique(), key=str)]
        grid = (
            alt.Chart(cells)
            .mark_tick(thickness=3, color=DARK, height=8)
            .encode(x=x, y=alt.Y("row:N", sort=wanted, title=None))
            .properties(width=WIDTH - 40, height=12 * len(wanted))
        )
        parts.append(alt.vconcat(top, grid, spacing=4))
    return _dress(
        alt.vconcat(*parts, spacing=18),
        "The same question under every declared definition",
        "share beside an enlargement less share of matched pairs, within the horizon, errors clustered on the enlargement",
    )


def _forest(
    table: pd.DataFrame, label: str, value: str, title: str, null: float, log: bool, clip: tuple[float, float] | None = None
) -> Any:
    alt, data = _alt(), table.copy()
    if clip:
        data[["low", "high", value]] = data[["low", "high", value]].clip(*clip)
    ends = [float(data["low"].min()), float(data["high"].max())]
    ends = [min(ends[0], null), max(ends[1], null)]
    scale = alt.Scale(type="log", domain=[ends[0] * 0.9, ends[1] * 1.1], nice=False) if log else alt.Scale()
    base = alt.Chart(data).encode(y=alt.Y(f"{label}:N", sort=None, title=None), color=_sides()["color"])
    return alt.layer(
        alt.Chart(pd.DataFrame({"x": [null]})).mark_rule(color=DARK, strokeDash=[3, 3]).encode(x=alt.X("x:Q", scale=scale)),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title, scale=scale), x2="high:Q"),
        base.mark_point(filled=True, size=55).encode(x=f"{value}:Q", shape=_sides()["shape"]),
    ).properties(width=WIDTH - 260, height=17 * len(data))


def escalation(result: ClaimResult) -> Any:
    """Forest plot over definitions of a race, a case and a sample: odds of war."""
    table = result.tables["escalation"].copy()
    table["definition"] = (
        table["sample"]
        + ", "
        + table["unit"]
        + "s, "
        + table["race"]
        + table["world_wars"].map({True: "", False: ", no world wars"})
        + "  ("
        + table["war_after_race"].astype(str)
        + "/"
        + table["after_race"].astype(str)
        + " : "
        + table["war_without_race"].astype(str)
        + "/"
        + table["without_race"].astype(str)
        + ")"
    )
    table = table.sort_values(["sample", "unit", "world_wars", "race"], kind="stable")
    return _dress(
        _forest(
            table,
            "definition",
            "odds_ratio",
            "odds of war after a race, times those without (log scale, cut at 1/20 and 20)",
            1.0,
            True,
            (0.05, 20.0),
        ),
        f"Do disputes after an arms race become war? {len(table)} definitions",
        "in brackets: wars over disputes after a race : without; 95 % intervals, pairs taken as independent",
    )


def onset(result: ClaimResult) -> Any:
    """Forest plot: odds of a dispute in a year of rivalry after a race."""
    table = result.tables["onset"].copy()
    table["definition"] = table["race"] + " (" + table["race_years"].astype(str) + " race years)"
    return _dress(
        _forest(
            table, "definition", "odds_ratio", "odds of a new dispute after a year of race, times those without (log scale)", 1.0, True
        ),
        "Within rivalries, do races bring disputes?",
        "logistic regression with covariates, errors clustered on the rivalry, 95 % intervals",
    )


def lags(result: ClaimResult) -> Any:
    """Endings of channels and agreements by months before and after the start of a crisis."""
    alt, data = _alt(), result.tables["lags"].assign(left=lambda d: d["lag"] - 1.4, right=lambda d: d["lag"] + 1.4)
    x = alt.X(
        "left:Q", title="months since a crisis began", scale=alt.Scale(domain=[-36, 36]), axis=alt.Axis(values=list(range(-36, 37, 6)))
    )
    y = alt.Y("low:Q", title="endings (near two crises: counted twice)")
    band = alt.Chart(data).mark_rect(color="#D9D9D9").encode(x=x, x2="right:Q", y=y, y2="high:Q")
    bars = alt.Chart(data).mark_bar(color=BLUE, opacity=0.8, width=9).encode(x=alt.X("lag:Q"), y=alt.Y("endings:Q"))
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=DARK).encode(x="x:Q")
    return _dress(
        alt.layer(band, bars, zero).properties(width=WIDTH - 60, height=240),
        "Endings of channels and agreements around crises, 1991-2021",
        "grey: middle 95 % when the crises are turned around the calendar at random",
    )


def lag_variants(result: ClaimResult) -> Any:
    """Forest plot of the order under every variant, against its range by chance."""
    alt, table = _alt(), result.tables["variants"]
    base = alt.Chart(table).encode(y=alt.Y("variant:N", sort=None, title=None))
    chart = alt.layer(
        base.mark_bar(color="#D9D9D9", height=9).encode(
            x=alt.X("difference_low:Q", title="endings after a crisis less endings before one"), x2="difference_high:Q"
        ),
        base.mark_point(filled=True, size=60).encode(x="difference:Q", **_sides("by permutation the order lies")),
    ).properties(width=WIDTH - 200, height=18 * len(table))
    return _dress(
        chart,
        "Before or after? The order under every variant",
        "grey: middle 95 % when the crises are turned around the calendar at random",
    )


def slope_by_year(result: ClaimResult) -> Any:
    """Slope of burdens on nearness across allies by year."""
    alt, data = _alt(), result.tables["by_year"].copy()
    for name in ("slope", "low", "high"):
        data[name] = 100 * (np.exp(data[name]) - 1)
    base = alt.Chart(data).encode(x=alt.X("year:Q", title="year", axis=alt.Axis(format="d"), scale=alt.Scale(zero=False)))
    chart = alt.layer(
        base.mark_area(opacity=0.18, color=BLUE).encode(
            y=alt.Y("low:Q", title=["burden of an ally one standard", "deviation nearer, per cent more"]), y2="high:Q"
        ),
        base.mark_line(color=BLUE, strokeWidth=2, point=True).encode(y="slope:Q"),
        alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=DARK, strokeDash=[3, 3]).encode(y="y:Q"),
    ).properties(width=WIDTH - 60, height=230)
    return _dress(
        chart, "Do nearer allies spend a larger share?", "slope across allies of the log of military spending over GDP; band: 95 %"
    )


def burden_variants(result: ClaimResult) -> Any:
    """Forest plot of the effect of threat on burdens."""
    table = result.tables["regressions"]
    return _dress(
        _forest(table, "variant", "percent", "change of the burden, per cent", 0.0, False),
        "Threat and burden: every variant",
        "per standard deviation of nearness, or ten points of opinion; ally and year effects, 95 % clustered on the ally",
    )


CHARTS: dict[str, dict[str, Callable[[ClaimResult], Any]]] = {
    "no_free_spread": {"timeline": timeline, "rates": rates, "survival": survival, "curve": curve, "balance": balance},
    "arms_races_disputes": {"escalation": escalation, "onset": onset},
    "channels_and_crises": {"lags": lags, "variants": lag_variants},
    "burdens_and_threat": {"by_year": slope_by_year, "variants": burden_variants},
}


def svg(chart: Any) -> str:
    """A chart as SVG text."""
    from detente.analysis.claims.extras import need

    text = str(need("vl_convert").vegalite_to_svg(chart.to_dict()))
    return re.sub(r"(\d\.\d\d)\d+", r"\1", text)  # a hundredth of a point is finer than any screen


def pictures(result: ClaimResult) -> dict[str, str]:
    """All pictures of a claim as SVG text, by name, in order."""
    return {name: svg(draw(result)) for name, draw in CHARTS.get(result.id, {}).items()}
