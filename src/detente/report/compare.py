"""`detente compare`: packages × theories × outcomes × actors as tables, sentences and a picture. No average over theories anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analysis import compare as comparing
from detente.analysis.questions import answers
from detente.report import tables, words
from detente.report.blocks import Block, Figure, Grid, Page
from detente.report.data import (
    CONFIDENT,
    at,
    better,
    cell,
    expected,
    gain,
    main_elements,
    packages,
    phrase,
    question_items,
    readings,
    yardstick,
)
from detente.report.picture import Picture, dress, pivot, to_svg
from detente.report.show import TABLES, day, label
from detente.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

HEADLINES = ("crisis", "clash", "war_third", "containment", "joint", "reopened")
"""Outcomes of the first view: one or two for each question."""
Moves = Mapping[str, Mapping[str, Mapping[str, tuple[float, float]]]]
"""Item → parameter → theory → (first-order index, half-width of its interval)."""


def first_view(ds: xr.Dataset, scenario: Scenario) -> list[str]:
    """Items that stand in the first view, those that the result has."""
    known = dict.fromkeys(str(i) for i in ds["item"].values)
    names = [f"{n}[{e}]" if e else n for n in HEADLINES for e in main_elements(ds, scenario, n)[:1]]
    found = [name for name in names if name in known]
    return found or [i for i in known if better(ds, i)][:3]


def blocks(ds: xr.Dataset, scenario: Scenario, items: Sequence[str] = (), moves: Moves | None = None) -> tuple[Block, ...]:
    """Everything of the first view, for terminal and report alike."""
    shown = list(items) or first_view(ds, scenario)
    out: list[Block] = [*sentences(ds, scenario, moves)]
    if ds.sizes["policy"] > 1:
        regret = tables.worst_case(ds, scenario)
        out += [*((tables.survival_ranges(ds, scenario),) if scenario.values else ()), *((regret,) if regret else ())]
        return (*out, *compared(ds, scenario, shown))
    return (*out, spreads(ds, scenario, shown))


def compared(ds: xr.Dataset, scenario: Scenario, items: Sequence[str] = ()) -> tuple[Block, ...]:
    """Packages side by side: differences and regret by item, dominance, who gains and loses, orders, the four spreads."""
    shown = list(items) or first_view(ds, scenario)
    by_item = (packages_of(ds, scenario, item) for item in shown)
    return (*by_item, dominated(ds, scenario, shown), gainers(ds, scenario), orders(ds, scenario, shown), spreads(ds, scenario, shown))


def page(ds: xr.Dataset, scenario: Scenario, items: Sequence[str] = (), moves: Moves | None = None) -> Page:
    """What `detente compare` prints."""
    counts = [f"{n} {TABLES[t]}" for t in ("at", "off", "baseline") if (n := sum(r.table == t for r in readings(ds)))]
    lead = (
        f"{ds.sizes['policy']} packages × {ds.sizes['theory']} readings ({words.listing(counts)}), {ds.attrs['futures']} futures each, "
        "packages on the same luck. Adopted and kept, unless a column says otherwise."
    )
    title = f"{scenario.title}: packages compared. As of {day(scenario.as_of)}"
    return Page(title, (lead, *blocks(ds, scenario, items, moves)), data(ds, scenario, list(items) or first_view(ds, scenario), moves))


def sentences(ds: xr.Dataset, scenario: Scenario, moves: Moves | None = None) -> list[str]:
    """Each question answered in a sentence made from numbers, with its range across readings, and what moves it."""
    out = []
    for answer in answers(ds, scenario):
        said = " ".join(answer.sentences)
        out.append(f"{answer.question}. {answer.text} {said} {moved(ds, scenario, answer.question, moves)}".rstrip())
    return out


def moved(ds: xr.Dataset, scenario: Scenario, question: str, moves: Moves | None) -> str:
    """On which parameters the first outcome of a question turns within the readings at the table."""
    item = next((i for i in question_items(ds, scenario).get(question, ()) if moves and i in moves), None)
    if item is None or moves is None:
        return ""
    of, name = len(tables.at_table(ds)), phrase(scenario, item, bare=True)
    if not moves[item]:
        return f"Within most readings no one parameter can be named on which {name} turns."
    named = []
    for p, found in moves[item].items():
        low, high = (round(100 * f(i for i, _ in found.values())) for f in (min, max))
        named.append(f"{parameter(scenario, p)} ({low} to {high} in 100 of its variance, under {len(found)} of {of})")
    return f"Within a reading, {name} turns most on {words.listing(named)}."


def parameter(scenario: Scenario, name: str) -> str:
    """A parameter's name with the label of its element: `provocation`, `burden (west)`."""
    head, _, element = name.partition("[")
    return f"{head} ({label(scenario, element.rstrip(']'))})" if element else head


def packages_of(ds: xr.Dataset, scenario: Scenario, item: str) -> Grid:
    """One outcome, all packages: three columns, under how many readings it is better and worse, and the largest regret."""
    table, away = tables.at_table(ds), [r.id for r in readings(ds) if r.table == "off"]
    heard = tuple(dict.fromkeys(r.table for r in readings(ds) if r.id in table))
    worst = comparing.worst_regret(ds, heard).sel(item=item)
    share, sign = bool(at(ds, "share", item=item)), better(ds, item)
    rows = []
    for policy, name in packages(ds).items():
        base = policy == yardstick(ds)
        agreed = [float(at(ds, "agreed", theory=t, policy=policy)) for t in table]
        one = worst.sel(policy=policy)
        rows.append(
            (
                name,
                _span([cell(ds, t, policy, item).mean for t in table], share),
                "" if base else _count(ds, table, policy, item, sign),
                "" if base else _count(ds, away, policy, item, sign),
                "" if base else _span(agreed, True),
                _span([expected(ds, t, policy, item) for t in table], share),
                _regret(float(one["regret"]), float(one["regret_error"]), share),
            )
        )
    verdict = "better / worse" if sign else "more / less"
    columns = (
        "package",
        "if adopted and kept",
        f"{verdict}, of {len(table)} at the table",
        f"{verdict}, of {len(away)} not at it",
        "agreed, in 100",
        "expected",
        "largest regret",
    )
    unit = "futures in 100" if share else str(at(ds, "unit", item=item))
    note = (
        f"In {unit}: lowest and highest of {len(table)} readings at the table, never an average. Better or worse than no change where the paired "
        "interval excludes zero. Regret: how far the best package for this outcome does better on the same futures, in its worst reading."
    )
    return Grid(f"{phrase(scenario, item)}", columns, tuple(rows), note=note, foot=tables.foot(ds), key=f"compare-{item}", numeric=True)


def _span(values: Sequence[float], share: bool) -> str:
    known = [v for v in values if np.isfinite(v)]
    if not known:
        return "unknown"
    low, high = (words.short(v) if share else words.figure(v) for v in (min(known), max(known)))
    return low if low == high else f"{low} – {high}"


def _count(ds: xr.Dataset, theories: Sequence[str], policy: str, item: str, sign: int) -> str:
    found = [gain(ds, t, policy, item) for t in theories]
    good, bad = (sum(words.told_apart(low, high) and s * (sign or 1) * m > 0 for m, low, high in found) for s in (1, -1))
    return f"{good} / {bad}" if good or bad else "·"


def _regret(value: float, error: float, share: bool) -> str:
    if not np.isfinite(value):
        return ""
    if value <= CONFIDENT * error or value == 0:
        return "·"
    return words.hundredths(value) if share else words.figure(value)


def dominated(ds: xr.Dataset, scenario: Scenario, items: Sequence[str]) -> Grid:
    """Which package is at least as good in every outcome shown and better in one, under how many readings at the table."""
    names = list(dict.fromkeys(i.partition("[")[0] for i in items))
    heard = tuple(dict.fromkeys(r.table for r in readings(ds) if r.id in tables.at_table(ds)))
    found = comparing.beats(ds.isel(item=np.isin(ds["item"].values.astype(str), list(items))), names, heard)
    said, of = packages(ds), len(tables.at_table(ds))
    pairs = [(int(found.sel(policy=p, other=q)), p, q) for p in said for q in said if int(found.sel(policy=p, other=q)) * 2 > of]
    rows = tuple((said[p], said[q], f"{n} of {of}") for n, p, q in sorted(pairs, key=lambda x: -x[0])[:20])
    note = (
        f"Over {len(items)} outcomes shown: none told apart against the package, one at least in its favour, on the same futures. "
        f"{'Pairs that hold under more than half of the readings.' if rows else 'No pair holds under more than half of the readings.'}"
    )
    return Grid("Dominance", ("package", "dominates", "under"), rows, note=note, foot=tables.foot(ds), key="dominance")


def gainers(ds: xr.Dataset, scenario: Scenario) -> Grid:
    """Who gains and who loses: per package and actor, under how many readings at the table."""
    found = comparing.who_gains(comparing.at_table(ds, ("at",)) if any(r.table == "at" for r in readings(ds)) else ds)["verdict"]
    actors = [str(a) for a in ds["actor"].values]
    rows = []
    for policy, name in packages(ds).items():
        if policy != yardstick(ds):
            one = found.sel(policy=policy)
            cells = [[int((one.sel(actor=a) == v).sum()) for v in (comparing.GAINS, comparing.LOSES, comparing.MIXED)] for a in actors]
            rows.append((name, *("·" if not sum(c) else "/".join(map(str, c)) for c in cells)))
    note = (
        f"Gains / loses / better in some and worse in others of its own outcomes ({words.listing(comparing.ACTOR_OUTCOMES)}), under how many of "
        f"{found.sizes['theory']} readings. ·: under none."
    )
    columns = ("package", *(label(scenario, a) for a in actors))
    return Grid("Who gains and who loses", columns, tuple(rows), note=note, foot=tables.foot(ds), key="who-gains", numeric=True)


def orders(ds: xr.Dataset, scenario: Scenario, items: Sequence[str]) -> Grid:
    """Do the readings put the packages in one order? Rank correlation, lowest and highest pair."""
    some = comparing.at_table(ds, ("at", "off"))
    found = comparing.orders(some)
    said = dict(zip(some["theory"].values.astype(str), some["argument"].values.astype(str), strict=True))
    rows = []
    for item in items:
        matrix = found.sel(item=item).values
        upper = [(matrix[i, j], i, j) for i in range(len(matrix)) for j in range(i) if np.isfinite(matrix[i, j])]
        if upper:
            (low, i, j), high = min(upper), max(upper)[0]
            names = [said[str(some["theory"].values[k])] for k in sorted((i, j))]
            rows.append((phrase(scenario, item), *words.alike(low, high), f"“{names[0]}” and “{names[1]}”"))
    note = "Spearman's rank correlation of the packages between two readings: 1 the same order, −1 the reverse, of all readings but the yardstick."
    columns = ("outcome", "lowest", "highest", "the pair that agrees least")
    return Grid(
        "Do the readings order the packages alike?", columns, tuple(rows), note=note, foot=tables.foot(ds), key="orders", numeric=False
    )


def spreads(ds: xr.Dataset, scenario: Scenario, items: Sequence[str]) -> Grid:
    """The four spreads of each outcome, kept apart, and what would shrink each."""
    found = comparing.spreads(ds)
    rows = []
    for item in items:
        one = found.sel(item=item)
        middles = [float(np.nanmedian(one[k])) for k in ("parameters", "luck", "error")]
        rows.append((phrase(scenario, item), *words.alike(float(one["between"]), *middles)))
    columns = ("outcome", "between readings", "parameters", "luck", "Monte Carlo error")
    note = (
        "Standard deviations under no change, in the outcome's own unit (a share: of 1); the last three are medians over readings. More talk shrinks "
        "the first, a better record the second, nothing the third, more particles the fourth."
    )
    return Grid("Four spreads", columns, tuple(rows), note=note, foot=tables.foot(ds), key="spreads", numeric=True)


def by_reading(ds: xr.Dataset, scenario: Scenario, item: str) -> Grid:
    """One outcome in full: what each package changes under each reading."""
    share = bool(at(ds, "share", item=item))
    rows = []
    for policy, name in packages(ds).items():
        if policy == yardstick(ds):
            rows.append((name, *(cell(ds, r.id, policy, item).short() for r in readings(ds))))
        else:
            rows.append((name, *(words.signed(*gain(ds, r.id, policy, item), share=share) for r in readings(ds))))
    columns = ("package", *(r.argument if r.table != "off" else f"{r.argument} ({TABLES['off']})" for r in readings(ds)))
    note = "First line: no change. Below: differences to it on the same futures; ·: the interval holds zero."
    return Grid(
        f"{phrase(scenario, item)}, by reading", columns, tuple(rows), note=note, foot=tables.foot(ds), key=f"by-{item}", numeric=True
    )


def data(ds: xr.Dataset, scenario: Scenario, items: Sequence[str], moves: Moves | None = None) -> dict[str, Any]:
    """The same as plain data, every figure with its error, for the items shown."""
    head = {key: ds.attrs[key] for key in ("scenario", "version", "seed", "futures", "as_of", "digest")}
    names = ("mean", "error", "low", "high", "gain", "gain_error", "regret", "regret_error", "expected")
    readings_ = {
        r.id: {
            "argument": r.argument,
            "table": r.table,
            "policies": {
                p: {
                    "agreed": [float(at(ds, k, theory=r.id, policy=p)) for k in ("agreed_low", "agreed", "agreed_high")],
                    "survival": {v: float(at(ds, "survival", theory=r.id, policy=p, profile=v)) for v in ds["profile"].values.astype(str)},
                    "items": {i: {k: float(at(ds, k, theory=r.id, policy=p, item=i)) for k in names} for i in items},
                }
                for p in packages(ds)
            },
        }
        for r in readings(ds)
    }
    found = {a.question: {"text": a.text, "sentences": list(a.sentences)} for a in answers(ds, scenario)}
    return {"schema": 1, **head, "foot": tables.foot(ds), "questions": found, "theories": readings_, "moved_by": moves or {}}


# --------------------------------------------------------------------------------------------------------------- the picture


def adopted_and_expected(ds: xr.Dataset, scenario: Scenario, item: str) -> Picture:
    """What each package changes if adopted and kept, and what is to be expected: a mark per reading at the table."""
    import altair as alt

    base, table = yardstick(ds), tables.at_table(ds)
    share = bool(at(ds, "share", item=item))
    scale = 100.0 if share else 1.0
    rows: list[dict[str, Any]] = []
    for policy, name in packages(ds).items():
        if policy == base:
            continue
        for t in table:
            here = cell(ds, t, base, item).mean
            both = {"if adopted and kept": gain(ds, t, policy, item)[0], "expected": expected(ds, t, policy, item) - here}
            rows += [
                {"package": name, "column": c, "value": scale * v, "text": words.figure(scale * v)}
                for c, v in both.items()
                if np.isfinite(v)
            ]
    kinds = ["if adopted and kept", "expected"]
    unit = "futures in 100" if share else str(at(ds, "unit", item=item))
    place = alt.Y(
        "package:N", sort=[n for p, n in packages(ds).items() if p != base], title=None, axis=alt.Axis(labelLimit=300, ticks=False)
    )
    marks = alt.Chart(alt.Data(values=rows)).mark_tick(thickness=2.2, height=8)
    chart = marks.encode(
        x=alt.X("value:Q", title=f"difference to no change, {unit}", scale=alt.Scale(nice=True, padding=8)),
        y=place,
        yOffset=alt.YOffset("column:N", sort=kinds),
        color=alt.Color(
            "column:N",
            sort=kinds,
            scale=alt.Scale(domain=kinds, range=["#b3782d", "#51618f"]),
            legend=alt.Legend(title=None, orient="top", symbolOpacity=1),
        ),
    ).properties(width=430, height=26 * (ds.sizes["policy"] - 1))
    zero = alt.Chart(alt.Data(values=[{"value": 0}])).mark_rule(color="#68707a").encode(x="value:Q")
    ranges = [
        {"package": p, "column": k, "text": _ends([r["value"] for r in rows if r["package"] == p and r["column"] == k])}
        for p in dict.fromkeys(r["package"] for r in rows)
        for k in kinds
    ]
    said = f"{phrase(scenario, item)}: what each package changes if adopted and kept, and what is to be expected, a mark per reading at the table."
    note = "One mark per reading. Expected: agreed as often as the reading says, otherwise no change; the chance of being agreed is assumed, a range."
    key = f"expected_{item.replace('[', '_').rstrip(']')}"
    title = f"Adopted and expected: {phrase(scenario, item)}"
    return Picture(key, title, said, dress(zero + chart), note, **pivot(ranges, "package", "column"))


def _ends(values: Sequence[float]) -> str:
    return " to ".join(dict.fromkeys(words.figure(v, 1) for v in (min(values), max(values)))) if values else "unknown"


def figures(ds: xr.Dataset, scenario: Scenario, items: Sequence[str] = ()) -> list[Figure]:
    """Pictures of the comparison, ready for the report: the table stands behind each."""
    out = []
    for item in list(items) or first_view(ds, scenario)[:2]:
        p = adopted_and_expected(ds, scenario, item)
        behind = Grid(p.title, p.columns, p.rows, numeric=True)
        out.append(Figure(p.title, to_svg(p), p.alt, behind, p.note, tables.foot(ds), p.key))
    return out
