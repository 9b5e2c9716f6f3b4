"""`detente search --tune`: when and how much, as sentences, a table and a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.report import words
from detente.report.blocks import Block, Figure, Grid, Page
from detente.report.data import CONFIDENT, phrase
from detente.report.picture import INK, PAIR, Picture, dress, to_svg
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

SHOWN = 10
"""Plans in the table."""


def tuned(runner: Any, learnt: Mapping[str, Any], request: Any, tick: Any) -> xr.Dataset:
    """What `detente search --tune` asks for. Raises ScenarioError; one sentence where the library is missing."""
    from detente.analysis.tune import MOST, tune

    most = min(request.most, MOST)
    return tune(runner, learnt, request.levers or None, request.outcomes, request.futures, request.evaluations, most, request.seed, tick)


def page(ds: xr.Dataset, scenario: Scenario) -> Page:
    """Everything of a tuning, for the terminal and as data."""
    picture = when_and_how_much(ds, scenario)
    grid = Grid(picture.title, picture.columns, picture.rows, numeric=True)
    figure = Figure(picture.title, to_svg(picture), picture.alt, grid, picture.note, words.foot(scenario.as_of), picture.key)
    parts: tuple[Block, ...] = (*sentences(ds, scenario), table(ds, scenario), figure)
    return Page(f"{scenario.title}: when and how much, for {ds.sizes['lever']} levers", parts, data(ds))


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")


def date(year: float) -> str:
    """`mid-2023` of 2023.5: quarters in words."""
    return f"{('the start of ', 'spring ', 'mid-', 'autumn ')[round(4 * (year % 1)) % 4]}{int(year)}"


def dose(value: float) -> str:
    """A share of the shipped effect in words."""
    return "in full" if value >= 0.995 else f"at {words.hundredths(value)} in 100 of its effect"


def said(ds: xr.Dataset, k: int) -> str:
    """A plan: each lever pulled, how much, from when."""
    parts = [
        f"{_plain(lever)} {dose(float(ds['dose'][k, m]))} from {date(float(ds['start'][k, m]))}"
        for m, lever in enumerate(ds["lever"].values)
        if float(ds["dose"][k, m]) > 0
    ]
    return "; ".join(parts) or "nothing"


def sentences(ds: xr.Dataset, scenario: Scenario) -> list[str]:
    """What came out, made from the numbers."""
    what = words.listing(phrase(scenario, str(o)) for o in ds["objective"].values)
    count = int(ds["front"].sum())
    out = [
        f"{ds.sizes['plan']} plans kept by evolution, measured again on {ds.attrs['futures']:,} futures of fresh luck under each of "
        f"{ds.sizes['theory']} readings, judged by: {what}; {count} of them are on the front (no other matches them everywhere and does better "
        "somewhere). Regret is against the best plan kept; readings and outcomes are not added up.",
        f"Least regret in the worst case: {said(ds, 0)}; {_worst(ds, scenario, 0)}.",
    ]
    full = np.flatnonzero(ds["known_as"].values == "full")
    if len(full) and int(full[0]) != 0:
        out.append(f"Every lever in full from its shipped start: {_worst(ds, scenario, int(full[0]))}.")
    return out


def _place(ds: xr.Dataset, k: int) -> tuple[int, int]:
    return divmod(int(ds["worst_at"][k]), ds.sizes["theory"])


def _worst(ds: xr.Dataset, scenario: Scenario, k: int) -> str:
    o, t = _place(ds, k)
    value, wrong = float(ds["regret"][o, t, k]), CONFIDENT * float(ds["regret_error"][o, t, k])
    of = f" ({phrase(scenario, str(ds['objective'].values[o]))})" if ds.sizes["objective"] > 1 else ""
    under = f"under “{ds['argument'].values[t]}”{of}"
    if value <= wrong:
        return f"not told apart from the best {under}, where its regret is largest"
    amount = f"{words.hundredths(value)} in 100 futures" if bool(ds["share"][o]) else f"{words.figure(value)} ({ds['unit'].values[o]})"
    return f"{amount} worse than the best {under}"


def table(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """The plans of least regret: what each lever does in them, and the largest regret."""
    rows = []
    for k in _chosen(ds):
        cells = [
            f"{100 * float(ds['dose'][k, m]):.0f} from {_short(float(ds['start'][k, m]))}" if float(ds["dose"][k, m]) > 0 else "–"
            for m in range(ds.sizes["lever"])
        ]
        o, t = _place(ds, k)
        value, wrong = float(ds["regret"][o, t, k]), CONFIDENT * float(ds["regret_error"][o, t, k])
        amount = "·" if value <= wrong else words.short(value) if bool(ds["share"][o]) else words.figure(value)
        star = " *" if bool(ds["front"][k]) else ""
        what = (phrase(scenario, str(ds["objective"].values[o])),) if ds.sizes["objective"] > 1 else ()
        rows.append((amount + star, *what, str(ds["argument"].values[t]), *cells))
    note = (
        "Each lever: hundredths of its shipped effect, and the quarter it begins. Largest regret in 100 futures where the outcome is a share, else in its "
        "unit; a point: not told apart from the best. A star: on the front."
    )
    of = ("in",) if ds.sizes["objective"] > 1 else ()
    columns = ("largest regret", *of, "under", *(_plain(x) for x in ds["lever"].values))
    return Grid(
        "Plans of the least regret", columns, tuple(rows), note=note, foot=words.foot(scenario.as_of), key="search-tuned", numeric=True
    )


def _short(year: float) -> str:
    return f"{int(year)} Q{round(4 * (year % 1)) + 1}"


def _chosen(ds: xr.Dataset) -> list[int]:
    """The plans shown: those of least regret, and the two that need no evolution."""
    known = np.flatnonzero(ds["known_as"].values != "").tolist()
    return sorted({*range(min(SHOWN, ds.sizes["plan"])), *known})


def when_and_how_much(ds: xr.Dataset, scenario: Scenario) -> Picture:
    """A row per lever: when the plans of least regret begin it, and how much of it they take."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    for k in range(min(SHOWN, ds.sizes["plan"])):
        for m, lever in enumerate(ds["lever"].values):
            if float(ds["dose"][k, m]) > 0:
                kind = "least regret" if k == 0 else "next ones"
                rows.append(
                    {
                        "lever": _plain(lever),
                        "start": float(ds["start"][k, m]),
                        "dose": float(ds["dose"][k, m]),
                        "kind": kind,
                        "plan": f"plan {k + 1}",
                        "text": f"{100 * float(ds['dose'][k, m]):.0f} from {_short(float(ds['start'][k, m]))}",
                    }
                )
    order = [_plain(x) for x in ds["lever"].values]
    low, high = float(ds["earliest"].min()), float(ds.attrs["latest"])
    x = alt.X("start:Q", title="begins", scale=alt.Scale(domain=[low - 0.3, high + 0.3]), axis=alt.Axis(format="d", tickCount=8))
    y = alt.Y("lever:N", sort=order, title=None, axis=alt.Axis(labelLimit=260), scale=alt.Scale(domain=order))
    size = alt.Size(
        "dose:Q",
        scale=alt.Scale(domain=[0, 1], range=[10, 260]),
        legend=alt.Legend(title="share of the shipped effect", values=[0.2, 0.5, 1]),
    )
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=["least regret", "next ones"], range=[PAIR[0], "#9aa3ad"]), legend=alt.Legend(title=None)
    )
    data_ = alt.Data(values=rows)
    others = alt.Chart(data_).transform_filter("datum.kind == 'next ones'").mark_point(filled=True, opacity=0.45)
    first = alt.Chart(data_).transform_filter("datum.kind == 'least regret'").mark_point(filled=True, opacity=0.95, stroke=INK)
    chart = (others + first).encode(x=x, y=y, size=size, color=colour).properties(width=420, height=max(34 * len(order), 80))
    title = "When and how much: the plans of least regret"
    text = "For each lever the date at which the plans of least regret begin it, and the share of its shipped effect that they take."
    note = f"The {min(SHOWN, ds.sizes['plan'])} plans of least largest regret over the readings; a lever that a plan leaves alone has no dot in it."
    plans = list(dict.fromkeys(r["plan"] for r in rows))
    cells = {(r["plan"], r["lever"]): r["text"] for r in rows}
    body = tuple((p, *(cells.get((p, lever), "–") for lever in order)) for p in plans)
    return Picture("search_tuned", title, text, dress(chart), note, ("plan", *order), body)


def data(ds: xr.Dataset) -> Mapping[str, Any]:
    """Full figures of every plan kept."""
    theories, objectives = ds["theory"].values.astype(str), ds["objective"].values.astype(str)

    def figures(name: str, k: int) -> dict[str, dict[str, float]]:
        return {o: {t: float(ds[name][i, j, k]) for j, t in enumerate(theories)} for i, o in enumerate(objectives)}

    plans = []
    for k in range(ds.sizes["plan"]):
        pulled = {
            str(lever): {"dose": float(ds["dose"][k, m]), "start": float(ds["start"][k, m])}
            for m, lever in enumerate(ds["lever"].values)
            if float(ds["dose"][k, m]) > 0
        }
        row: dict[str, Any] = {"levers": pulled, "known_as": str(ds["known_as"].values[k]), "front": bool(ds["front"][k])}
        row["largest_regret_in_tolerances"] = float(ds["worst"][k])
        plans.append(row | {name: figures(name, k) for name in ("mean", "regret", "regret_error")})
    kept = ("scenario", "as_of", "futures", "simulated")
    return {**{name: ds.attrs[name] for name in kept}, "theories": list(theories), "outcomes": list(objectives), "plans": plans}
