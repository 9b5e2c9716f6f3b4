"""Pictures of a search: how many levers it takes, and what each lever adds under each reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.report import words
from detente.report.data import CONFIDENT, phrase
from detente.report.picture import INK, PAIR, Picture, dress, heat, pivot
from detente.report.search import levers_in_words, said
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr


def pictures(ds: xr.Dataset, scenario: Scenario) -> list[Picture]:
    """Regret against number of levers, and what each lever does on average."""
    return [_by_levers(ds, scenario), *(_effects(ds, scenario, o) for o in range(ds.sizes["objective"]))]


def _by_levers(ds: xr.Dataset, scenario: Scenario) -> Picture:
    import altair as alt

    o = 0
    scale = float(ds["tolerance"][o]) * (100 if bool(ds["share"][o]) else 1)
    size, worst = ds["size"].values, ds["worst"].values * scale
    rows: list[dict[str, Any]] = [
        {
            "levers": int(s),
            "regret": round(float(w), 3),
            "kind": "smallest within reach" if near else "left after elimination",
            "name": said(ds, k),
        }
        for k, (s, w, near) in enumerate(zip(size, worst, ds["smallest"].values, strict=True))
    ]
    unit = "in 100 futures" if bool(ds["share"][o]) else str(ds["unit"].values[o])
    domain = ["left after elimination", "smallest within reach"]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=domain, range=["#9aa3ad", PAIR[0]]), legend=alt.Legend(title=None, orient="top"))
    x = alt.X("levers:O", title="number of levers", axis=alt.Axis(labelAngle=0))
    y = alt.Y("regret:Q", title=f"largest regret over the readings, {unit}", scale=alt.Scale(domainMin=0))
    dots = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, size=34, opacity=0.65).encode(x=x, y=y, color=colour)
    best = [min((r for r in rows if r["levers"] == s), key=lambda r: r["regret"]) for s in sorted({r["levers"] for r in rows})]
    line = alt.Chart(alt.Data(values=best)).mark_line(color=INK, strokeWidth=1.2).encode(x=x, y=y)
    title = f"How many levers it takes: {phrase(scenario, str(ds['objective'].values[o]))}"
    text = (
        "Packages left after elimination by number of levers and largest regret over the readings; a line joins the least of each number."
    )
    table = [
        {"levers": levers_in_words(int(r["levers"])), "what": w, "text": r["name"] if w == "package" else f"{r['regret']:.0f}"}
        for r in best
        for w in ("package", "largest regret")
    ]
    note = "One dot per package. Packages that another one of no more levers matches under every reading are not drawn."
    return Picture(
        "search_levers", title, text, dress((dots + line).properties(width=460, height=260)), note, **pivot(table, "levers", "what")
    )


def _effects(ds: xr.Dataset, scenario: Scenario, o: int) -> Picture:
    share = bool(ds["share"][o])
    rows = []
    for m, lever in enumerate(ds["lever"].values.astype(str)):
        for t, argument in enumerate(ds["argument"].values.astype(str)):
            value, wrong = float(ds["effect"][o, t, m]), CONFIDENT * float(ds["effect_error"][o, t, m])
            told = words.told_apart(value - wrong, value + wrong)
            shown = (100 if share else 1) * value if told else 0.0
            text = words.signed(value, value - wrong, value + wrong, share)
            rows.append({"package": lever.replace("_", " "), "argument": argument, "value": shown, "text": text})
    most = max([abs(float(r["value"])) for r in rows] + [1e-9])
    unit = "futures in 100" if share else str(ds["unit"].values[o])
    item = str(ds["objective"].values[o])
    chart = heat(
        [str(a) for a in ds["argument"].values],
        [str(x).replace("_", " ") for x in ds["lever"].values],
        rows,
        scheme={"range": ["#2f8074", "#f4f1ea", "#b3782d"], "domain": [-most, 0, most]},
        title=unit,
        dark_below=None,
    )
    text = f"Mean effect of each lever on {phrase(scenario, item)} over all packages of the other levers, by reading, in {unit}."
    note = (
        f"Averaged over all {ds.attrs['packages'] // 2:,} packages of the other levers, {int(ds['futures'].values[0])} futures each on the same "
        "luck; a point: the interval holds zero. Green: fewer; ochre: more."
    )
    key = f"search_effects_{item.replace('[', '_').rstrip(']')}"
    return Picture(key, f"What each lever adds: {phrase(scenario, item)}", text, chart, note, **pivot(rows, "package", "argument", "lever"))
